"""The clerk looks every few seconds; the digest goes out once a day."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest

from amends.incidents.database import RecordUnavailable
from amends.outbox import digest
from amends.outbox.clerk import Clerk
from tests.outbox.incident import Story, settings, step
from tests.waiting import until


def clerk(box, **changes):
    return Clerk(box.database, settings(**changes), now=box.clock)


def at(box, day, hour, minute=0):
    box.clock.at = datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def digests(box):
    from amends.outbox.tables import Outgoing

    with box.database.read() as session:
        return [(row.key, row.to, json.loads(row.body)) for row in session.query(Outgoing).order_by(Outgoing.id)]


def test_the_digest_goes_out_once_a_day_when_its_time_has_come(box):
    one = clerk(box)
    for day, hour, minute, put in (
        (2, 8, 59, 0),
        (2, 9, 0, 1),
        (2, 9, 1, 0),
        (2, 23, 0, 0),
        (3, 0, 1, 0),
        (3, 12, 0, 1),
    ):
        at(box, day, hour, minute)
        assert one.look() == put
    assert digests(box) == [
        ("digest:2026-03-02", "CLEADS", {"day": "2026-03-02"}),
        ("digest:2026-03-03", "CLEADS", {"day": "2026-03-03"}),
    ]


def test_it_goes_out_once_with_several_processes_and_after_a_restart(box):
    at(box, 2, 9)
    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(lambda _: clerk(box).look(), range(4))) == 1
    assert clerk(box).look() == 0


def test_its_time_of_day_is_that_of_the_organisation():
    summer = datetime(2026, 7, 1, 8, 0, tzinfo=UTC)
    assert digest.due(settings(timezone="Europe/London"), summer) == date(2026, 7, 1)
    assert digest.due(settings(timezone="UTC"), summer) is None


def test_without_a_channel_for_leads_there_is_no_digest(box):
    at(box, 2, 12)
    assert clerk(box, slack_leads_channel="").look() == 0
    assert digests(box) == []


@pytest.mark.parametrize(
    ("wrong", "said"), [(RecordUnavailable("The record is busy."), "busy"), (LookupError("a name"), "LookupError")]
)
def test_it_nudges_the_sender_when_something_was_put_and_goes_on_when_a_look_failed(
    wrong, said, small_box, monkeypatch, caplog
):
    story = Story(small_box, digest_at="23:59")
    story.advised(3, [step("hold")])
    small_box.clock.forward(600)
    nudged, looks = [], []
    one = Clerk(
        small_box.database, story.settings, now=small_box.clock, every=0.01, nudge=lambda: nudged.append(len(looks))
    )
    real = one.look

    def look():
        looks.append(1)
        if len(looks) == 1:
            raise wrong
        return real()

    monkeypatch.setattr(one, "look", look)

    async def work():
        task = asyncio.create_task(one.run())
        await until(lambda: len(looks) > 3)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(work())
    assert nudged == [2]
    assert said in caplog.text
    assert "a name" not in caplog.text
