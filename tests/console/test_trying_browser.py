"""Trying, comparing, replaying, the history and the picture in a real browser: wide, on a phone, by keyboard."""

import re
import threading

import pytest
from playwright.sync_api import expect

from amends.console import replaying
from tests.browsing import choose, click, fits, press, settled, tab_to, violations, violations_in_the_dark
from tests.console.test_trying import FACTS, TRY
from tests.console.workshop import SLIP, add_incident, id_of, live_flow, make_draft

WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 800}
HIJACK = "Someone who should not have access is (or may be) in our account"
SITUATION = f"{TRY}?origin=own_post&issue=slip&personal_data=none&harm=annoyance&tragedy=absent&protected=absent"


def named(page, name="Ada Okafor"):
    page.goto("/who?back=/flows")
    page.get_by_label("Your name").fill(name)
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url("**/flows")


def worked_out(page):
    """Waits until what the page asks for again and again is there."""
    expect(page.locator("[hx-trigger^=load]")).to_have_count(0)
    settled(page)


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["desk", "phone"])
def test_every_page_is_accessible_and_fits(size, open_page, record, screenshot):
    page = open_page(viewport=size)
    named(page)
    for facts in ({**FACTS, "issue": ["slip"], "spread": "unseen"}, {"origin": "hijack"}):
        add_incident(record, facts, reporter=id_of(record) if _known(record) else "web:somebody")
    make_draft(record, SLIP)
    version = live_flow(record).version[:12]
    paths = {
        "try": SITUATION,
        "try-both": f"{SITUATION}&spread=few&of-version=draft&beside-version=live",
        "compare": "/flows/problem_post/compare",
        "compare-text": "/flows/problem_post/compare?view=text",
        "history": "/flows/problem_post/history",
        "version": f"/flows/problem_post/history/{version}",
        "picture": "/flows/problem_post/picture",
        "decision": f"/flows/problem_post/picture?of-what=decision&{SITUATION.split('?')[1]}",
    }
    for name, path in paths.items():
        page.goto(path)
        worked_out(page)
        for summary in page.locator("main summary").all():
            if summary.evaluate("each => !each.parentElement.open && !!each.offsetParent"):
                summary.click()
        assert (name, violations(page), violations_in_the_dark(page)) == (name, [], [])
        assert (name, fits(page)) == (name, True)
    page.goto("/flows/problem_post/replay")
    assert violations(page) == []
    click(page.get_by_role("button", name="Replay them now"))
    expect(page.get_by_role("heading", name=re.compile("incident"), level=2)).to_be_visible()
    worked_out(page)
    assert (violations(page), violations_in_the_dark(page)) == ([], [])
    assert fits(page)
    where = "desk" if size is WIDE else "phone"
    screenshot(page, f"flow-replay-{where}")
    for name in ("try", "try-both", "compare", "history", "picture"):
        page.goto(paths[name])
        worked_out(page)
        screenshot(page, f"flow-{name}-{where}")


def _known(record):
    """Whether the visitor is known to the record: only after a first message."""
    try:
        return bool(id_of(record))
    except Exception:  # noqa: BLE001 - a visitor who only looked
        return False


def test_the_advice_follows_each_answer_without_loading_the_page(open_page):
    page = open_page(viewport=WIDE)
    page.goto(TRY)
    page.evaluate("window.same = true")
    page.get_by_label("Where it came from").select_option("own_post")
    page.get_by_label("Harmless slip").check()
    page.get_by_label("Who could be hurt").select_option("none")
    page.get_by_role("group", name="Whether we can remove it").get_by_role("combobox").select_option("can_remove")
    status = page.get_by_role("status")
    expect(status).to_contain_text("take it down")
    expect(status).not_to_contain_text("information security")
    page.get_by_label("Where it came from").select_option("hijack")
    expect(status).to_contain_text("information security")
    expect(page.locator("#in-short")).to_have_count(1)
    assert page.evaluate("window.same")


def test_an_answer_is_cleared_and_the_rest_stays(open_page):
    page = open_page(viewport=WIDE)
    page.goto(SITUATION)
    page.evaluate("window.same = true")
    page.get_by_label("Where it came from").select_option("hijack")
    expect(page.get_by_role("status")).to_contain_text("information security")
    settled(page)
    click(page.get_by_role("button", name="Clear the answer about where it came from"))
    expect(page.get_by_label("Where it came from")).to_have_value("")
    expect(page.get_by_label("Who could be hurt")).to_have_value("annoyance")
    expect(page.get_by_role("status")).not_to_contain_text("information security")
    expect(page.get_by_role("button", name="Clear the answer about where it came from")).to_be_focused()
    assert page.evaluate("window.same")


