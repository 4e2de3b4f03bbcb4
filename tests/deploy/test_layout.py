"""Two of each process behind the real nginx, on PostgreSQL, from the shipped files; then one of each is killed."""

import http.client
import json
import random
import ssl
import threading
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import create_engine, select, text

from amends.incidents.database import Database
from amends.incidents.models import Delivery, TrailEntry, TrailPayload
from amends.incidents.verify import verify
from amends.outbox.tables import Inbound
from tests.slack.fake import RemoteSlack
from tests.slack.whole.person import Person
from tests.torture.web_person import WebPerson
from tests.waiting import LONGEST

from .layout import Layout

GONE = (("bot", 5005), ("actions", 5055), ("desk", 8001))
SETTLING = 3 * LONGEST
"""Everything shares the machine with the other tests."""


class Visitor(WebPerson):
    """Comes by TLS through the proxy, from an address of their own, and sends again what was not acknowledged."""

    def __init__(self, layout, number):
        super().__init__(layout.port[443], f"Visitor {number}", random.Random(number))
        self._trust = ssl.create_default_context(cafile=str(layout.folder / "fullchain.pem"))
        self._from = (f"127.0.0.{number + 2}", 0)

    def _connection(self):
        return http.client.HTTPSConnection(
            "127.0.0.1", self.port, timeout=LONGEST / 2, context=self._trust, source_address=self._from
        )

    def tells(self, text):
        """Says something and waits until it is answered."""
        insist(self.looks)
        insist(lambda: self.says(text))
        insist(lambda: self.looks() and not self.waits())


def insist(attempt):
    end = time.monotonic() + SETTLING
    while not attempt():
        assert time.monotonic() < end, "it did not work in time"
        time.sleep(0.3)


@pytest.fixture(scope="module")
def slack():
    slack = RemoteSlack.launch()
    try:
        yield slack
    finally:
        slack.stop()


@pytest.fixture(scope="module")
def layout(tmp_path_factory, slack):
    folder = tmp_path_factory.mktemp("layout")
    folder.chmod(0o755)
    layout = Layout(
        folder,
        SLACK_BOT_TOKEN=slack.bot_token,
        SLACK_APP_TOKEN=slack.app_token,
        SLACK_API_URL=slack.api_url,
        SLACK_CONNECTIONS="2",
    )
    try:
        layout.begins()
        yield layout
    finally:
        layout.ends()


@pytest.fixture(scope="module")
def database(layout):
    database = Database(layout.record)
    yield database
    database.dispose()


@pytest.fixture(scope="module")
def talked(layout, slack, database):
    """People on the web and in Slack report something and go on; in the middle a bot, an action server, a desk die."""
    web = [Visitor(layout, number) for number in range(8)]
    chat = [Person(slack, slack.add_user(f"Person {number}"), f"Person {number}") for number in range(4)]
    insist(lambda: slack.connections == 2)
    with ThreadPoolExecutor(len(web) + len(chat)) as pool:

        def all_tell(words):
            for person, told in (
                *((person, pool.submit(person.tells, words.format(person.name))) for person in web),
                *((person, pool.submit(person.says, words.format(person.name))) for person in chat),
            ):
                assert told.exception() is None, (person.name, told.exception())

        all_tell("We tweeted the wrong exam date from the official account, says {}")
        settles(database)
        before = bots_of(layout)
        killing = threading.Timer(0.2, lambda: [layout.kill(*each) for each in GONE])
        killing.start()
        all_tell("note: the press office was rung by {}")
        killing.join()
        all_tell("note: the registrar was told by {}")
    settles(database)
    return web, chat, before


def bots_of(layout):
    """Which bots each conversation was at, in order, and with what status, as the proxy has it in its log."""
    found = defaultdict(list)
    for line in (layout.folder / "amends-bots.log").read_text().splitlines():
        said = json.loads(line)
        if said["conversation"]:
            found[said["conversation"]].append((int(said["by"].rpartition(":")[2]), said["status"]))
    return found


