"""Conversations completed: what is asked after a public reply, and what was promised in it"""

from alembic import op
import sqlalchemy as sa


revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # An incident of before has neither; with a reply that was sent, the questions are asked from now on.
    op.add_column('incident', sa.Column('completion', sa.Text(), nullable=True))
    op.create_index('register_running_due', 'register_running', ['kind', 'due_at'], unique=False)
