"""Slack, the desk and the assistant's real actions in one process: everything but Rasa.

`Assisting` stands where Rasa stands: it hands each message to the actions that Rasa's rules would call, with the
intent that a person's words have by `intent_of`.
"""

import asyncio
import math
import threading
import time
from datetime import UTC, datetime, timedelta
from functools import partial

from pydantic import SecretStr
from sqlalchemy import select

from actions import service
from amends.bot import Gateway
from amends.conversation.assistant import Assistant
from amends.conversation.replies import press_answer
from amends.conversation.shelf import Shelf
from amends.incidents import record, trail
from amends.incidents.models import Delivery, Incident
from amends.outbox.sender import Sender
from amends.outbox.tables import Inbound, Outgoing
from amends.settings import CACHE, ROOT
from amends.slack import service as slack_service
from amends.slack.journal import Journal
from amends.slack.service import Slack
from tests import references
from tests.actions.talking import Person
from tests.console.fake_bot import FakeBot, settings_for
from tests.slack.fake import FakeSlack
from tests.waiting import LONGEST


class Speaker(Person):
    """One conversation; who speaks may differ from message to message."""

    metadata = None

    def _run(self, name, slots=None):
        self._message["metadata"] = self.metadata
        return super()._run(name, slots)


class Assisting:
    def __init__(self):
        self.speakers = {}
        self.intents = {}
        self.away = False

    def intent_of(self, text):
        """What Rasa would take these words for; a test can say it."""
        for words, intent in self.intents.items():
            if words in text:
                return intent
        return "report_problem" if len(text.split()) >= 6 else "out_of_scope"

    def __call__(self, body):
        if self.away:
            return 503
        text, sender = body["message"], body["sender"]
        speaker = self.speakers.setdefault(sender, Speaker(conversation=sender))
        speaker.metadata = body["metadata"]
        if text.startswith("/"):
            return speaker.sends(text)
        return speaker.says(text, self.intent_of(text))


