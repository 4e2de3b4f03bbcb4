"""Incidents are found by the flow that they go by"""

from alembic import op


revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("incident_by_flow", "incident", ["flow_id", "id"], unique=False)
