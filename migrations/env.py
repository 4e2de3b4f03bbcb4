"""Alembic's entry: runs on the connection that `Database.migrate` hands over."""

from alembic import context

from amends.access import tables as _access  # noqa: F401 - makes its tables known
from amends.accounts import tables as _accounts  # noqa: F401
from amends.drills import tables as _drills  # noqa: F401
from amends.incidents.models import Base
from amends.integrity import tables as _integrity  # noqa: F401
from amends.outbox import tables as _outbox  # noqa: F401
from amends.privacy import tables as _privacy  # noqa: F401
from amends.register import tables as _register  # noqa: F401
from amends.review import tables as _review  # noqa: F401
from amends.workshop import tables as _workshop  # noqa: F401

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
