"""What came in is handled once, lane by lane, oldest first, by whoever may; and again when it fails."""

import asyncio
import json
import logging
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import aiohttp
import pytest
from sqlalchemy import select

from amends.incidents.database import Database, RecordUnavailable
from amends.outbox.sender import Sender
from amends.outbox.tables import Inbound, Outgoing
from amends.slack import inbox
from amends.slack.desk import Desk
from amends.slack.people import Person, SlackAway
from amends.slack.registry import EVERYBODY, LEADS, May, NotYet, Refused, Registry
from amends.slack.worker import Worker
from tests.console.fake_bot import settings_for
from tests.waiting import until

BEGUN = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
MAY = May(EVERYBODY)


class People:
    """Everybody is staff, unless told otherwise."""

    def __init__(self):
        self.roles = {}
        self.away = False
        self.forgotten = []

    def forget(self, user):
        self.forgotten.append(user)

    async def get(self, user):
        if self.away:
            raise SlackAway("timeout")
        return Person(user, "T1", user.title(), ZoneInfo("Europe/London"), self.roles.get(user, "staff"))


class Clock:
    def __init__(self):
        self.now = BEGUN

    def __call__(self):
        return self.now

    def goes_on(self, seconds):
        self.now += timedelta(seconds=seconds)


class Office:
    """A worker over a registry whose one handler writes down what it was called with."""

    def __init__(self, database, **more):
        self.database = database
        self.registry = Registry()
        self.people = People()
        self.clock = Clock()
        self.calls = []
        self.behave = lambda _call: None
        self.settings = settings_for(1, "sqlite://", slack_leads_channel="CLEADS", **more)

        async def handler(_desk, call):
            self.calls.append(call)
            result = self.behave(call)
            if asyncio.iscoroutine(result):
                await result

        self.handler = handler
        for kind, id_ in (("message", "message"), ("press", "say:"), ("home", "home")):
            self.registry.on(kind, id_, MAY)(handler)

    def worker(self, database=None, **more):
        database = database or self.database
        sender = Sender(database, SimpleNamespace(), {}, {})
        desk = Desk(
            self.settings,
            database,
            SimpleNamespace(),
            SimpleNamespace(),
            self.people,
            sender,
            SimpleNamespace(),
            team="T1",
            bot_user="UBOT",
            nudge=lambda: None,
        )
        return Worker(desk, self.registry, self.clock, **more)

    def stores(self, number, *, lane="slack:T1:D1", kind="message", user="UADA", **payload):
        values = {"user": user, "text": str(number), "channel": "D1", "ts": f"{number}.0"}
        if kind == "press":
            values = {"user": {"id": user}, "action": {"action_id": "say:0", "value": "/affirm"}}
        with self.database.begin() as session:
            row = Inbound(
                key=f"{kind}:{number}",
                kind=kind,
                lane=lane,
                payload=json.dumps(values | payload),
                received_at=self.clock.now,
                not_before=self.clock.now,
            )
            session.add(row)
        return row.id

    def handles(self, *, rounds=1, seconds=0.0, **more):
        async def work():
            worker = self.worker(**more)
            for _ in range(rounds):
                await worker.round()
                await worker.settle()
                self.clock.goes_on(seconds)

        asyncio.run(work())

    @property
    def said(self):
        return [call.payload["text"] for call in self.calls]

    def rows(self):
        with self.database.read() as session:
            return list(session.scalars(select(Inbound).order_by(Inbound.id)))

    def outgoing(self):
        with self.database.read() as session:
            return [(row.to, row.action, json.loads(row.body)["text"]) for row in session.scalars(select(Outgoing))]


@pytest.fixture
def office(database):
    return Office(database)


@pytest.fixture
def quick(sqlite_database):
    return Office(sqlite_database)


def test_a_call_carries_what_came_who_did_it_and_what_it_names(quick):
    value = {"incident": "INC-2026-0001", "state": "INC-2026-0001:3"}
    action = {"action_id": "say:0", "value": json.dumps(value)}
    quick.stores(1, kind="press", action=action)
    quick.handles()
    (call,) = quick.calls
    assert (call.key, call.kind, call.id, call.at) == ("press:1", "press", "say:0", BEGUN)
    assert (call.person.id, call.person.name) == ("slack:T1:UADA", "Uada")
    assert (call.reference, call.value) == ("INC-2026-0001", value)


