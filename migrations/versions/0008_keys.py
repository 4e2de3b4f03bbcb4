"""Entries carry a seal made with a key"""

from alembic import context, op
import sqlalchemy as sa


revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('seal',
    sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('of', sa.String(length=20), nullable=False),
    sa.Column('entry', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=12), nullable=False),
    sa.Column('seal', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('number'),
    sa.UniqueConstraint('of', 'entry')
    )
    op.create_table('record_check',
    sa.Column('day', sa.String(length=10), nullable=False),
    sa.Column('began_at', sa.String(length=32), nullable=False),
    sa.Column('ended_at', sa.String(length=32), nullable=True),
    sa.Column('entries', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('seal', sa.String(length=64), nullable=False),
    sa.Column('damage', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('day')
    )
    connection = op.get_bind()
    _seal_what_is_there(connection)
    for statement in _POSTGRESQL if connection.dialect.name == 'postgresql' else _SQLITE:
        connection.exec_driver_sql(statement)


def _seal_what_is_there(connection) -> None:
    """From here on a seal shows what is changed; what was changed before, only the chains show."""
    tables = ('trail_entry', 'policy_trail', 'access_audit')
    if any(connection.exec_driver_sql(f'SELECT 1 FROM {table} LIMIT 1').first() for table in tables):
        from amends.incidents.seals import seal_all

        seal_all(connection, context.config.attributes['keys']())


_SQLITE = (
    """CREATE TRIGGER seal_no_update BEFORE UPDATE ON seal
    BEGIN SELECT RAISE(ABORT, 'seal is append-only'); END""",
    """CREATE TRIGGER seal_no_delete BEFORE DELETE ON seal
    BEGIN SELECT RAISE(ABORT, 'seal is append-only'); END""",
    """CREATE TRIGGER seal_no_replace BEFORE INSERT ON seal
    WHEN EXISTS (SELECT 1 FROM seal WHERE number = NEW.number OR ("of" = NEW."of" AND entry = NEW.entry))
    BEGIN SELECT RAISE(ABORT, 'seal is append-only'); END""",
)

_POSTGRESQL = (
    """CREATE TRIGGER seal_no_change BEFORE UPDATE OR DELETE ON seal
    FOR EACH ROW EXECUTE FUNCTION append_only()""",
    """CREATE TRIGGER seal_no_truncate BEFORE TRUNCATE ON seal
    FOR EACH STATEMENT EXECUTE FUNCTION append_only()""",
    "ALTER TABLE seal ENABLE ALWAYS TRIGGER seal_no_change",
    "ALTER TABLE seal ENABLE ALWAYS TRIGGER seal_no_truncate",
)