def settles(database):
    def is_done():
        with database.read() as session:
            rest = (session.scalar(select(table.id).where(table.handled_at.is_(None))) for table in (Inbound, Delivery))
            return all(each is None for each in rest)

    insist(is_done)


def test_a_conversation_stays_with_one_bot_and_both_bots_have_some(layout, talked):
    _, _, before = talked
    assert len(before) == 12
    assert all(len(set(at)) == 1 for at in before.values())
    assert {at[0] for at in before.values()} == {(layout.port[5005], 200), (layout.port[5006], 200)}


@pytest.mark.usefixtures("talked")
def test_the_conversations_of_a_killed_bot_go_on_at_the_other(layout):
    assert all(at[-1] == (layout.port[5006], 200) for at in bots_of(layout).values())


@pytest.mark.usefixtures("talked")
def test_people_come_to_both_desks_and_to_the_other_one_when_theirs_is_killed(layout):
    lines = (layout.folder / "amends.log").read_text().splitlines()
    came = [int(json.loads(line)["by"].rpartition(":")[2] or 0) for line in lines]
    assert {layout.port[8000], layout.port[8001]} <= set(came)
    assert came[-1] == layout.port[8000]


def test_what_everybody_said_is_in_the_trail_once_and_every_chain_holds(talked, database):
    web, chat, _ = talked
    with database.read() as session:
        assert not verify(session, None).damage
        query = select(TrailPayload.body).join(TrailEntry, TrailEntry.id == TrailPayload.entry_id)
        for kind, words in (("reported", "says {}"), ("note_added", "rung by {}"), ("note_added", "told by {}")):
            bodies = session.scalars(query.where(TrailEntry.kind == kind)).all()
            for person in (*web, *chat):
                assert sum(f'{words.format(person.name)}"' in body for body in bodies) == 1, (person.name, words)


def test_everybody_in_slack_sees_their_answer(talked, slack):
    _, chat, _ = talked
    for person in chat:
        person.sees("note", seconds=SETTLING)
    assert slack.refused == []


@pytest.mark.usefixtures("talked")
def test_the_bots_keep_their_place_in_conversations_in_postgresql(layout):
    engine = create_engine(layout.tracker.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        senders = connection.scalar(text("SELECT count(*) FROM loop"))
    engine.dispose()
    assert senders == 12


@pytest.mark.usefixtures("talked")
def test_figures_are_there_for_this_machine_and_not_through_the_proxy(layout):
    assert Visitor(layout, 0)._asks("GET", "/metrics")[0] == 404
    assert "amends_record_up 1.0" in layout.asks(8000, "/metrics")
    assert "amends_messages_waiting 0.0" in layout.asks(8000, "/metrics")
    assert 'amends_action_seconds_count{outcome="done"}' in layout.asks(5056, "/metrics")


@pytest.mark.usefixtures("talked")
def test_how_the_record_stands_is_for_this_machine_and_that_a_desk_lives_for_everybody(layout):
    watching, visitor = Visitor(layout, 0), Visitor(layout, 1)
    watching._from = ("127.0.0.1", 0)
    assert "The record was" in watching._asks("GET", "/readyz")[1]
    for address in ("/readyz", "/readyz?", "/%72eadyz", "//readyz"):
        status, said = visitor._asks("GET", address)[:2]
        assert (status, "The record was" in said) == (403, False), address
    assert visitor._asks("GET", "/healthz")[0] == 200


@pytest.mark.usefixtures("talked")
def test_the_lines_of_a_desk_are_objects(layout):
    lines = [json.loads(line) for line in layout.log("desk", 8000).splitlines()]
    assert {"method", "route", "status", "seconds", "at", "part"} <= set().union(*lines)
    assert {"/say", "/talk", "/"} & {line.get("route") for line in lines}


@pytest.mark.usefixtures("talked")
def test_no_log_holds_what_people_said(layout):
    for log in (*layout.folder.glob("*.log"), layout.folder / "postgres" / "log"):
        words = log.read_text(errors="replace").lower()
        assert not [said for said in ("exam date", "press office", "registrar") if said in words], log.name
