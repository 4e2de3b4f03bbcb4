"""The pages of drills: the list with one's own history, a team's go as it happens, and all of it in sum."""

import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from amends.access import audit
from amends.access.tables import AuditEntry
from amends.drills import practice
from amends.drills.tables import Practice
from amends.flows import load_flow
from amends.incidents import record as incidents
from amends.incidents import trail
from amends.incidents.trail import Kind
from amends.insights.practised import sums
from amends.settings import ROOT
from tests.browsing import click, fits, violations
from tests.console.leads import sign_in, signed_in
from tests.console.workshop import field, give_name
from tests.waiting import LONGEST

FLOW = load_flow(ROOT / "data" / "flows" / "problem_post.yml")


@pytest.fixture
def client(desk):
    with httpx.Client(base_url=desk.url, follow_redirects=True, timeout=LONGEST) as client:
        yield client


def goes(record, person="slack:T1:U1", *, drill="before_dawn", team=True, ago=5, reported=True, outcome=None):
    """Somebody's go at a drill, begun some minutes ago; its number."""
    began = datetime.now(UTC) - timedelta(minutes=ago)
    with record.begin() as session:
        incidents.ensure_participant(session, person, f"Somebody {person[-1]}", began)
        talk = incidents.ensure_conversation(session, f"web:{person}", person, began)
        go = practice.begin(session, drill, talk.id, person, began, team=team)
        if reported:
            incident = incidents.open_incident(session, talk, FLOW, "A picture", "web", began, 2026, person, drill=True)
            incident.restricted = not team
            said = {"actor_id": person, "source": "web", "said_at": began, "recorded_at": began}
            trail.append(session, incident, Kind.REPORTED, {"text": "It was <b>reposted</b>"}, **said)
            trail.append(session, incident, Kind.ANSWERED, {"question": "origin", "value": "automation"}, **said)
            trail.append(session, incident, Kind.DRILL_TOLD, {"clock": "06:58", "text": "You try to sign in."}, **said)
            go.incident_id = incident.id
        if outcome is not None:
            go.ended_at, go.outcome = began + timedelta(seconds=outcome["seconds"]), json.dumps(outcome)
        return go.id


def came_out(seconds=420, *, as_judged=True, stopped=False, otherwise=()):
    read = [{"question": each, "given": [], "case": []} for each in otherwise]
    return {
        "seconds": seconds,
        "steps": {},
        "judged": {},
        "otherwise": read,
        "stopped": stopped,
        "as_judged": as_judged,
    }


def test_staff_see_the_ten_drills_and_begin_one_from_the_page(bot, client):
    give_name(client, "Ada")
    page = client.get("/drills")
    assert page.text.count("Begin alone</button>") == 10
    assert page.text.count("Begin as a team</button>") == 10
    assert "/drills/teams" not in page.text
    form = {"csrf": field(page, "csrf"), "key": field(page, "key"), "send": '/practise{"about": "beer_tasting"}'}
    assert client.post("/say", data=form).status_code == 200
    assert bot.texts[-1] == '/practise{"about": "beer_tasting"}'


def test_whoever_comes_only_to_practise_says_who_they_are_and_comes_to_the_drills(client):
    asked = client.get("/drills")
    assert "Who are you?" in asked.text
    form = {"csrf": field(asked, "csrf"), "back": field(asked, "back"), "name": "Ada"}
    come = client.post("/who", data=form)
    assert come.url.path == "/drills"
    assert "Begin alone" in come.text


def test_own_history_is_ones_own(record, desk):
    with signed_in(desk, record, "Ada Stone", ("staff",)) as ada, signed_in(desk, record, "Bo", ("staff",)) as bo:
        with record.read() as session:
            me = session.scalars(select(AuditEntry.participant_id).where(AuditEntry.name == "Ada Stone")).first()
        goes(record, me, team=False, outcome=came_out(420))
        judged = {"take_down": "as_judged", "apologise": "left_out", "make_light": "against"}
        goes(record, me, team=False, outcome={**came_out(600, as_judged=False), "judged": judged})
        page = " ".join(ada.get("/drills").text.split())
        assert "7 minutes. As it was judged right." in page
        told = "Judged right, and not marked as done: apologise. Judged a mistake, and done: make light."
        assert f"10 minutes. {told}" in page
        assert "7 minutes" not in bo.get("/drills").text


def test_a_lead_follows_a_team_and_nobody_who_practises_alone(record, grace):
    team, alone = goes(record), goes(record, "slack:T1:U2", team=False)
    listed = grace.get("/drills/teams").text
    assert f"/drills/teams/{team}" in listed
    assert f"/drills/teams/{alone}" not in listed
    page = grace.get(f"/drills/teams/{team}").text
    assert "It was &lt;b&gt;reposted&lt;/b&gt;" in page
    assert "minute 0, Somebody 1" in page
    story, _, done = page.partition("What they do")
    assert "told</span>" in story
    assert [part in done for part in ("Where did this come from?", "A scheduler, bot", "06:58")] == [True] * 3
    assert "You try to sign in." not in done  # the story stands above
    assert "5 of 12 minutes" in page
    assert grace.get(f"/drills/teams/{alone}").status_code == 404
    assert grace.get("/drills/teams/999").status_code == 404
    assert grace.get(f"/drills/teams/{2**40}").status_code == 404


