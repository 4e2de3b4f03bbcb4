"""Somebody who has never seen it, with the browser alone, against the real bot: to a recorded recommendation."""

import json
import subprocess
import sys

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from amends.incidents import trail
from amends.incidents.database import Database
from amends.incidents.models import Delivery, Incident
from amends.incidents.verify import verify
from amends.settings import ROOT
from tests.browsing import click, settled
from tests.console.conftest import Desk, browser, open_page, screenshot  # noqa: F401 - fixtures
from tests.console.fake_bot import settings_for
from tests.conversations.conftest import TOKEN
from tests.waiting import LONGEST

WORDS = "I've just posted my night out photos on the uni account"
ANSWERS = {"issue": "slip", "personal_data": "none", "evidence": "not_saved", "control": "can_remove"}


@pytest.fixture
def desk(servers):
    desk = Desk(settings_for(servers.bot_port, servers.database_url, bot_token=TOKEN))
    desk.start()
    yield desk
    desk.stop()


@pytest.fixture
def record(servers):
    database = Database(servers.database_url)
    yield database
    database.dispose()


def begin(page):
    page.goto("/")
    page.get_by_label("Who is talking?").fill("Ada Okafor")
    page.get_by_label("What happened?").fill(WORDS)
    click(page.get_by_role("button", name="Tell Amends"))
    expect(page.locator("#latest")).to_contain_text("First, before anything else")


def answer(page):
    """Press what the latest card offers; whether the advice is there now."""
    expect(page.locator(".poll")).to_have_count(0)
    settled(page)
    latest = page.locator("#latest")
    before = page.locator(".said").count()
    if latest.locator(".recommendation").count():
        return True
    if latest.get_by_role("button", name="All right", exact=True).count():
        click(latest.get_by_role("button", name="All right", exact=True))
    elif latest.get_by_role("button", name="Just now").count():
        click(latest.get_by_role("button", name="Just now"))
    elif latest.locator("input[name=option]").count():
        question = latest.locator("input[name=question]").get_attribute("value")
        code = ANSWERS.get(question)
        box = latest.locator(f"input[name=option][value={code}]" if code else "input[name=option]").first
        box.check()
        click(latest.locator(".choices button"))
    else:
        buttons = latest.locator(".stack button")
        presses = [json.loads(b.get_attribute("value").partition("press")[2]) for b in buttons.all()]
        wanted = [n for n, press in enumerate(presses) if ANSWERS.get(press["question"]) == press["value"]]
        click(buttons.nth(wanted[0] if wanted else 0))
    expect(page.locator(".said")).to_have_count(before + 1)
    return False


def go_through(page):
    for _ in range(20):
        if answer(page):
            return
    raise AssertionError("No advice after 20 answers.")


def the_incident(record):
    with record.read() as session:
        incident = session.scalars(select(Incident).order_by(Incident.id.desc())).first()
        return incident, trail.entries(session, incident)


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_from_the_first_words_to_a_recorded_recommendation_and_a_step_that_is_done(
    script,
    open_page,  # noqa: F811
    record,
    screenshot,  # noqa: F811
):
    page = open_page(java_script_enabled=script, viewport={"width": 800, "height": 1000})
    begin(page)
    screenshot(page, "first-answer")
    go_through(page)
    assert page.locator(".said").count() <= 12  # two minutes, at ten seconds each
    incident, entries = the_incident(record)
    kinds = [entry.kind for entry in entries]
    assert {"reported", "safe_steps_shown", "understood", "confirmed", "asked", "answered"} <= set(kinds)
    assert kinds[-1] == "recommended"
    assert entries[0].payload["text"] == WORDS
    screenshot(page.locator("#latest"), "advice")
    page.set_viewport_size({"width": 320, "height": 640})
    page.locator("#latest").evaluate("latest => latest.scrollIntoView()")
    screenshot(page, "advice-phone")
    page.set_viewport_size({"width": 800, "height": 1000})
    advice = page.locator("#latest .recommendation")
    click(advice.locator(".steps button").first)
    expect(page.locator("#latest")).not_to_contain_text("What to do now, in this order")
    incident, entries = the_incident(record)
    assert entries[-1].kind == "step_done"
    assert len(json.loads(incident.done)) == 1
    page.goto(f"/incidents/{incident.reference}")
    expect(page.locator(".trail > li")).to_have_count(len(entries))
    expect(page.get_by_text("Done by Ada Okafor").first).to_be_visible()
    screenshot(page, "incident")
    with record.read() as session:
        assert verify(session, incident.reference).damage == ()


def test_killing_the_action_server_in_the_middle_loses_nothing(open_page, record, servers):  # noqa: F811
    page = open_page()
    begin(page)
    servers.kill("actions")
    click(page.get_by_role("button", name="All right", exact=True))
    expect(page.locator("#latest")).to_contain_text("Your message is kept")
    expect(page.locator("#latest")).to_contain_text("Sam Reeve, 020 7946 0000")
    servers.start("actions")
    expect(page.locator("#latest .question")).to_be_visible()
    go_through(page)
    _, entries = the_incident(record)
    assert [entry.kind for entry in entries].count("confirmed") == 1
    with record.read() as session:
        assert session.scalars(select(Delivery).where(Delivery.handled_at.is_(None))).all() == []


SCRIPT = f"""\
# the same report, in the terminal
{WORDS}
> All right
> slip
> none
> Nobody
> absent
> absent
> none
> can_remove
> not_saved
> Nobody seems to have noticed
> Done: preserve
"""


def test_the_same_in_the_terminal_by_a_script(servers, record, tmp_path):
    path = tmp_path / "script.txt"
    path.write_text(SCRIPT)
    environment = servers.environment | {"BOT_PORT": str(servers.bot_port), "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-m", "amends.cli", "chat", "--name", "Bo", "--script", str(path), "--json"]
    run = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=2 * LONGEST, check=False
    )
    assert run.returncode == 0, run.stderr
    types = [json.loads(line)["type"] for line in run.stdout.splitlines()]
    assert types[:2] == ["safe_steps", "understood"]
    assert "recommendation" in types
    _, entries = the_incident(record)
    assert (entries[-1].kind, entries[-1].source, entries[-1].payload["step"]) == ("step_done", "terminal", "preserve")
