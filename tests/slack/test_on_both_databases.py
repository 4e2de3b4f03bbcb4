"""One incident from the mention to the sign-off, on SQLite and on PostgreSQL."""

import json

import pytest

from amends.incidents.verify import verify
from tests.references import reference
from tests.slack.fake import File
from tests.slack.office import Office

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 200


@pytest.fixture
def office(database, encoder, monkeypatch):
    office = Office(database, encoder, monkeypatch, slack_tell_security="@group")
    yield office
    office.stop()


def test_an_incident_goes_its_whole_way(office):
    slack = office.slack
    ts = slack.mentions(office.ada, office.open, "Someone has got into our Twitter account and posts swear words")
    office.quiet()
    where = {"where": office.open, "thread": ts}
    advice = office.advise(office.ada, **where)
    office.says(office.grace, "here it is", office.open, thread=ts, files=[File("post.png", PNG)])
    advice = slack.message(advice.channel, advice.ts)
    office.presses(office.ada, advice, next(label for label in advice.labels if label.startswith("Tell ")))
    done = json.loads(office.incident().done)
    assert {"preserve", "security"} <= set(done)
    assert office.sees(office.grace, "You are needed")

    card = office.sees(office.lena, reference(), where=office.leads)
    for act, fields in (
        ("Override", {"responses": ["Hold"], "reason": "The police asked us to wait."}),
        ("Restrict", {"restricted": "Only those who are named here", "named": [office.lena]}),
    ):
        slack.presses(office.lena, slack.message(card.channel, card.ts), act)
        view = office.until(lambda: slack.view_of(office.lena))
        slack.submits(office.lena, view, **fields)
        office.quiet()
    assert [each.shown for each in office.cards(office.ada, office.open, ts)] == ["This goes on in private."]
    office.presses(office.lena, slack.message(card.channel, card.ts), "Close")
    slack.presses(office.lena, slack.message(card.channel, card.ts), "Sign off")
    slack.submits(office.lena, office.until(lambda: slack.view_of(office.lena)), statement="I have read it.")
    office.quiet()

    kinds = office.kinds()
    told = ["evidence_kept", "told", "lead_decided", "restricted", "closed", "signed_off"]
    assert [kind for kind in kinds if kind in told] == told
    with office.database.read() as session:
        assert not verify(session, reference()).damage
    assert slack.refused == []
