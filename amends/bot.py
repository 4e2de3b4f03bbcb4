"""The gateway to the bot: no message lost, none handled twice, and an answer within five seconds.

A message is stored before anything else happens to it. Then it goes to the bot, behind the older messages of
its conversation, one at a time, also when several desks share the record. When the bot does not answer in time, the
person is told what to do without it; the message stays waiting and is sent again, with the same key, until it is
handled.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections import Counter
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal
from weakref import WeakValueDictionary

import httpx

from amends.conversation.passing_on import NotPassedOn, PassingOn
from amends.conversation.presses import labelled, live
from amends.conversation.replies import FailureReply, Reply, read_reply
from amends.incidents import deliveries
from amends.incidents.database import RecordUnavailable
from amends.incidents.holds import Holds
from amends.incidents.models import Participant
from amends.incidents.threads import in_thread
from amends.workshop.safe import SafeSteps

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractAsyncContextManager

    from amends.conversation.passing_on import Answered, Late
    from amends.incidents.database import Database
    from amends.incidents.models import Delivery
    from amends.settings import Settings

logger = logging.getLogger(__name__)

LIMIT = 5.0
"""Seconds until somebody who wrote is told something, whatever happens."""
PATIENCE = 30.0
"""Seconds that the bot itself may take; its answer is kept even when the person was told meanwhile."""
LOOK_BACK = 12
"""Messages before this one among whose answers something that can be pressed is looked for."""
AT_ONCE = 16
"""Conversations that are caught up with side by side."""
CONVERSATION = "X-Conversation"
"""The header by which a proxy before several bots sends a conversation always to the same one."""
BY_THE_PROXY = frozenset({httpx.codes.BAD_GATEWAY, httpx.codes.SERVICE_UNAVAILABLE, httpx.codes.GATEWAY_TIMEOUT})
"""What a proxy says when the bot behind it is away. The bot itself never answers so."""


class _NotHandled(Exception):  # noqa: N818 - never leaves this module
    """The bot did not handle a message now; it may later."""


class _Away(_NotHandled):
    """There is no bot that could have handled it."""


class _Refused(Exception):  # noqa: N818 - never leaves this module
    """The bot will never take this message."""


class Gateway:
    """Carries messages to the bot and its replies back. One for each process.

    Args:
        limit: seconds until the person is told something.
        patience: seconds that one call of the bot may take.
        client: for tests; its base URL is the bot's.
        answered: called with each message that was accepted, and its replies, in the transaction that keeps them.
        late: called in a transaction with each message that was accepted and waits longer than `limit`; once, but
            again after a restart.
    """

    def __init__(
        self,
        settings: Settings,
        database: Database,
        *,
        limit: float = LIMIT,
        patience: float = PATIENCE,
        client: httpx.AsyncClient | None = None,
        answered: Answered | None = None,
        late: Late | None = None,
    ) -> None:
        token = settings.bot_token.get_secret_value()
        self._database = database
        self._limit = limit
        self._patience = patience
        self._client = client or httpx.AsyncClient(base_url=settings.bot_url, trust_env=False)
        self._client.timeout = httpx.Timeout(patience, connect=min(limit, 2.0))
        self._client.headers["Authorization"] = f"Bearer {token}"
        self._steps = SafeSteps(database)
        self._contact = settings.emergency_contact
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._tasks: set[asyncio.Task[None]] = set()
        self._failures: Counter[str] = Counter()
        self._rounds = 0
        self._passing_on = PassingOn(database, limit, answered=answered, late=late)
        # A record in SQLite has one desk.
        self._holds = Holds(database) if database.engine.dialect.name == "postgresql" else None

    async def accept(
        self,
        conversation_id: str,
        participant: tuple[str, str],
        text: str,
        key: str,
        source: str,
        *,
        at: datetime | None = None,
    ) -> None:
        """Store a message and send it to the bot in the background; the hooks tell what becomes of it.

        Args:
            conversation_id: as the bot knows it.
            participant: id and name of who says it.
            key: names this message: the same key again has no second effect.
            source: slack. What comes from elsewhere waits for its replies: `say`.
            at: when it was said; now, when it is left out.

        Raises:
            RecordUnavailable: it could not be stored.
            StrangeKey: the key was used in another conversation.
        """
        delivery = await in_thread(
            deliveries.receive,
            self._database,
            key,
            conversation_id=conversation_id,
            person=participant,
            source=source,
            text=storable(text),
            at=at or datetime.now(UTC),
        )
        if delivery.handled_at is None:
            self._start(self._work_off(conversation_id, key))
            self._start(self._passing_on.tell_when_late(delivery))

    async def say(
        self, conversation_id: str, participant: tuple[str, str], text: str, key: str, source: str
    ) -> list[Reply]:
        """Send a message; the replies, or what to do when there are none in time. Never raises for the bot.

        Args:
            conversation_id: as the bot knows it; never from what a person sent.
            participant: id and name of who says it.
            key: names this message: the same key again has no second effect and the same replies.
            source: web, terminal, slack.

        Raises:
            StrangeKey: the key was used in another conversation.
        """
        text = storable(text)
        end = asyncio.get_running_loop().time() + self._limit
        try:
            async with asyncio.timeout_at(end):
                delivery = await in_thread(
                    deliveries.receive,
                    self._database,
                    key,
                    conversation_id=conversation_id,
                    person=participant,
                    source=source,
                    text=text,
                    at=datetime.now(UTC),
                )
        except RecordUnavailable as error:
            return [self.failure(f"Your message was not kept. {error}")]
        except TimeoutError:
            return [self.failure("The record did not answer in time, so your message may not be kept.")]
        if delivery.handled_at is None:
            # The work goes on when the person is told, or leaves: an answer that comes late is kept.
            task = self._start(self._work_off(conversation_id, key))
            await asyncio.wait({task}, timeout=max(0.0, end - asyncio.get_running_loop().time()))
            if not task.done():
                return [self.failure(kept=True)]
            try:
                async with asyncio.timeout(1):
                    found = await in_thread(deliveries.transcript, self._database, conversation_id)
            except (RecordUnavailable, TimeoutError):
                return [self.failure(kept=True)]
            delivery = next(each for each in found if each.key == key)
        return stored_replies(delivery) or [self.failure(kept=True)]

    async def catch_up(self, every: float = 2.0) -> None:
        """Send waiting messages again, for as long as the process lives."""
        while True:
            await asyncio.sleep(every)
            try:
                await in_thread(self._steps.refresh)
                await self.send_waiting()
            except RecordUnavailable as error:
                logger.warning("Waiting messages could not be sent again: %s", error)
            except Exception as error:  # noqa: BLE001 - the next look comes; its text can hold what was said
                logger.error("Waiting messages could not be sent again: %s", type(error).__name__)  # noqa: TRY400

    async def send_waiting(self) -> None:
        """Send waiting messages once more, oldest first in each conversation, if the bot is there.

        A conversation that fails again and again is tried in fewer rounds, at last in one of sixteen.
        """
        self._rounds += 1
        waiting = await in_thread(deliveries.waiting, self._database)
        await self._passing_on.tell_of(waiting)
        conversations = dict.fromkeys(each.conversation_id for each in waiting)
        if not conversations or not await self.ready():
            return
        places = asyncio.Semaphore(AT_ONCE)

        async def one(conversation_id: str) -> None:
            async with places:
                await self._work_off(conversation_id)

        await asyncio.gather(*(one(each) for each in conversations if self._is_due(each)))

    async def ready(self) -> bool:
        """Whether the bot answers."""
        try:
            answer = await self._client.get("/webhooks/amends/", timeout=2.0)
        except httpx.HTTPError:
            return False
        return answer.status_code == httpx.codes.OK

    async def close(self) -> None:
        """Stop. Messages that are under way stay waiting."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._client.aclose()

    def failure(self, sentence: str = "", *, kept: bool = False) -> FailureReply:
        """What to do without the assistant: the safe steps, and whom to ring."""
        if kept:
            sentence = "The assistant cannot answer right now. Your message is kept and goes on by itself."
        steps = "\n".join(f"{number}. {step}" for number, step in enumerate(self._steps.steps, 1))
        return FailureReply(text=f"{sentence}\nUntil then:\n{steps}\nIf it cannot wait, ring {self._contact}.")

    def _start(self, work: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def _lock(self, conversation_id: str) -> asyncio.Lock:
        """The conversation's lock; it goes away by itself when nobody holds it any more."""
        lock = self._locks.get(conversation_id)
        if lock is None:
            lock = self._locks[conversation_id] = asyncio.Lock()
        return lock

    def _is_due(self, conversation_id: str) -> bool:
        lock = self._locks.get(conversation_id)
        busy = lock is not None and lock.locked()
        return not busy and self._rounds % min(2 ** self._failures[conversation_id], 16) == 0

    async def _work_off(self, conversation_id: str, until: str | None = None) -> None:
        """Send the waiting messages of a conversation, oldest first, up to the one with key `until`.

        A message that the bot cannot handle while it handles a later one would hold up the conversation for
        ever: it is tried once more, then answered with a sentence that says so, and set aside. Without the second
        try a message would be given up because the action server came back just after it.
        """
        patience = self._patience if until else 0.0  # what nobody waits for is looked at again soon
        try:
            async with self._lock(conversation_id), self._alone(conversation_id, patience) as alone:
                if alone:
                    await self._in_order(conversation_id, until)
        except RecordUnavailable as error:
            logger.warning("The replies to a message could not be kept: %s", error)
        except Exception as error:  # noqa: BLE001 - the other conversations go on; its text can hold what was said
            self._failures[conversation_id] += 1
            logger.error("A conversation does not go on: %s", type(error).__name__)  # noqa: TRY400

    def _alone(self, conversation_id: str, patience: float) -> AbstractAsyncContextManager[bool]:
        """Keeps the other desks from sending messages of this conversation meanwhile; tells whether that is so."""
        if self._holds is None:
            return nullcontext(enter_result=True)
        return self._holds.held(f"talk:{conversation_id}", patience)

    async def _in_order(self, conversation_id: str, until: str | None) -> None:
        failed: list[Delivery] = []
        for delivery in await in_thread(deliveries.waiting, self._database, conversation_id):
            outcome = await self._attempt(delivery)
            if outcome == "unreachable":
                break
            if outcome == "failed":
                failed.append(delivery)
            elif outcome == "handled":
                for before in failed:
                    if await self._attempt(before) == "failed":
                        await self._set_aside(before)
                failed = []
                del self._failures[conversation_id]
            if delivery.key == until:
                break

    async def _attempt(self, delivery: Delivery) -> Literal["handled", "refused", "failed", "unreachable"]:
        try:
            await self._deliver(delivery)
        except _NotHandled as error:
            logger.warning("The bot did not handle a message: %s", error)
            self._failures[delivery.conversation_id] += 1
            return "unreachable" if isinstance(error, _Away) else "failed"
        except _Refused:
            await self._set_aside(delivery)
            return "refused"
        return "handled"

    async def _deliver(self, delivery: Delivery) -> None:
        """One message to the bot, and its replies into the record."""
        name = await in_thread(self._name_of, delivery.participant_id)
        message = await in_thread(self._message_of, delivery)
        body = {
            "sender": delivery.conversation_id,
            "message": message,
            "metadata": {
                "key": delivery.key,
                "actor_id": delivery.participant_id,
                "actor_name": name,
                "said_at": delivery.received_at.isoformat(),
                "source": delivery.source,
            },
        }
        belongs = {CONVERSATION: hashlib.sha256(delivery.conversation_id.encode()).hexdigest()}
        try:
            answer = await self._client.post("/webhooks/amends/webhook", json=body, headers=belongs)
        except httpx.TransportError as error:
            raise _Away(type(error).__name__) from error
        except httpx.HTTPError as error:
            raise _NotHandled(type(error).__name__) from error
        if answer.status_code in BY_THE_PROXY:
            raise _Away(f"status {answer.status_code}")
        if answer.status_code == httpx.codes.BAD_REQUEST:
            raise _Refused
        if answer.status_code != httpx.codes.OK:
            raise _NotHandled(f"status {answer.status_code}")
        replies = _read(answer)
        try:
            await self._passing_on.finish(delivery, replies)
        except NotPassedOn as error:
            raise _NotHandled(str(error)) from error

    async def _set_aside(self, delivery: Delivery) -> None:
        reply = FailureReply(
            text="The assistant could not work with this message. It is kept, but nothing was done with it. "
            f"Say it in other words; if it cannot wait, ring {self._contact}."
        )
        try:
            await self._passing_on.finish(delivery, [reply])
        except NotPassedOn as error:
            logger.warning("A message could not be set aside: %s", error)

    def _message_of(self, delivery: Delivery) -> str:
        """What was said; who types a label that can be pressed now has pressed it."""
        shown = [stored_replies(each) for each in deliveries.before(self._database, delivery, LOOK_BACK)]
        return labelled(live(shown), delivery.text) or delivery.text

    def _name_of(self, participant_id: str) -> str:
        with self._database.read() as session:
            return session.get_one(Participant, participant_id).name


def stored_replies(delivery: Delivery) -> list[Reply]:
    """The replies that were kept for a message; none while it waits."""
    return [read_reply({"custom": reply}) for reply in json.loads(delivery.replies or "[]")]


def storable(text: str) -> str:
    """The text without what no database takes: NUL, and halves of characters."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def _read(answer: httpx.Response) -> Sequence[Reply]:
    try:
        messages = answer.json()
        replies = [read_reply(message) for message in messages]
    except (ValueError, TypeError, KeyError) as error:
        raise _NotHandled("an answer that cannot be read") from error
    if not replies or any(isinstance(reply, FailureReply) for reply in replies):
        raise _NotHandled("no reply; is the action server running?")
    return replies
