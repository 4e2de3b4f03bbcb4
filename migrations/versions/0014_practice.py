"""Drills: who practised with which, and what came of it"""

from alembic import op
import sqlalchemy as sa


revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    _drafts()
    op.create_table('practice',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('drill', sa.String(length=60), nullable=False),
    sa.Column('conversation_id', sa.String(length=120), nullable=False),
    sa.Column('participant_id', sa.String(length=120), nullable=False),
    sa.Column('team', sa.Boolean(), nullable=False),
    sa.Column('began_at', sa.String(length=32), nullable=False),
    sa.Column('told', sa.Integer(), nullable=False),
    sa.Column('cued', sa.Integer(), nullable=False),
    sa.Column('incident_id', sa.Integer(), nullable=True),
    sa.Column('ended_at', sa.String(length=32), nullable=True),
    sa.Column('outcome', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], ),
    sa.ForeignKeyConstraint(['incident_id'], ['incident.id'], ),
    sa.ForeignKeyConstraint(['participant_id'], ['participant.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('practice_by_conversation', 'practice', ['conversation_id', 'id'], unique=False)
    op.create_index('practice_by_incident', 'practice', ['incident_id'], unique=False)
    op.create_index('practice_by_participant', 'practice', ['participant_id', 'id'], unique=False)


def _drafts() -> None:
    """Drafts that are kept for their owner, or to be read first by somebody else."""
    op.create_table('draft_reading',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('owner_id', sa.String(length=120), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('account', sa.Text(), nullable=False),
    sa.Column('own', sa.Boolean(), nullable=False),
    sa.Column('level', sa.Integer(), nullable=False),
    sa.Column('role', sa.String(length=20), nullable=False),
    sa.Column('asked', sa.Text(), nullable=False),
    sa.Column('kept_at', sa.String(length=32), nullable=False),
    sa.Column('answer', sa.String(length=10), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('answered_by', sa.String(length=120), nullable=True),
    sa.Column('answered_at', sa.String(length=32), nullable=True),
    sa.Column('seen_at', sa.String(length=32), nullable=True),
    sa.ForeignKeyConstraint(['owner_id'], ['participant.id'], ),
    sa.ForeignKeyConstraint(['answered_by'], ['participant.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index(op.f('ix_draft_reading_owner_id'), 'draft_reading', ['owner_id'], unique=False)
