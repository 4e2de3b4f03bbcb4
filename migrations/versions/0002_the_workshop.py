"""The workshop: versions of flows and policies, drafts, requests, the policy trail"""

import sqlalchemy as sa
from alembic import op


revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('document_version',
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('first_published_at', sa.String(length=32), nullable=False),
    sa.PrimaryKeyConstraint('kind', 'name', 'hash')
    )
    op.create_table('policy_trail',
    sa.Column('sequence', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('document_kind', sa.String(length=10), nullable=False),
    sa.Column('document_name', sa.String(length=80), nullable=False),
    sa.Column('version', sa.String(length=64), nullable=True),
    sa.Column('previous', sa.String(length=64), nullable=True),
    sa.Column('actor_id', sa.String(length=120), nullable=False),
    sa.Column('actor_name', sa.Text(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('details', sa.Text(), nullable=False),
    sa.Column('at', sa.String(length=32), nullable=False),
    sa.Column('previous_hash', sa.String(length=64), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('sequence')
    )
    op.create_index('policy_trail_by_document', 'policy_trail', ['document_kind', 'document_name', 'kind', 'sequence'], unique=False)
    op.create_index('policy_trail_by_kind', 'policy_trail', ['kind', 'sequence'], unique=False)
    op.create_table('draft',
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('text', sa.Text(), nullable=True),
    sa.Column('base', sa.String(length=64), nullable=True),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('owner_id', sa.String(length=120), nullable=False),
    sa.Column('owner_name', sa.Text(), nullable=False),
    sa.Column('at', sa.String(length=32), nullable=False),
    sa.PrimaryKeyConstraint('kind', 'name')
    )
    op.create_table('publish_request',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('version', sa.String(length=64), nullable=False),
    sa.Column('base', sa.String(length=64), nullable=True),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('owner_id', sa.String(length=120), nullable=False),
    sa.Column('owner_name', sa.Text(), nullable=False),
    sa.Column('asked_at', sa.String(length=32), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('decided_by_id', sa.String(length=120), nullable=True),
    sa.Column('decided_by_name', sa.Text(), nullable=True),
    sa.Column('decided_at', sa.String(length=32), nullable=True),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('publish_request_by_document', 'publish_request', ['kind', 'name', 'state'], unique=False)
    _refuse_changes()


# As in 0001: append-only, and on SQLite also no INSERT OR REPLACE. append_only() is there since 0001.
_SQLITE = """
CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;
CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;
CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table}
WHEN EXISTS (SELECT 1 FROM {table} WHERE {same})
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;
"""

_POSTGRESQL = """
CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION append_only();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_change;
ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_truncate;
"""

_TABLES = {
    "policy_trail": "sequence = NEW.sequence",
    "document_version": "kind = NEW.kind AND name = NEW.name AND hash = NEW.hash AND NEW.text <> text",
}


def _refuse_changes() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        for table in _TABLES:
            connection.exec_driver_sql(_POSTGRESQL.format(table=table))
    else:
        for table, same in _TABLES.items():
            for statement in _SQLITE.format(table=table, same=same).strip().split("END;"):
                if statement.strip():
                    connection.exec_driver_sql(f"{statement} END;")
