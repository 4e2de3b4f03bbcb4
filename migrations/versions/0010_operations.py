"""Several desks take their work from the same tables"""

from alembic import op
import sqlalchemy as sa


revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('hold',
    sa.Column('name', sa.String(length=160), nullable=False),
    sa.Column('holder', sa.String(length=32), nullable=False),
    sa.Column('until', sa.Float(precision=53), nullable=False),
    sa.PrimaryKeyConstraint('name')
    )
    waits, aside = sa.text('handled_at IS NULL'), sa.text('set_aside')
    op.create_index('delivery_waiting', 'delivery', ['id'], unique=False,
    sqlite_where=waits, postgresql_where=waits)
    op.create_index('inbound_set_aside', 'inbound', ['id'], unique=False, sqlite_where=aside, postgresql_where=aside)
