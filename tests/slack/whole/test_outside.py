"""What comes to /slack/events from outside: refused or ignored as it should be, and never a mistake of ours."""

import contextlib
import copy
import json
import random
import sqlite3
import time
import urllib.error
import urllib.request
from urllib.parse import urlencode

import pytest
from sqlalchemy import func, select

from amends.incidents.models import Delivery
from amends.outbox.tables import Inbound, Outgoing
from amends.slack.intake import PATIENCE
from tests.slack.fake import Message, interactive, payloads
from tests.slack.fake.signed import FORM, signature
from tests.slack.fake.workspace import Channel, User
from tests.waiting import LONGEST

JSON = "application/json"


class Outside:
    """Sends requests to the desk, well signed or not."""

    def __init__(self, whole):
        self.whole = whole
        self.url = whole.slack.http_url
        self.secret = whole.slack.signing_secret
        self.ada = whole.person("Ada Outside")

    def posts(self, body, content_type=JSON, *, secret=None, age=0, **headers):
        """Status and text of the answer; a header that is None is left out."""
        raw = body if isinstance(body, bytes) else body.encode()
        timestamp = str(int(time.time()) - age)
        signed = {
            "Content-Type": content_type,
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature(secret or self.secret, timestamp, raw.decode("latin-1"))
            if raw.isascii()
            else _of_bytes(secret or self.secret, timestamp, raw),
        }
        signed |= {name.replace("_", "-"): value for name, value in headers.items()}
        kept = {name: value for name, value in signed.items() if value is not None}
        request = urllib.request.Request(self.url, raw, kept)
        try:
            with urllib.request.urlopen(request, timeout=LONGEST) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def event(self, text="I posted a typo", ts=None):
        """A direct message of Ada's, as Slack sends it."""
        message = Message(self.ada.where, ts or f"{time.time():.6f}", self.ada.id, text, client_msg_id="c1")
        return payloads.event_callback(payloads.message_event(message, Channel(self.ada.where, "", "im"), None))

    def command(self, command="/amends", text="help"):
        person = User(self.ada.id, "ada", self.ada.name, "Europe/London")
        place = Channel("C0GENERAL", "general", "channel")
        url = f"{self.whole.slack.url}/response/T/1/none"
        return interactive.slash_command(person, place, command, text, f"1.2.{time.time()}", url)

    def stored(self):
        """How much there is, when what was acknowledged stands in the record."""
        self.whole.slack.until(lambda: not self.in_journal())
        return self.whole.looks(lambda s: s.execute(select(func.count()).select_from(Inbound)).scalar_one())

    def in_journal(self):
        with contextlib.closing(sqlite3.connect(self.journal)) as connection:
            return connection.execute("SELECT count(*) FROM arrival").fetchone()[0]

    @property
    def journal(self):
        return self.whole.servers.folder / "record-inbound.db"

    @contextlib.contextmanager
    def without_the_record(self):
        """Nobody can write, neither into the record nor into its journal."""
        locks = [
            sqlite3.connect(path, isolation_level=None)
            for path in (self.journal, self.whole.servers.folder / "record.db")
        ]
        try:
            for lock in locks:
                lock.execute("BEGIN EXCLUSIVE")
            yield
        finally:
            for lock in locks:
                lock.close()

    def handled(self, key):
        """Waits until what has this key was handled."""
        self.whole.slack.until(lambda: [row for row in self.came(key) if row.handled_at])

    def settles(self):
        """Waits until what came is done: what is done later would be taken for something of the next tests."""
        self.whole.slack.until(lambda: not self.in_journal() and not self.whole.looks(self._undone))

    def _undone(self, session):
        """But for a file that waits until its incident is clear, and an answer to an address that is none."""
        nowhere = select(Outgoing.key).where(Outgoing.action == "respond", Outgoing.last_error.is_not(None))
        unsent = set(session.scalars(nowhere))
        return [key for key, _ in self.whole.left(session) if not key.startswith("file:") and key not in unsent]

    def came(self, key):
        return self.whole.looks(lambda s: list(s.scalars(select(Inbound).where(Inbound.key == key))))


def _of_bytes(secret, timestamp, raw):
    import hashlib
    import hmac

    return f"v0={hmac.new(secret.encode(), b'v0:%s:%s' % (timestamp.encode(), raw), hashlib.sha256).hexdigest()}"


