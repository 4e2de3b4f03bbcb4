"""Where Rasa keeps its tracker: of a conversation only whether the question loop is on.

Rasa's own SQL store keeps every event for ever, reads those of a session at every turn, counts them to save the new
ones, and hands all of them from step to step and to the action server. Nothing of that is needed here: what was said
and decided stands in the record, and a turn depends on earlier ones only through the loop. So a turn begins with a
tracker of a few events, a turn in the middle of a triage writes nothing, and no word that anybody said is kept.

Rasa loads this module in its own environment (Python 3.10, SQLAlchemy 1.4).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME, REQUESTED_SLOT
from rasa.shared.core.events import ActionExecuted, ActiveLoop, SessionStarted, SlotSet

from amends.rasa import whole

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rasa.core.brokers.broker import EventBroker
    from rasa.shared.core.domain import Domain
    from rasa.shared.core.trackers import DialogueStateTracker
    from sqlalchemy.engine import Engine

_tables = sa.MetaData()
_loop = sa.Table(
    "loop",
    _tables,
    sa.Column("sender_id", sa.String(255), primary_key=True),
    sa.Column("name", sa.String(255), nullable=False),
    sa.Column("asks", sa.String(255)),
)
"""A row for each conversation that is in a loop: the loop, and the slot that it asks for."""
_found = sa.select(_loop.c.name, _loop.c.asks).where(_loop.c.sender_id == sa.bindparam("sender"))
_gone = sa.delete(_loop).where(_loop.c.sender_id == sa.bindparam("sender"))


class LoopTrackerStore(TrackerStore):
    """A tracker store, named in `endpoints.yml`.

    Args:
        domain: given by Rasa.
        host: an SQLAlchemy address, as `url` in `endpoints.yml`; SQLite or PostgreSQL.
        event_broker: given by Rasa.
    """

    def __init__(
        self,
        domain: Domain | None = None,
        host: str = "sqlite://",
        event_broker: EventBroker | None = None,
        **kwargs: Any,
    ) -> None:
        self.engine = _engine(host)
        with self.engine.begin() as connection:
            _make_tables(connection)
        super().__init__(domain, event_broker)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker:
        """The tracker of a conversation; one that is not known is a new one, in no loop."""
        with self.engine.connect() as connection:
            row = connection.execute(_found, {"sender": sender_id}).first()
        tracker = self.init_tracker(sender_id)
        events = [ActionExecuted(ACTION_SESSION_START_NAME), SessionStarted(), ActionExecuted(ACTION_LISTEN_NAME)]
        if row is not None:
            events += [ActionExecuted(row.name), ActiveLoop(row.name), SlotSet(REQUESTED_SLOT, row.asks)]
            events.append(ActionExecuted(ACTION_LISTEN_NAME))
        tracker.update_with_events(events, self.domain)
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keep the loop that a conversation is in; nothing is written when it is in the same as before.

        Nor when the turn is not whole: it comes again, from where it began.
        """
        if whole.failed():
            return
        await self.stream_events(tracker)
        name, asks = tracker.active_loop_name, tracker.get_slot(REQUESTED_SLOT)
        with self.engine.connect() as connection:
            row = connection.execute(_found, {"sender": tracker.sender_id}).first()
        if (row and tuple(row)) == ((name, asks) if name else None):
            return
        with self.engine.begin() as connection:
            connection.execute(_gone, {"sender": tracker.sender_id})
            if name:
                connection.execute(sa.insert(_loop), {"sender_id": tracker.sender_id, "name": name, "asks": asks})

    async def keys(self) -> Iterable[str]:
        """The conversations that are in a loop."""
        with self.engine.connect() as connection:
            return list(connection.execute(sa.select(_loop.c.sender_id)).scalars())


def _engine(address: str) -> Engine:
    url = sa.engine.make_url(address)
    if url.get_backend_name() != "sqlite":
        return sa.create_engine(url, pool_pre_ping=True)
    # Rasa asks from one thread only; without a pool each question would open the file anew.
    engine = sa.create_engine(url, poolclass=sa.pool.QueuePool, connect_args={"check_same_thread": False})

    @sa.event.listens_for(engine, "connect")
    def connect(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")

    return engine


def _make_tables(connection: Any) -> None:
    """The table, also when several bots start at once; what Rasa's own store kept of what people said goes."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(2010)"))
    _tables.create_all(connection)
    connection.execute(sa.text("DROP TABLE IF EXISTS events"))
