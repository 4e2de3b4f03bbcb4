"""The record"""

import sqlalchemy as sa
from alembic import op


revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('clause_version',
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.Column('clause_id', sa.Text(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('first_used_at', sa.String(length=32), nullable=False),
    sa.PrimaryKeyConstraint('hash')
    )
    op.create_table('command',
    sa.Column('key', sa.String(length=200), nullable=False),
    sa.Column('result', sa.Text(), nullable=False),
    sa.Column('done_at', sa.String(length=32), nullable=False),
    sa.PrimaryKeyConstraint('key')
    )
    op.create_table('flow_version',
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.Column('flow_id', sa.Text(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('first_used_at', sa.String(length=32), nullable=False),
    sa.PrimaryKeyConstraint('hash')
    )
    op.create_table('participant',
    sa.Column('id', sa.String(length=120), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('first_seen', sa.String(length=32), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('reference_counter',
    sa.Column('year', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('last', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('year')
    )
    op.create_table('conversation',
    sa.Column('id', sa.String(length=120), nullable=False),
    sa.Column('participant_id', sa.String(length=120), nullable=False),
    sa.Column('incident_id', sa.Integer(), nullable=True),
    sa.Column('pending', sa.Text(), nullable=True),
    sa.Column('started_at', sa.String(length=32), nullable=False),
    sa.ForeignKeyConstraint(['participant_id'], ['participant.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('delivery',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=120), nullable=False),
    sa.Column('conversation_id', sa.String(length=120), nullable=False),
    sa.Column('participant_id', sa.String(length=120), nullable=False),
    sa.Column('source', sa.String(length=20), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('received_at', sa.String(length=32), nullable=False),
    sa.Column('replies', sa.Text(), nullable=True),
    sa.Column('handled_at', sa.String(length=32), nullable=True),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], ),
    sa.ForeignKeyConstraint(['participant_id'], ['participant.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('key')
    )
    op.create_index('delivery_by_conversation', 'delivery', ['conversation_id', 'id'], unique=False)
    op.create_table('incident',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('reference', sa.String(length=20), nullable=False),
    sa.Column('conversation_id', sa.String(length=120), nullable=False),
    sa.Column('reporter_id', sa.String(length=120), nullable=False),
    sa.Column('channel', sa.String(length=20), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('state_number', sa.Integer(), nullable=False),
    sa.Column('flow_id', sa.Text(), nullable=False),
    sa.Column('flow_version', sa.String(length=64), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('answers', sa.Text(), nullable=False),
    sa.Column('understood', sa.Text(), nullable=False),
    sa.Column('asked', sa.Text(), nullable=True),
    sa.Column('history', sa.Text(), nullable=False),
    sa.Column('decision', sa.Text(), nullable=True),
    sa.Column('level', sa.Integer(), nullable=True),
    sa.Column('done', sa.Text(), nullable=False),
    sa.Column('reported_at', sa.String(length=32), nullable=False),
    sa.Column('closed_at', sa.String(length=32), nullable=True),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], ),
    sa.ForeignKeyConstraint(['flow_version'], ['flow_version.hash'], ),
    sa.ForeignKeyConstraint(['reporter_id'], ['participant.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('reference')
    )
    op.create_index('incident_by_reporter', 'incident', ['reporter_id', 'state'], unique=False)
    op.create_table('trail_entry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('incident_id', sa.Integer(), nullable=False),
    sa.Column('sequence', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('actor_id', sa.String(length=120), nullable=False),
    sa.Column('source', sa.String(length=20), nullable=False),
    sa.Column('said_at', sa.String(length=32), nullable=False),
    sa.Column('recorded_at', sa.String(length=32), nullable=False),
    sa.Column('flow_version', sa.String(length=64), nullable=False),
    sa.Column('clauses', sa.Text(), nullable=False),
    sa.Column('supersedes', sa.Integer(), nullable=True),
    sa.Column('payload_digest', sa.String(length=64), nullable=False),
    sa.Column('previous_hash', sa.String(length=64), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['incident_id'], ['incident.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('incident_id', 'sequence')
    )
    op.create_table('trail_payload',
    sa.Column('entry_id', sa.Integer(), nullable=False),
    sa.Column('salt', sa.String(length=64), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['entry_id'], ['trail_entry.id'], ),
    sa.PrimaryKeyConstraint('entry_id')
    )
    _refuse_changes()


# The trail is append-only. SQLite's INSERT OR REPLACE deletes without firing a delete trigger, so an insert in a
# taken place is refused too.
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

_FUNCTION = """
CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ' is append-only'; END $$;
"""

_TABLES = {
    "trail_entry": "id = NEW.id OR (incident_id = NEW.incident_id AND sequence = NEW.sequence)",
    "trail_payload": "entry_id = NEW.entry_id",
    "flow_version": "hash = NEW.hash AND NEW.source <> source",
    "clause_version": "hash = NEW.hash AND NEW.body <> body",
}


def _refuse_changes() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(_FUNCTION)
        for table in _TABLES:
            connection.exec_driver_sql(_POSTGRESQL.format(table=table))
    else:
        for table, same in _TABLES.items():
            for statement in _SQLITE.format(table=table, same=same).strip().split("END;"):
                if statement.strip():
                    connection.exec_driver_sql(f"{statement} END;")
