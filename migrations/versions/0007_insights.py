"""Insights: the incidents that somebody does not see are found among the few that are restricted"""

from alembic import op


revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index('incident_restricted', 'incident', ['restricted'], unique=False)