def form(payload):
    return urlencode({"payload": json.dumps(payload)})


@pytest.fixture(scope="module")
def outside(running):
    outside = Outside(running.over("http"))
    yield outside
    outside.settles()


FORGED = {
    "another secret": {"secret": "another0secret0another0secret000"},
    "six minutes old": {"age": 360},
    "six minutes ahead": {"age": -360},
    "no signature": {"X_Slack_Signature": None},
    "no timestamp": {"X_Slack_Request_Timestamp": None},
    "a timestamp that is no number": {"X_Slack_Request_Timestamp": "yesterday"},
    "an endless timestamp": {"X_Slack_Request_Timestamp": "9" * 400},
    "an empty signature": {"X_Slack_Signature": ""},
    "a signature of another version": {"X_Slack_Signature": "v1=00"},
    "a signature that is no text": {"X_Slack_Signature": "v0=\u00e9"},
}


@pytest.mark.parametrize("how", FORGED)
def test_what_is_not_signed_by_slack_is_refused_and_not_stored(outside, how):
    before = outside.stored()
    for body, content_type in (
        (json.dumps(outside.event()), JSON),
        (urlencode(outside.command()), FORM),
        ("{broken", JSON),
        (json.dumps({"type": "url_verification", "token": "t", "challenge": "c"}), JSON),
    ):
        status, text = outside.posts(body, content_type, **FORGED[how])
        assert status == 401
        assert "challenge" not in text
    assert outside.stored() == before


def test_slack_can_try_the_address_out(outside):
    assert outside.whole.slack.verify_url()
    assert outside.whole.slack.ssl_check()
    assert outside.posts(urlencode({"ssl_check": "1", "token": "t"}), FORM, X_Slack_Signature=None)[0] == 200


def test_a_request_that_is_sent_again_has_no_second_effect(outside):
    ts = f"{time.time():.6f}"
    body = json.dumps(outside.event(ts=ts))
    assert [outside.posts(body)[0] for _ in range(3)] == [200, 200, 200]
    again = {"X_Slack_Retry_Num": "1", "X_Slack_Retry_Reason": "http_timeout"}
    assert outside.posts(body, **again)[0] == 200
    key = f"message:{outside.ada.where}:{ts}"
    outside.handled(key)
    assert len(outside.came(key)) == 1
    assert outside.whole.looks(lambda s: len(list(s.scalars(select(Delivery).where(Delivery.key == key))))) == 1


