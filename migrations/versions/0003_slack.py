"""Slack: what comes in, what goes out, reminders, evidence, who is involved, what leads do"""

import sqlalchemy as sa
from alembic import op


revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('inbound',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=200), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('lane', sa.String(length=120), nullable=False),
    sa.Column('payload', sa.Text(), nullable=False),
    sa.Column('received_at', sa.String(length=32), nullable=False),
    sa.Column('not_before', sa.String(length=32), nullable=False),
    sa.Column('claimed_until', sa.String(length=32), nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('last_error', sa.Text(), nullable=True),
    sa.Column('handled_at', sa.String(length=32), nullable=True),
    sa.Column('set_aside', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('key')
    )
    op.create_index('inbound_waiting', 'inbound', ['handled_at', 'lane', 'id'], unique=False)
    op.create_table('outgoing',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=200), nullable=False),
    sa.Column('to', sa.String(length=300), nullable=False),
    sa.Column('thread', sa.String(length=20), nullable=True),
    sa.Column('action', sa.String(length=12), nullable=False),
    sa.Column('slot', sa.String(length=160), nullable=True),
    sa.Column('draw', sa.String(length=40), nullable=True),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('then', sa.String(length=40), nullable=True),
    sa.Column('incident_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.String(length=32), nullable=False),
    sa.Column('not_before', sa.String(length=32), nullable=False),
    sa.Column('started_at', sa.String(length=32), nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('last_error', sa.Text(), nullable=True),
    sa.Column('sent_at', sa.String(length=32), nullable=True),
    sa.Column('ts', sa.String(length=20), nullable=True),
    sa.Column('dead_at', sa.String(length=32), nullable=True),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('key')
    )
    op.create_index('outgoing_slot', 'outgoing', ['slot', 'id'], unique=False)
    op.create_index('outgoing_waiting', 'outgoing', ['sent_at', 'dead_at', 'to', 'id'], unique=False)
    op.create_table('posted',
    sa.Column('slot', sa.String(length=160), nullable=False),
    sa.Column('channel', sa.String(length=20), nullable=False),
    sa.Column('ts', sa.String(length=20), nullable=False),
    sa.Column('thread', sa.String(length=20), nullable=True),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('updated_at', sa.String(length=32), nullable=False),
    sa.PrimaryKeyConstraint('slot')
    )
    op.create_table('slack_user',
    sa.Column('id', sa.String(length=20), nullable=False),
    sa.Column('team', sa.String(length=20), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('zone', sa.Text(), nullable=False),
    sa.Column('standing', sa.String(length=12), nullable=False),
    sa.Column('fetched_at', sa.String(length=32), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_table('place',
    sa.Column('conversation_id', sa.String(length=120), nullable=False),
    sa.Column('team', sa.String(length=20), nullable=False),
    sa.Column('channel', sa.String(length=20), nullable=False),
    sa.Column('thread', sa.String(length=20), nullable=True),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], ),
    sa.PrimaryKeyConstraint('conversation_id')
    )
    op.create_table('evidence',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(length=200), nullable=False),
    sa.Column('incident_id', sa.Integer(), nullable=False),
    sa.Column('participant_id', sa.String(length=120), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('media_type', sa.String(length=100), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('stored_at', sa.String(length=32), nullable=False),
    sa.ForeignKeyConstraint(['incident_id'], ['incident.id'], ),
    sa.ForeignKeyConstraint(['participant_id'], ['participant.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('key')
    )
    op.create_index(op.f('ix_evidence_incident_id'), 'evidence', ['incident_id'], unique=False)
    op.create_table('involved',
    sa.Column('incident_id', sa.Integer(), nullable=False),
    sa.Column('participant_id', sa.String(length=120), nullable=False),
    sa.Column('since', sa.String(length=32), nullable=False),
    sa.ForeignKeyConstraint(['incident_id'], ['incident.id'], ),
    sa.ForeignKeyConstraint(['participant_id'], ['participant.id'], ),
    sa.PrimaryKeyConstraint('incident_id', 'participant_id')
    )
    op.create_index(op.f('ix_involved_participant_id'), 'involved', ['participant_id'], unique=False)
    op.create_table('reminder',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('incident_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('code', sa.String(length=80), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('due_at', sa.String(length=32), nullable=False),
    sa.Column('next_at', sa.String(length=32), nullable=False),
    sa.Column('stage', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.ForeignKeyConstraint(['incident_id'], ['incident.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('incident_id', 'kind', 'code')
    )
    op.create_index('reminder_next', 'reminder', ['state', 'next_at'], unique=False)
    op.add_column('incident', sa.Column('lead_id', sa.String(length=120), nullable=True))
    op.add_column('incident', sa.Column('override', sa.Text(), nullable=True))
    op.add_column('incident', sa.Column('restricted', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column('incident', sa.Column('signed_off_at', sa.String(length=32), nullable=True))
    op.execute(
        "INSERT INTO involved (incident_id, participant_id, since) "
        "SELECT id, reporter_id, reported_at FROM incident"
    )