def test_without_script_a_button_shows_the_advice_and_the_address_can_be_shared(open_page):
    page = open_page(java_script_enabled=False)
    page.goto(TRY)
    page.get_by_label("Where it came from").select_option("hijack")
    click(page.get_by_role("button", name="Show the advice"))
    expect(page.locator(".steps").first).to_contain_text("nformation security")
    expect(page).to_have_url(re.compile("origin=hijack$"))
    click(page.get_by_role("button", name="Clear the answer about where it came from"))
    expect(page.get_by_label("Where it came from")).to_have_value("")
    expect(page).not_to_have_url(re.compile("origin"))
    page.get_by_label("A public case").select_option("o2-outage-2012")
    click(page.get_by_role("button", name="Load its answers"))
    expect(page.get_by_text("The answers began with")).to_contain_text("O2 (UK), 2012")
    page.get_by_label("Who could be hurt").select_option("upset")
    page.get_by_role("button", name="Show the advice").click()
    page.wait_for_url("**harm=upset**")


def test_with_script_a_link_carries_the_answers_of_the_moment(open_page):
    page = open_page(viewport=WIDE)
    page.goto(TRY)
    page.get_by_label("Where it came from").select_option("hijack")
    expect(page.get_by_role("status")).to_contain_text("information security")
    settled(page)
    click(page.get_by_role("link", name="Address of this situation"))
    page.wait_for_url("**origin=hijack")
    expect(page.get_by_label("Where it came from")).to_have_value("hijack")


def test_another_version_changes_the_form_and_the_advice(open_page, record):
    make_draft(record, ('topic: "who could be hurt"', 'topic: "who may suffer"'))
    page = open_page(viewport=WIDE)
    page.goto(f"{TRY}?of-version=live&harm=death")
    expect(page.get_by_label("Who could be hurt")).to_have_value("death")
    page.get_by_label("Version", exact=True).select_option("draft")
    expect(page.get_by_label("Who may suffer")).to_have_value("death")
    settled(page)
    page.get_by_label("Beside it").select_option("live")
    expect(page.locator(".side")).to_have_count(2)
    expect(page.get_by_role("status")).to_contain_text("The live version:")


def test_by_keyboard_alone(open_page):
    page = open_page(viewport=WIDE)
    page.goto(TRY)
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "a-origin":
            break
    choose(page, HIJACK)
    expect(page.get_by_role("status")).to_contain_text("information security")
    expect(page.locator("#a-origin")).to_be_focused()
    tab_to(page, "what is wrong with it")
    press(page, "Enter")
    expect(page.locator("#clear-issue")).to_be_focused()


@pytest.mark.parametrize(("size", "seen", "hidden"), [(WIDE, "wide", "narrow"), (PHONE, "narrow", "wide")])
def test_only_the_picture_that_fits_is_there_for_anybody(size, seen, hidden, open_page):
    page = open_page(viewport=size)
    page.goto("/flows/problem_post/picture")
    expect(page.locator(f".picture .{seen} svg").first).to_be_visible()
    expect(page.locator(f".picture .{hidden} svg").first).to_be_hidden()
    assert page.locator(f".picture .{seen}").get_by_role("link").count() > 50
    expect(page.locator(f".picture .{hidden}").get_by_role("link")).to_have_count(0)
    link = page.locator(f".picture .{seen}").get_by_role("link").first
    address = link.evaluate("each => each.href.baseVal || each.getAttribute('href')")
    assert address.startswith("/flows/problem_post/")


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_long_replay_shows_its_progress_and_then_the_outcome(script, open_page, record, monkeypatch, request):
    page = open_page(java_script_enabled=script)
    named(page)
    for _ in range(3):
        add_incident(record, FACTS)
    make_draft(record, SLIP)
    go, read = threading.Event(), replaying._recorded
    request.addfinalizer(go.set)

    def slow(session, flow_id):
        for number, each in enumerate(read(session, flow_id)):
            if number == 2:
                assert go.wait(300)
            yield each

    monkeypatch.setattr(replaying, "_recorded", slow)
    monkeypatch.setattr(replaying, "PATIENCE", 0.2)
    page.goto("/flows/problem_post/replay")
    page.get_by_role("button", name="Replay them now").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.get_by_label(re.compile("of 3 incidents replayed"))).to_be_visible()
    if script:
        assert violations(page) == []
    go.set()
    if not script:
        for _ in range(300):  # each takes as long as the desk has patience
            click(page.get_by_role("link", name="Look again"))
            if page.get_by_role("button", name="Replay again").count():
                break
    expect(page.get_by_role("button", name="Replay again")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_count(0)