UNREADABLE = {
    "broken JSON": ("{broken", JSON),
    "no JSON": ("hello", JSON),
    "a list": ("[1, 2]", JSON),
    "a text": ('"hello"', JSON),
    "null": ("null", JSON),
    "nothing": ("", JSON),
    "bytes": (b"\xff\xfe\x00", JSON),
    "half a character": (b'{"type": "event_callback", "text": "\xc3"}', JSON),
    "too deep": ("[" * 100_000, JSON),
    "deep and closed": ('{"a":' * 50_000 + "1" + "}" * 50_000, JSON),
    "a number without end": (f'{{"type": {"9" * 5_000}}}', JSON),
    "a payload that is broken": ("payload=%7Bbroken", FORM),
    "a payload that is a list": ("payload=%5B%5D", FORM),
    "an empty payload": ("payload=", FORM),
    "an empty form": ("", FORM),
    "bytes as a form": (b"payload=\xff", FORM),
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_what_cannot_be_read_is_refused_and_not_stored(outside, what):
    before = outside.stored()
    body, content_type = UNREADABLE[what]
    status, _ = outside.posts(body, content_type)
    assert status in {200, 400, 401, 404}
    assert outside.stored() == before


def test_what_is_too_long_is_refused(outside):
    assert outside.posts(json.dumps({"type": "event_callback", "text": "a" * 3_000_000}))[0] == 413


def unknown(outside):
    message = outside.event()
    other = {**message, "event": {**message["event"], "type": "something_new"}}
    edited = {**message, "event": {**message["event"], "subtype": "message_changed"}}
    from_bot = {**message, "event": {**message["event"], "bot_id": "B0OTHER001", "subtype": "bot_message"}}
    return {
        "an event of an unknown type": (json.dumps(other), JSON),
        "an edit": (json.dumps(edited), JSON),
        "what a bot says": (json.dumps(from_bot), JSON),
        "an event without an event": (json.dumps({**message, "event": None}), JSON),
        "an unknown type": (json.dumps({"type": "something_new", "team_id": "T0AMENDS1"}), JSON),
        "the rate limit": (json.dumps({"type": "app_rate_limited", "minute_rate_limited": 1}), JSON),
        "an unknown command": (urlencode(outside.command("/other")), FORM),
        "an unknown interaction": (form({"type": "something_new", "user": {"id": outside.ada.id}}), FORM),
        "a press on nothing": (form({"type": "block_actions", "user": {"id": outside.ada.id}, "actions": []}), FORM),
        "a closed view": (form({"type": "view_closed", "view": {"callback_id": "note"}}), FORM),
        "an unknown view": (form({"type": "view_submission", "view": {"callback_id": "other"}}), FORM),
        "an unknown shortcut": (form({"type": "shortcut", "callback_id": "other", "trigger_id": "1"}), FORM),
    }


def test_what_is_of_no_concern_is_ignored(outside):
    before = outside.stored()
    for what, (body, content_type) in unknown(outside).items():
        assert outside.posts(body, content_type)[0] in {200, 400, 404}, what
    assert outside.stored() == before


WRONG = (None, 0, -1, "", "?", [], {}, [None], True, "x" * 5_000, "\x00", {"id": None}, 1e308)


def places(value, path=()):
    """Every place in a payload."""
    if path:
        yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inside:
        yield from places(each, (*path, key))


def test_whatever_is_wrong_in_a_payload_the_answer_is_never_a_mistake_of_ours(outside):
    chance = random.Random(5)
    person = User(outside.ada.id, "ada", outside.ada.name, "Europe/London")
    card = Message(outside.ada.where, "1764300000.000100", "U0AMENDS1", "Card", by_app=True)
    place = Channel(outside.ada.where, "directmessage", "im")
    action = {"type": "button", "action_id": "say:0", "block_id": "b", "value": "/ask_help", "action_ts": "1.2"}
    url = f"{outside.whole.slack.url}/response/T/1/none"
    press = interactive.pressed_message(person, place, card, None, action, {}, "1.2.3", url)
    kinds = [
        (outside.event(), json.dumps, JSON),
        (press, form, FORM),
        (interactive.message_shortcut(person, place, card, None, "triage_this", "1.2.4", url), form, FORM),
        (interactive.global_shortcut(person, "report", "1.2.5"), form, FORM),
        (outside.command(), urlencode, FORM),
    ]
    statuses = set()
    for _ in range(300):
        payload, write, content_type = chance.choice(kinds)
        wrong = copy.deepcopy(payload)
        *path, last = chance.choice(list(places(wrong)))
        inside = wrong
        for key in path:
            inside = inside[key]
        value = chance.choice((*WRONG, ...))
        if value is ...:
            del inside[last]
        else:
            inside[last] = value
        status, text = outside.posts(write(wrong), content_type)
        assert status < 500, (status, text, path, last, value)
        statuses.add(status)
    assert 200 in statuses
    right = json.dumps(outside.event(ts=(ts := f"{time.time():.6f}")))
    assert outside.posts(right)[0] == 200
    key = f"message:{outside.ada.where}:{ts}"
    outside.handled(key)
    outside.settles()


def test_without_the_record_nothing_is_acknowledged_and_what_comes_again_is_handled_once(outside):
    slack = outside.whole.slack
    slack.forget()
    ben = outside.whole.person("Ben")
    outside.stored()
    with outside.without_the_record():
        ts = ben.says("I've just posted my night out photos on the uni account")
        slack.until(lambda: [ack for ack in slack.acks if not ack.ok])
        assert not any(ack.ok for ack in slack.acks)
    ben.sees("screenshot")
    assert not next(ack.ok for ack in slack.acks if ack.what == "message")
    assert not slack.given_up
    key = f"message:{ben.where}:{ts}"
    assert len(outside.came(key)) == 1
    said = [card.metadata["event_payload"]["key"] for card in ben.cards()]
    assert len(said) == len(set(said))


def test_what_is_not_stored_in_time_is_answered_so_that_slack_sends_it_again(outside):
    outside.stored()
    with outside.without_the_record():
        status, _ = outside.posts(json.dumps(outside.event()))
    assert status == 503
    assert PATIENCE < 3  # so long does Slack wait
