"""Review: story, follow-ups, sign-off"""

import sqlalchemy as sa
from alembic import op


revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('story',
    sa.Column('incident_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('introduction', sa.Text(), nullable=False),
    sa.Column('items', sa.Text(), nullable=False),
    sa.Column('saved_by', sa.String(length=120), nullable=False),
    sa.Column('saved_at', sa.String(length=32), nullable=False),
    sa.ForeignKeyConstraint(['incident_id'], ['incident.id'], ),
    sa.ForeignKeyConstraint(['saved_by'], ['participant.id'], ),
    sa.PrimaryKeyConstraint('incident_id')
    )
    op.create_table('review',
    sa.Column('incident_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('went_well', sa.Text(), nullable=False),
    sa.Column('to_change', sa.Text(), nullable=False),
    sa.Column('saved_by', sa.String(length=120), nullable=False),
    sa.Column('saved_at', sa.String(length=32), nullable=False),
    sa.ForeignKeyConstraint(['incident_id'], ['incident.id'], ),
    sa.ForeignKeyConstraint(['saved_by'], ['participant.id'], ),
    sa.PrimaryKeyConstraint('incident_id')
    )
    op.create_table('follow_up',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('incident_id', sa.Integer(), nullable=False),
    sa.Column('what', sa.Text(), nullable=False),
    sa.Column('owner_name', sa.Text(), nullable=False),
    sa.Column('owner_id', sa.String(length=120), nullable=True),
    sa.Column('due', sa.Date(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('agreed_by', sa.String(length=120), nullable=False),
    sa.Column('agreed_at', sa.String(length=32), nullable=False),
    sa.Column('next_at', sa.String(length=32), nullable=False),
    sa.Column('reminded', sa.Integer(), nullable=False),
    sa.Column('done_at', sa.String(length=32), nullable=True),
    sa.Column('done_by', sa.String(length=120), nullable=True),
    sa.ForeignKeyConstraint(['incident_id'], ['incident.id'], ),
    sa.ForeignKeyConstraint(['owner_id'], ['participant.id'], ),
    sa.ForeignKeyConstraint(['agreed_by'], ['participant.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index(op.f('ix_follow_up_incident_id'), 'follow_up', ['incident_id'], unique=False)
    op.create_index('follow_up_next', 'follow_up', ['done_at', 'next_at'], unique=False)
