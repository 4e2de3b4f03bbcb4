"""Erasure, legal hold and retention"""

from alembic import op
import sqlalchemy as sa


revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('legal_hold',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('incident_id', sa.Integer(), nullable=True),
    sa.Column('participant_id', sa.String(length=120), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('placed_by', sa.String(length=120), nullable=False),
    sa.Column('placed_at', sa.String(length=32), nullable=False),
    sa.Column('lifted_by', sa.String(length=120), nullable=True),
    sa.Column('lifted_at', sa.String(length=32), nullable=True),
    sa.ForeignKeyConstraint(['incident_id'], ['incident.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('legal_hold_now', 'legal_hold', ['lifted_at', 'incident_id', 'participant_id'], unique=False)
    connection = op.get_bind()
    for statement in _POSTGRESQL if connection.dialect.name == "postgresql" else _SQLITE:
        connection.exec_driver_sql(statement)


# A payload may go when a later entry of its incident says that it was erased, and an entry of the audit when the last
# one says that it is let go of. Nothing else may, and what says so may not go itself.
_SQLITE = (
    "DROP TRIGGER trail_payload_no_delete",
    """CREATE TRIGGER trail_payload_no_delete BEFORE DELETE ON trail_payload
WHEN NOT EXISTS (
    SELECT 1 FROM trail_entry gone
    JOIN trail_entry says ON says.incident_id = gone.incident_id AND says.sequence > gone.sequence
        AND says.kind = 'erased'
    JOIN trail_payload list ON list.entry_id = says.id
    JOIN json_each(list.body, '$.entries') named ON named.value = gone.sequence
    WHERE gone.id = OLD.entry_id AND gone.kind <> 'erased')
BEGIN SELECT RAISE(ABORT, 'trail_payload is append-only'); END""",
    "DROP TRIGGER access_audit_no_delete",
    """CREATE TRIGGER access_audit_no_delete BEFORE DELETE ON access_audit
WHEN NOT EXISTS (
    SELECT 1 FROM access_audit says WHERE says.sequence = (SELECT max(sequence) FROM access_audit)
        AND says.what = 'retention' AND json_extract(says.details, '$.audit_through') >= OLD.sequence)
BEGIN SELECT RAISE(ABORT, 'access_audit is append-only'); END""",
)

_POSTGRESQL = (
    """CREATE FUNCTION payload_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND EXISTS (
        SELECT 1 FROM trail_entry gone
        JOIN trail_entry says ON says.incident_id = gone.incident_id AND says.sequence > gone.sequence
            AND says.kind = 'erased'
        JOIN trail_payload list ON list.entry_id = says.id
        WHERE gone.id = OLD.entry_id AND gone.kind <> 'erased'
            AND (list.body::jsonb -> 'entries') @> to_jsonb(gone.sequence))
    THEN RETURN OLD; END IF;
    RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only';
END $$""",
    """CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND EXISTS (
        SELECT 1 FROM access_audit says WHERE says.sequence = (SELECT max(sequence) FROM access_audit)
            AND says.what = 'retention' AND (says.details::jsonb ->> 'audit_through')::bigint >= OLD.sequence)
    THEN RETURN OLD; END IF;
    RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only';
END $$""",
    "DROP TRIGGER trail_payload_no_change ON trail_payload",
    """CREATE TRIGGER trail_payload_no_change BEFORE UPDATE OR DELETE ON trail_payload
FOR EACH ROW EXECUTE FUNCTION payload_append_only()""",
    "ALTER TABLE trail_payload ENABLE ALWAYS TRIGGER trail_payload_no_change",
    "DROP TRIGGER access_audit_no_change ON access_audit",
    """CREATE TRIGGER access_audit_no_change BEFORE UPDATE OR DELETE ON access_audit
FOR EACH ROW EXECUTE FUNCTION audit_append_only()""",
    "ALTER TABLE access_audit ENABLE ALWAYS TRIGGER access_audit_no_change",
)