def test_what_was_handled_is_not_handled_again(office):
    office.stores(1)
    office.handles(rounds=3, seconds=100)
    assert office.said == ["1"]
    assert all(row.handled_at and row.claimed_until is None for row in office.rows())


def test_a_lane_goes_one_by_one_oldest_first_and_lanes_go_side_by_side(office):
    under_way, most = [], 0

    async def slowly(call):
        nonlocal most
        lane = call.payload["channel"]
        assert lane not in under_way
        under_way.append(lane)
        most = max(most, len(under_way))
        await asyncio.sleep(0.05)
        under_way.remove(lane)

    office.behave = slowly
    for number in range(12):
        office.stores(number, lane=f"slack:T1:D{number % 3}", channel=f"D{number % 3}")
    office.handles()
    assert most == 3
    for lane in range(3):
        assert [each for each in office.said if int(each) % 3 == lane] == [str(n) for n in range(lane, 12, 3)]


def test_two_desks_at_once_handle_each_once_and_never_two_of_a_lane_at_the_same_time(office):
    busy, twice = set(), []

    async def slowly(call):
        if call.payload["channel"] in busy:
            twice.append(call.key)
        busy.add(call.payload["channel"])
        await asyncio.sleep(0.01)
        busy.discard(call.payload["channel"])

    office.behave = slowly
    for number in range(60):
        office.stores(number, lane=f"slack:T1:D{number % 7}", channel=f"D{number % 7}")
    other = Database(office.database.engine.url.render_as_string(hide_password=False))

    async def work():
        desks = [asyncio.create_task(office.worker(each).run()) for each in (office.database, other)]
        try:
            await until(lambda: all(row.handled_at for row in office.rows()))
        finally:
            for desk in desks:
                desk.cancel()
            await asyncio.gather(*desks, return_exceptions=True)

    asyncio.run(work())
    other.dispose()
    assert sorted(office.said, key=int) == [str(number) for number in range(60)]
    assert twice == []
    for lane in range(7):
        assert [each for each in office.said if int(each) % 7 == lane] == [str(n) for n in range(lane, 60, 7)]


def test_what_a_killed_process_had_in_hand_is_handled_when_its_lease_has_run_out(office):
    office.stores(1)
    log = SimpleNamespace()
    (row,) = inbox.exchange(office.database, [], 5, office.clock.now, log=log)
    assert inbox.exchange(office.database, [], 5, office.clock.now, log=log) == []
    office.handles()
    assert office.said == []
    inbox.renew(office.database, [row.id], office.clock.now + timedelta(seconds=15))
    office.clock.goes_on(30)
    office.handles()
    assert office.said == []
    office.clock.goes_on(6)
    office.handles()
    assert office.said == ["1"]


def test_what_is_in_hand_is_renewed_again_after_a_renewal_that_failed(quick, monkeypatch):
    real, renewed, done = inbox.renew, [], asyncio.Event()

    def renew(*given):
        renewed.append(1)
        if len(renewed) == 1:
            raise LookupError
        real(*given)

    monkeypatch.setattr(inbox, "LEASE", timedelta(seconds=0.1))
    monkeypatch.setattr(inbox, "renew", renew)
    quick.behave = lambda _call: done.wait()
    quick.stores(1)

    async def work():
        desk = asyncio.create_task(quick.worker().run())
        await until(lambda: len(renewed) > 2)
        done.set()
        await until(lambda: quick.rows()[0].handled_at)
        desk.cancel()
        await asyncio.gather(desk, return_exceptions=True)

    asyncio.run(work())
    assert quick.said == ["1"]


def test_what_was_put_off_before_its_lease_was_renewed_is_not_kept_back_by_that(office):
    office.stores(1)
    log, now = SimpleNamespace(), office.clock.now
    (row,) = inbox.exchange(office.database, [], 5, now, log=log)
    put_off = inbox.Outcome(row, until=now + timedelta(seconds=1), error="waits", counts=False)
    inbox.exchange(office.database, [put_off], 0, now, log=log)
    inbox.renew(office.database, [row.id], now)
    soon = now + timedelta(seconds=2)
    assert [each.id for each in inbox.exchange(office.database, [], 5, soon, log=log)] == [row.id]


