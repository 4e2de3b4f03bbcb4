"""Slack, put together: what comes in, who handles it, what goes out; started and stopped with the desk."""

from __future__ import annotations

import asyncio
import logging
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from amends.conversation.draft_check import NoCheck
from amends.conversation.shelf import Shelf
from amends.outbox.clerk import Clerk
from amends.outbox.sender import Sender
from amends.settings import CACHE, ROOT
from amends.slack import clients, drawings, handlers
from amends.slack.arrivals import Identity
from amends.slack.clients import NOT_REACHED, reason_of
from amends.slack.connection import Connection
from amends.slack.desk import Desk
from amends.slack.intake import Intake
from amends.slack.journal import Journal
from amends.slack.logs import log_error
from amends.slack.people import People, SlackAway
from amends.slack.receive import Receiver
from amends.slack.replying import Replying
from amends.slack.wire import SlackWire
from amends.slack.worker import Worker
from amends.understanding.encoder import load_encoder

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    import aiohttp
    from slack_sdk.web.async_client import AsyncWebClient
    from sqlalchemy.orm import Session

    from amends.bot import Gateway
    from amends.conversation.replies import Reply
    from amends.incidents.database import Database
    from amends.incidents.models import Delivery
    from amends.settings import Settings

__all__ = ["Desk", "Slack", "off_because"]

logger = logging.getLogger(__name__)

PATH = "/slack/events"
LONGEST_WAIT = 30.0
"""Seconds between two attempts to learn from Slack who the app is."""
SWITCH = 0.001
"""Seconds that a thread may compute while others want to."""
GOODBYE = 2.0
"""Seconds that all that is under way has to come to its end."""


class NotReady(Exception):  # noqa: N818 - it reads as what it says
    """The parts that draw messages are not there yet; it is tried again."""