class Office:
    def __init__(self, database, encoder, monkeypatch, limit=LONGEST, **more):
        self.database = database
        self.limit = limit
        self.slack = FakeSlack().start()
        # What Slack allows only seconds for is measured elsewhere, where little else goes on.
        self.slack.ack_timeout = self.slack.trigger_life = LONGEST
        monkeypatch.setattr("amends.slack.intake.PATIENCE", LONGEST)
        self.bot = FakeBot()
        self.assisting = self.bot.answer = Assisting()
        self.bot.start()
        slack = self.slack
        self.ada = slack.add_user("Ada Lovelace")
        self.grace = slack.add_user("Grace Hopper")
        self.lena = slack.add_user("Lena Lead")
        self.leads = slack.add_channel("leads", [self.lena])
        self.open = slack.add_channel("open", [self.ada, self.grace, self.lena])
        self.group = slack.add_group("security", [self.grace, self.lena])
        named = {
            name: getattr(self, value[1:]) if value.startswith("@") else value
            for name, value in more.items()
            if isinstance(value, str)
        }
        values = {
            "slack_bot_token": SecretStr(slack.bot_token),
            "slack_app_token": SecretStr(slack.app_token),
            "slack_api_url": slack.api_url,
            "slack_leads": self.lena,
            "slack_leads_channel": self.leads,
        }
        url = database.engine.url.render_as_string(hide_password=False)
        self.settings = settings_for(self.bot.port, url, **{**values, **more, **named})
        self.shelf = Shelf(database, ROOT / "data", encoder, CACHE)
        assistant = Assistant(self.settings, database, self.shelf)
        assistant.warm_up()
        service.use(assistant)
        monkeypatch.setattr(slack_service, "Sender", partial(Sender, rate=math.inf))
        monkeypatch.setattr("amends.incidents.database.BUSY_SECONDS", LONGEST)
        self.service = Slack(self.settings, database, lambda: self.shelf)
        self.journal = Journal.beside(database)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.run(self._start())
        self.until(lambda: self.service.ready()[0])

    async def _start(self):
        self.gateway = Gateway(
            self.settings, self.database, answered=self.service.answered, late=self.service.late, limit=self.limit
        )
        self.catching_up = asyncio.create_task(self.gateway.catch_up(0.2))
        self.service.start(self.gateway)

    def run(self, work):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(LONGEST)

    def stop(self):
        async def stop():
            self.catching_up.cancel()
            await self.service.stop()
            await self.gateway.close()

        self.run(stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
        if self.journal:
            self.journal.close()
        self.bot.stop()
        self.slack.stop()
        service.use(None)

    def until(self, look, seconds=LONGEST):
        end = time.monotonic() + seconds
        while not (seen := look()):
            assert time.monotonic() < end, f"nothing after {seconds} s; {self.trouble()}"
            time.sleep(0.02)
        return seen

    def trouble(self):
        with self.database.read() as session:
            inbound = [
                (row.kind, row.last_error)
                for row in session.scalars(select(Inbound))
                if row.last_error or row.set_aside
            ]
            waiting = [(row.key, row.last_error) for row in session.scalars(select(Outgoing)) if row.sent_at is None]
        return f"inbound {inbound}; outgoing {waiting}; refused {self.slack.refused}"

    def quiet(self):
        """Waits until everything that came in is handled and everything that goes out is sent."""

        def look():
            # Each comes out of the one before: the journal, what came in, what the bot was told, what goes out. The
            # journal is read first, and the rest from one state, so that what moves on meanwhile stands in one of them.
            if self.journal and self.journal.lanes():
                return False
            left = select(Inbound.id).where(Inbound.handled_at.is_(None))
            unanswered = select(Delivery.id).where(Delivery.handled_at.is_(None))
            soon = Outgoing.not_before < datetime.now(UTC) + timedelta(hours=1)
            unsent = select(Outgoing.id).where(Outgoing.sent_at.is_(None), Outgoing.dead_at.is_(None), soon)
            with self.database.read(still=True) as session:
                return not any(session.scalars(each).first() for each in (left, unanswered, unsent))

        for _ in range(2):
            assert self.slack.settle(), self.trouble()
            self.until(look)
            time.sleep(0.05)

    # -- what people see and do

    def cards(self, user, where=None, thread=None):
        where = where or self.slack.dm(user)
        return [each for each in self.slack.messages(where, thread) if each.by_app]

    def sees(self, user, *words, where=None, thread=None):
        """Waits until one message of the app there says all these words."""

        def look():
            for card in reversed(self.cards(user, where, thread)):
                if all(word in f"{card.shown}\n{card.text}" for word in words):
                    return card
            return None

        return self.until(look)

    def says(self, user, text, where="dm", **more):
        ts = self.slack.says(user, where, text, **more)
        self.quiet()
        return ts

    def presses(self, user, card, what, *args, **more):
        self.slack.presses(user, card, what, *args, **more)
        self.quiet()

    def hints(self, user, where=None):
        return [each.text for each in self.slack.ephemerals(user, where)]

    # -- the record

    def incident(self, reference=None):
        with self.database.read() as session:
            return record.find(session, reference or references.reference())

    def incidents(self):
        with self.database.read() as session:
            return list(session.scalars(select(Incident).order_by(Incident.id)))

    def trail(self, reference=None):
        with self.database.read() as session:
            return trail.entries(session, record.find(session, reference or references.reference()))

    def kinds(self, reference=None):
        return [entry.kind for entry in self.trail(reference)]

    def asked(self, user, where=None, thread=None):
        """The newest card there that asks something."""
        return next(
            card
            for card in reversed(self.cards(user, where, thread))
            if any(label in card.labels for label in ("Go back", "All right", "Not sure", "Why?"))
        )

    def advise(self, user, text="Someone has got into our Twitter account and is posting swear words", **where):
        """From a report to the advice: what was understood is confirmed, then the advice is asked for."""
        if not where:
            self.says(user, text)
        card = self.sees(user, "what I understood", **where)
        labels = [each for each in card.labels if each.startswith("All right")]
        self.presses(
            user,
            card,
            labels[-1] if "All right, and none of these" not in card.labels else "All right, and none of these",
        )
        for _ in range(25):
            if self.incidents()[-1].state == "advised":
                break
            self.answer(user)
        return self.sees(user, "Now:", **where)

    def answer(self, user):
        """Answer the open question with 'not sure', or with its first option."""
        incident = self.incidents()[-1]
        value = "?" if incident.asked != "evidence" else "not_saved"
        self.gateway_says(user, press_answer(incident.asked, value, f"{incident.reference}:{incident.state_number}"))
        after = self.incidents()[-1]
        if after.asked == incident.asked and after.state == "asking":
            with self.database.read() as session:
                option = next(
                    iter(self.shelf.flow_of(session, incident.flow_version).questions[incident.asked].options)
                )
            state = f"{after.reference}:{after.state_number}"
            self.gateway_says(user, press_answer(after.asked, option, state))

    def gateway_says(self, user, text):
        """A press, without the card that it would be on."""
        key = f"test:{time.monotonic_ns()}"
        conversation = self.incidents()[-1].conversation_id
        person = (f"slack:{self.slack.team}:{user}", "Ada Lovelace")
        self.run(self.gateway.accept(conversation, person, text, key, "slack"))
        self.quiet()