def test_what_was_begun_as_practice_is_not_offered_to_be_marked_as_real(record, grace):
    goes(record)
    page = grace.get("/incidents/DRILL-2026-0001").text
    assert "What you can do" in page
    assert "Mark as" not in page


def test_looking_at_a_go_is_kept_once_an_hour_although_the_page_draws_itself_again(record, grace):
    number = goes(record)
    for _ in range(3):
        grace.get(f"/drills/teams/{number}")
    with record.read() as session:
        kept = audit.entries(session, reference="DRILL-2026-0001")
    assert [json.loads(each.details)["page"] for each in kept] == [f"/drills/teams/{number}"]


def test_the_page_that_draws_itself_again_does_not_wait_for_those_who_write(record, grace):
    number = goes(record)
    grace.get(f"/drills/teams/{number}")
    with record.begin() as session:
        incidents.ensure_participant(session, "slack:T1:U5", "Somebody 5", datetime.now(UTC))
        assert grace.get(f"/drills/teams/{number}").status_code == 200


def test_a_lead_has_the_next_part_told_with_the_next_message_where_there_is_no_slack(record, grace):
    number = goes(record)
    page = grace.get(f"/drills/teams/{number}")
    form = {"csrf": field(page, "csrf"), "key": field(page, "key")}
    answer = grace.post(f"/drills/teams/{number}/next", data=form)
    assert "told with their next message" in answer.text
    assert grace.post(f"/drills/teams/{number}/next", data=form).status_code == 200  # the same form again
    with record.read() as session:
        assert (session.get_one(Practice, number).told, session.get_one(Practice, number).cued) == (1, 2)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"reported": False}, "Nobody has said yet what happened"),
        ({"outcome": came_out()}, "This drill has ended"),
    ],
)
def test_what_cannot_be_told_is_said_with_the_reason(record, grace, how, said):
    number = goes(record, **how)
    page = grace.get("/drills/teams")
    form = {"csrf": field(grace.get("/drills"), "csrf"), "key": field(grace.get("/drills"), "key")}
    assert page.status_code == 200
    answer = grace.post(f"/drills/teams/{number}/next", data=form)
    assert answer.status_code == 409
    assert said in answer.text


def test_sums_are_shown_from_five_people_on_and_name_nobody(record, grace):
    for n in range(4):
        goes(record, f"slack:T1:U{n}", team=False, outcome=came_out(60 * (n + 3), otherwise=("harm",)))
    goes(record, "slack:T1:U0", team=False, outcome=came_out(60, otherwise=("harm",)))  # again, but nobody new
    page = " ".join(grace.get("/drills/teams").text.split())
    assert "Practised by fewer than five people, so not shown: Before dawn." in page
    goes(record, "slack:T1:U5", outcome=came_out(60 * 30, as_judged=False, otherwise=("harm",)))
    goes(record, "slack:T1:U6", team=False, outcome=came_out(stopped=True))
    page = grace.get("/drills/teams").text
    assert "Finished 6 times, in 4 minutes in the middle." in page
    assert "As it was judged right: not shown." in page  # one of six was not, and would be known by that
    assert "Harm" in page
    alone = [f"Somebody {n}" for n in range(5)]
    assert not [name for name in alone if name in page]


def test_the_sum_of_all_is_that_of_the_drills_that_are_shown(record):
    for n in range(5):
        goes(record, f"slack:T1:U{n}", outcome=came_out(60 * (n + 1)))
    goes(record, "slack:T1:U0", drill="beer_tasting", outcome=came_out(60 * 90))
    with record.read() as session:
        found = sums(session)
    assert [one.drill for one in found.of_drills] == ["before_dawn"]
    assert found.too_few == ["beer_tasting"]
    assert (found.whole.goes, found.whole.minutes, found.whole.as_judged) == (5, 3, 5)


def test_drills_that_cannot_be_read_are_a_clear_page(client, monkeypatch, tmp_path):
    from amends.console import drill_lists

    give_name(client, "Ada")
    monkeypatch.setattr(drill_lists, "DATA", tmp_path)
    answer = client.get("/drills")
    assert answer.status_code == 503
    assert "The drills cannot be read" in answer.text


def test_the_pages_fit_a_phone_and_are_accessible(record, open_page, screenshot):
    number = goes(record)
    for n in range(5):
        goes(record, f"slack:T1:U{n + 2}", drill="beer_tasting", team=False, outcome=came_out(60 * (n + 4)))
    page = open_page(viewport={"width": 360, "height": 740})
    sign_in(page, record, "Grace Hopper")
    for address, heading, name in (
        ("/drills", "Practise", "drills"),
        ("/drills/teams", "Practice of teams, and in sum", ""),
        (f"/drills/teams/{number}", "Before dawn", ""),
    ):
        page.goto(address)
        expect(page.get_by_role("heading", name=heading, level=1)).to_be_visible()
        assert violations(page) == []
        assert fits(page)
        if name:
            screenshot(page, name)
    click(page.get_by_role("button", name="Tell the next part now"))
    expect(page.get_by_text("told with their next message")).to_be_visible()
    screenshot(page, "drill-followed")
