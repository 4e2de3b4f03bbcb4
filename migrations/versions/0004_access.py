"""Who may come in: sessions, sign-in links, tokens, the audit of who looked at what"""

import sqlalchemy as sa
from alembic import op


revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