class Slack:
    """Everything about Slack in one process of the desk. Made when Slack is on.

    Args:
        shelf: makes the flows and clauses that messages are drawn with; for tests.
    """

    def __init__(self, settings: Settings, database: Database, shelf: Callable[[], Shelf] | None = None) -> None:
        self._settings = settings
        self._database = database
        self._make_shelf = shelf or (lambda: Shelf(database, ROOT / "data", load_encoder(CACHE), CACHE))
        self._replying: Replying | None = None
        self._worker: Worker | None = None
        self._sender: Sender | None = None
        self._connection: Connection | None = None
        self._people: People | None = None
        self._session: aiohttp.ClientSession | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._trouble = "Slack has not been reached yet."
        self._intake = Intake(database, self.nudge, journal=Journal.beside(database))
        self._receiver = Receiver(settings, self._intake)

    def routes(self) -> list[Route]:
        """What Slack calls, when it sends by HTTP."""
        if self._settings.slack_mode != "http":
            return []
        return [Route(PATH, self._receiver.over_http, methods=["POST"])]

    def answered(self, session: Session, delivery: Delivery, replies: Sequence[Reply]) -> None:
        """The gateway's hook: the replies go to where the message came from."""
        self._reply().answered(session, delivery, replies)

    def late(self, session: Session, delivery: Delivery) -> None:
        """The gateway's hook: somebody waits."""
        self._reply().late(session, delivery)

    def nudge(self) -> None:
        """There is something to handle, or to send."""
        if self._worker is not None:
            self._worker.nudge()
        if self._sender is not None:
            self._sender.nudge()

    def ready(self) -> tuple[bool, str]:
        """Whether Slack is connected, and a sentence about what is wrong; empty, if nothing is."""
        if self._trouble:
            return False, self._trouble
        if self._connection is None:
            return True, ""
        if not self._connection.connected:
            return False, self._connection.trouble or "The socket was lost."
        return True, self._connection.warning

    async def role_of(self, user: str) -> str:
        """What somebody is in Slack, see `Person.role`; empty while that cannot be known."""
        if self._people is None:
            return ""
        try:
            return (await self._people.get(user)).role
        except SlackAway:
            return ""

    @property
    def connections(self) -> int | None:
        """How many sockets of the app Slack had open when ours was opened last; None, when it sends by HTTP."""
        return self._connection.connections if self._connection is not None else None

    def start(self, gateway: Gateway) -> None:
        """Begin, in the background: it does not matter whether Slack can be reached now. Inside the running loop."""
        # Threads that compute give way to the loop sooner, so that an acknowledgement does not wait for them.
        sys.setswitchinterval(SWITCH)
        self._begin(self._intake.run())
        self._begin(self._run(gateway))

    async def stop(self) -> None:
        """Stop: what comes in first, then what handles it, then what sends. What is not done is done by the next."""
        tasks, self._tasks = self._tasks, []
        for patience in (GOODBYE, 0.2):
            for task in reversed(tasks):
                task.cancel()
            if tasks:
                await asyncio.wait(tasks, timeout=patience)
        await self._intake.close()
        if self._session is not None:
            await self._session.close()
        self._worker = self._sender = self._connection = None
        self._trouble = "Slack is stopped."

    async def _run(self, gateway: Gateway) -> None:
        shelf = await self._shelf()
        self._begin(self._warm_up(shelf))
        self._replying = Replying(self._settings, shelf, lambda: gateway.failure(kept=True))
        self._session = session = clients.session()
        wire = SlackWire(clients.client(self._settings, session, retrying=False))
        drawn = drawings.make(self._settings, shelf)
        sender = Sender(self._database, wire, drawn, handlers.thens(self._settings))
        clerk = Clerk(self._database, self._settings, nudge=sender.nudge)
        self._sender = sender
        self._begin(sender.run())
        self._begin(clerk.run())
        client = clients.client(self._settings, session, retrying=True)
        app = await self._identify(client)
        people = self._people = People(self._database, client, self._settings, app.team)
        desk = Desk(
            self._settings,
            self._database,
            gateway,
            client,
            people,
            sender,
            shelf,
            team=app.team,
            bot_user=app.user,
            nudge=self.nudge,
        )
        self._worker = Worker(desk)
        self._begin(self._worker.run())
        self._receiver.identity = app
        self._trouble = ""
        if self._settings.slack_mode == "socket":
            self._connection = Connection(self._settings, client, self._receiver.over_socket)
            self._begin(self._connection.run())

    async def _shelf(self) -> Shelf:
        """The flows and clauses. What cannot be used now may be mended while the desk runs."""
        while (shelf := await asyncio.to_thread(self._try_shelf)) is None:
            self._trouble = "The published flow or policy cannot be used, so Slack was not started."
            await asyncio.sleep(LONGEST_WAIT)
        return shelf

    async def _warm_up(self, shelf: Shelf) -> None:
        """Load the check of drafts: a window has to open within three seconds."""
        with suppress(NoCheck, RuntimeError):  # whoever wants a draft checked is told; a shelf for tests reads nothing
            await asyncio.to_thread(shelf.drafts.warm_up, self._settings)

    def _try_shelf(self) -> Shelf | None:
        try:
            return self._make_shelf()
        except Exception as error:  # noqa: BLE001 - the pages of the desk have to go on
            log_error(logger, error)
            return None

    async def _identify(self, client: AsyncWebClient) -> Identity:
        """Who the app is; asked again and again until Slack answers."""
        wait = 0.5
        while True:
            try:
                answer = await client.auth_test()
                return Identity(str(answer["team_id"]), str(answer["user_id"]), str(answer.get("bot_id") or ""))
            except NOT_REACHED as error:
                trouble = f"Slack cannot be reached: {reason_of(error)}."
            if trouble != self._trouble:
                logger.warning("%s It is tried again. 'amends doctor' helps.", trouble)
            self._trouble = trouble
            await asyncio.sleep(wait)
            wait = min(2 * wait, LONGEST_WAIT)

    def _reply(self) -> Replying:
        if self._replying is None:
            raise NotReady
        return self._replying

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        task.add_done_callback(_report)
        self._tasks.append(task)


def off_because(settings: Settings) -> str:
    """That Slack is off, and how to turn it on, in one line."""
    other = "slack_app_token" if settings.slack_mode == "socket" else "slack_signing_secret"
    names = ("slack_bot_token", other)
    missing = [name.upper() for name in names if not getattr(settings, name).get_secret_value()]
    return (
        f"Slack is off. To turn it on, set {' and '.join(missing)} in .env and start again; "
        "the README says where to find them."
    )


def _report(task: asyncio.Task[None]) -> None:
    """A part that ends by itself has a mistake in it: say where."""
    if not task.cancelled() and (error := task.exception()) is not None:
        log_error(logger, error)
