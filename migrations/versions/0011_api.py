"""Tokens of the JSON API: as whom a program acts, and in which roles"""

from alembic import op
import sqlalchemy as sa


revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A token of before acts as nobody, in no role.
    op.add_column('api_token', sa.Column('participant_id', sa.String(length=120), nullable=False, server_default=''))
    op.add_column('api_token', sa.Column('person', sa.Text(), nullable=False, server_default=''))
    op.add_column('api_token', sa.Column('roles', sa.Text(), nullable=False, server_default=''))
