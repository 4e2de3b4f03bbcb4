"""Who may come in: sessions, sign-in links, tokens, the audit of who looked at what"""

import sqlalchemy as sa
from alembic import op


revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('access_session',
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.Column('participant_id', sa.String(length=120), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('roles', sa.Text(), nullable=False),
    sa.Column('way', sa.String(length=10), nullable=False),
    sa.Column('begun_at', sa.String(length=32), nullable=False),
    sa.Column('seen_at', sa.String(length=32), nullable=False),
    sa.Column('ends_at', sa.String(length=32), nullable=False),
    sa.PrimaryKeyConstraint('hash')
    )
    op.create_index('ix_access_session_participant_id', 'access_session', ['participant_id'], unique=False)
    op.create_table('sign_in_link',
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('roles', sa.Text(), nullable=False),
    sa.Column('made_at', sa.String(length=32), nullable=False),
    sa.Column('ends_at', sa.String(length=32), nullable=False),
    sa.Column('used_at', sa.String(length=32), nullable=True),
    sa.PrimaryKeyConstraint('hash')
    )
    op.create_table('api_token',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('scopes', sa.Text(), nullable=False),
    sa.Column('made_by', sa.Text(), nullable=False),
    sa.Column('made_at', sa.String(length=32), nullable=False),
    sa.Column('ends_at', sa.String(length=32), nullable=True),
    sa.Column('used_at', sa.String(length=32), nullable=True),
    sa.Column('revoked_at', sa.String(length=32), nullable=True),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('hash')
    )
    op.create_table('access_audit',
    sa.Column('sequence', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('participant_id', sa.String(length=120), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('roles', sa.Text(), nullable=False),
    sa.Column('what', sa.String(length=40), nullable=False),
    sa.Column('reference', sa.Text(), nullable=False),
    sa.Column('details', sa.Text(), nullable=False),
    sa.Column('at', sa.String(length=32), nullable=False),
    sa.Column('previous_hash', sa.String(length=64), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('sequence')
    )
    op.create_index('access_audit_by_reference', 'access_audit', ['reference', 'sequence'], unique=False)
    op.create_index('access_audit_by_participant', 'access_audit', ['participant_id', 'sequence'], unique=False)
    _refuse_changes()


# As in 0001: append-only, and on SQLite also no INSERT OR REPLACE. append_only() is there since 0001.
_SQLITE = """
CREATE TRIGGER access_audit_no_update BEFORE UPDATE ON access_audit
BEGIN SELECT RAISE(ABORT, 'access_audit is append-only'); END;
CREATE TRIGGER access_audit_no_delete BEFORE DELETE ON access_audit
BEGIN SELECT RAISE(ABORT, 'access_audit is append-only'); END;
CREATE TRIGGER access_audit_no_replace BEFORE INSERT ON access_audit
WHEN EXISTS (SELECT 1 FROM access_audit WHERE sequence = NEW.sequence)
BEGIN SELECT RAISE(ABORT, 'access_audit is append-only'); END;
"""

_POSTGRESQL = """
CREATE TRIGGER access_audit_no_change BEFORE UPDATE OR DELETE ON access_audit
FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER access_audit_no_truncate BEFORE TRUNCATE ON access_audit
FOR EACH STATEMENT EXECUTE FUNCTION append_only();
ALTER TABLE access_audit ENABLE ALWAYS TRIGGER access_audit_no_change;
ALTER TABLE access_audit ENABLE ALWAYS TRIGGER access_audit_no_truncate;
"""


def _refuse_changes() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(_POSTGRESQL)
    else:
        for statement in _SQLITE.strip().split("END;"):
            if statement.strip():
                connection.exec_driver_sql(f"{statement} END;")