def test_a_process_that_stops_gives_back_what_it_had_in_hand(quick):
    begun = asyncio.Event()

    async def never(_call):
        begun.set()
        await asyncio.sleep(60)

    quick.behave = never
    quick.stores(1)

    async def work():
        desk = asyncio.create_task(quick.worker().run())
        await begun.wait()
        desk.cancel()
        await asyncio.gather(desk, return_exceptions=True)

    asyncio.run(work())
    quick.behave = lambda _call: None
    quick.handles()
    assert quick.said == ["1", "1"]


def test_what_fails_is_tried_again_and_holds_back_what_comes_after_it_in_its_lane(office):
    def fail_twice(call):
        if call.payload["text"] == "1" and office.said.count("1") < 3:
            raise KeyError("what somebody wrote")

    office.behave = fail_twice
    office.stores(1)
    office.stores(2)
    office.stores(3, lane="slack:T1:D9")
    office.handles()
    assert sorted(office.said) == ["1", "3"]  # two lanes go side by side
    office.handles(rounds=4, seconds=2)
    assert office.said[2:] == ["1", "1", "2"]


def test_what_fails_again_and_again_is_set_aside_and_the_person_and_the_leads_are_told(office, caplog):
    def fail(call):
        if call.payload["text"] == "1":
            raise KeyError("what somebody wrote")

    office.behave = fail
    office.stores(1)
    office.stores(2)
    office.handles(rounds=12, seconds=100)
    assert office.said == ["1"] * 8 + ["2"]
    first, second = office.rows()
    assert (first.set_aside, first.last_error, first.attempts) == (True, "KeyError", 8)
    assert not second.set_aside
    told = {to: text for to, _action, text in office.outgoing()}
    assert "our mistake" in told["D1"]
    assert "020 7946 0000" in told["D1"]
    assert f"number {first.id} (message), KeyError" in told["CLEADS"]
    assert "what somebody wrote" not in caplog.text + str(told)


@pytest.mark.parametrize(
    "error",
    [
        SlackAway("timeout"),
        RecordUnavailable("The record is busy."),
        aiohttp.ClientConnectorError(SimpleNamespace(host="h", port=1, ssl=True), OSError("x")),
    ],
)
def test_while_slack_or_the_record_is_away_nothing_is_set_aside(error, quick):
    away = True

    def fail(_call):
        if away:
            raise error

    quick.behave = fail
    quick.stores(1)
    quick.handles(rounds=30, seconds=31)
    assert len(quick.said) == 30
    assert quick.rows()[0].attempts == 0
    away = False
    quick.handles()
    assert quick.rows()[0].handled_at


def test_while_it_is_not_known_who_somebody_is_it_waits(quick):
    quick.people.away = True
    quick.stores(1)
    quick.handles(rounds=10, seconds=31)
    assert quick.calls == []
    quick.people.away = False
    quick.handles()
    assert quick.said == ["1"]


def test_what_has_to_wait_is_tried_again_in_a_second_and_less_often_the_longer_it_waits(quick):
    def not_yet(_call):
        raise NotYet

    quick.behave = not_yet
    quick.stores(1)
    quick.handles(rounds=10, seconds=0.5)
    assert len(quick.calls) == 5
    quick.clock.goes_on(3600)
    quick.handles(rounds=60, seconds=1)
    assert len(quick.calls) == 7
    assert quick.rows()[0].attempts == 0


def test_a_handler_that_hangs_is_given_up_and_tried_again(quick, monkeypatch):
    monkeypatch.setattr("amends.slack.worker.PATIENCE", 0.05)

    async def hang(_call):
        await asyncio.sleep(60)

    quick.behave = hang
    quick.stores(1)
    quick.handles()
    assert (quick.rows()[0].attempts, quick.rows()[0].last_error) == (1, "timeout")


def test_who_is_refused_is_told_once_where_nobody_else_sees_it(office):
    def refuse(_call):
        raise Refused("Nothing is ticked yet.")

    office.behave = refuse
    office.stores(1, kind="press", response_url="http://127.0.0.1:9/respond")
    office.stores(2)
    office.stores(3, channel="C1", thread_ts="9.9", lane="slack:T1:C1:9.9")
    office.handles(rounds=2)
    assert sorted(office.outgoing()) == [
        ("C1", "ephemeral", "Nothing is ticked yet."),
        ("D1", "post", "Nothing is ticked yet."),
        ("http://127.0.0.1:9/respond", "respond", "Nothing is ticked yet."),
    ]


def test_bots_and_people_who_have_left_are_not_answered(quick):
    quick.people.roles = {"UBOT2": "bot", "UGONE": "gone"}
    quick.stores(1, user="UBOT2")
    quick.stores(2, user="UGONE", lane="slack:T1:D2")
    quick.handles()
    assert quick.calls == []
    assert quick.outgoing() == []
    assert all(row.handled_at for row in quick.rows())


@pytest.mark.parametrize(
    ("role", "may", "sentence"),
    [
        ("staff", LEADS, "Only comms leads"),
        ("guest", EVERYBODY, "Guests of the workspace"),
        ("stranger", EVERYBODY, "Only people at"),
        ("lead", None, "This cannot be done here"),
    ],
)
def test_who_may_not_is_refused_before_the_handler_is_called(role, may, sentence, quick):
    quick.registry.on("press", "lead:close", May(may) if may else None)(quick.handler)
    quick.people.roles["UADA"] = role
    action = {"action_id": "lead:close", "value": "{}"}
    quick.stores(1, kind="press", action=action, response_url="http://127.0.0.1:9/respond")
    quick.handles()
    assert quick.calls == []
    ((_to, _action, text),) = quick.outgoing()
    assert sentence in text
    assert quick.people.forgotten == ["UADA"]


def test_a_result_that_cannot_be_kept_does_not_hold_up_the_others(quick, caplog):
    quick.stores(1)
    quick.stores(2, lane="slack:T1:D2")
    first, second = inbox.exchange(quick.database, [], 5, quick.clock.now, log=SimpleNamespace())

    def broken(_session):
        raise KeyError("what somebody wrote")

    outcomes = [inbox.Outcome(first, also=broken), inbox.Outcome(second)]
    inbox.exchange(quick.database, outcomes, 0, quick.clock.now, log=logging.getLogger("t"))
    rows = quick.rows()
    assert [row.handled_at is not None for row in rows] == [True, True]
    assert [row.set_aside for row in rows] == [True, False]
    assert "what somebody wrote" not in caplog.text


def test_a_record_that_is_away_keeps_what_was_handled_for_the_next_round(quick, monkeypatch):
    quick.stores(1)

    async def work():
        worker = quick.worker()
        await worker.round()
        await asyncio.gather(*worker._in_hand.values())

        def gone(*_, **__):
            raise RecordUnavailable("The record cannot be reached.")

        with monkeypatch.context() as patch:
            patch.setattr(inbox, "exchange", gone)
            await worker.round()
        await worker.round()

    asyncio.run(work())
    assert quick.said == ["1"]
    assert quick.rows()[0].handled_at


@pytest.mark.parametrize("part", ["waits", "exchange"])
def test_a_mistake_in_one_round_does_not_end_the_handling_of_everything(part, quick, monkeypatch, caplog):
    real, failed = getattr(inbox, part), []

    def broken(*given, **more):
        if not failed:
            failed.append(1)
            raise LookupError("what somebody wrote")
        return real(*given, **more)

    monkeypatch.setattr(inbox, part, broken)
    quick.stores(1)

    async def work():
        desk = asyncio.create_task(quick.worker().run())
        try:
            await until(lambda: quick.rows()[0].handled_at)
        finally:
            desk.cancel()
            await asyncio.gather(desk, return_exceptions=True)

    asyncio.run(work())
    assert quick.said == ["1"]
    assert "LookupError" in caplog.text
    assert "what somebody wrote" not in caplog.text


def test_what_was_stored_or_claimed_while_the_clock_was_ahead_is_handled_when_it_is_put_right(office):
    office.clock.goes_on(3600)
    claimed, stored = office.stores(1), office.stores(2, lane="slack:T1:D2")
    with office.database.begin() as session:
        session.get_one(Inbound, claimed).claimed_until = office.clock.now + inbox.LEASE
    office.clock.goes_on(-3600)
    office.handles()
    assert [row.id for row in office.rows() if row.handled_at] == [claimed, stored]
