"""What comms leads do with one incident, in a real browser: by pressing, by keyboard, without script, on a phone."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from amends.incidents import record as incident_record
from amends.leads import acts
from tests.browsing import click, fits, press, settled, tab_to, violations, violations_in_the_dark
from tests.console.leads import sign_in
from tests.console.test_lead_incident import by_hand, entries_of, state_of
from tests.console.whole import ADA, whole_incident
from tests.console.workshop import NOW

ENDS = ("", "/conversation", "/story", "/story/edit", "/review", "/sign-off")
LENA = acts.Actor("slack:T1:U9", "Lena", "slack", NOW)
WIDE = {"width": 1100, "height": 900}


@pytest.fixture
def incident(desk, record):  # noqa: ARG001 - the desk has migrated the record
    return whole_incident(record)


@pytest.fixture
def grace(open_page, record):
    page = open_page(viewport=WIDE)
    sign_in(page, record, "Grace Hopper")
    return page


def unfold(page, name):
    settled(page)
    page.locator("details.act > summary", has_text=name).click()


def act(page, name, button):
    unfold(page, name)
    click(page.get_by_role("button", name=button))


def test_an_incident_is_read_from_first_message_to_close_like_a_page(grace, incident, screenshot):
    grace.goto(f"/incidents/{incident}")
    expect(grace.get_by_role("heading", name="The decision")).to_be_visible()
    grace.get_by_text("The clauses, in the wording that was shown").scroll_into_view_if_needed()
    grace.locator("details.clause > summary").first.click()
    expect(grace.locator("details.clause[open] .words")).to_be_visible()
    grace.get_by_role("checkbox", name="Evidence", exact=True).check()
    click(grace.get_by_role("button", name="Show these"))
    expect(grace.locator(".trail > li")).to_have_count(1)
    click(grace.get_by_role("link", name="Show all"))
    expect(grace.locator(".trail > li")).to_have_count(8)
    correction = grace.locator("#entry-3 .correction")
    expect(correction).to_contain_text("Corrected by entry 4")
    grace.goto(f"/incidents/{incident}")
    screenshot(grace, "lead-incident")


def test_the_file_is_saved_under_a_safe_name(grace, incident, tmp_path):
    grace.goto(f"/incidents/{incident}")
    with grace.expect_download() as download:
        grace.get_by_role("link", name="the post.png").click()
    assert download.value.suggested_filename == "0001-the post.png"
    download.value.save_as(tmp_path / "x")
    assert (tmp_path / "x").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_the_acts_of_a_lead(script, open_page, record, incident):
    page = open_page(java_script_enabled=script, viewport=WIDE)
    sign_in(page, record, "Grace Hopper")
    page.goto(f"/incidents/{incident}")
    act(page, "Take it over", "Take it over")
    expect(page.get_by_role("status")).to_have_text("You lead this incident from now on.")
    unfold(page, "Add a note")
    page.get_by_role("textbox", name="Note").fill("The council rang.")
    click(page.get_by_role("button", name="Add the note"))
    expect(page.locator(".trail > li").last).to_contain_text("The council rang.")
    unfold(page, "Decide otherwise")
    for box in page.get_by_role("group", name="What is to be done instead").get_by_role("checkbox").all():
        box.uncheck()
    page.get_by_role("group", name="What is to be done instead").get_by_label("Hold").check()
    page.get_by_label("Why", exact=True).first.fill("It is over already.")
    click(page.get_by_role("button", name="Decide", exact=True))
    expect(page.locator(".notice", has_text="Decided by Grace Hopper")).to_contain_text("It is over already.")
    act(page, "Mark as a drill", "Mark it as a drill")
    expect(page.get_by_role("heading", level=1)).to_contain_text("drill")
    act(page, "Close it", f"Close {incident}")
    expect(page.get_by_role("status")).to_have_text("This incident is closed.")
    unfold(page, "Open it again")
    page.locator("#reopen-reason").fill("There is more.")
    click(page.get_by_role("button", name="Open it again"))
    expect(page.get_by_role("status")).to_have_text("This incident is open again.")
    assert state_of(record, incident).state == "advised"


def test_who_may_see_it_is_said_and_is_gone_for_other_leads(grace, open_page, record, incident):
    by_hand(record, incident, acts.add_note, LENA, "Seen in Slack.")
    lin = open_page()
    sign_in(lin, record, "Lin Wu")
    grace.goto(f"/incidents/{incident}")
    unfold(grace, "Say who may see it")
    grace.get_by_role("group", name="Named").get_by_label("Lena").check()
    click(grace.get_by_role("button", name="Save who may see it"))
    expect(grace.locator(".header")).to_contain_text("Ada Okafor, Grace Hopper, Lena")
    lin.goto(f"/incidents/{incident}")
    expect(lin.get_by_role("heading", level=1)).to_have_text("There is no such incident")


def test_two_leads_at_once_the_second_sees_the_firsts_change(grace, open_page, record, incident, screenshot):
    lin = open_page(viewport=WIDE)
    sign_in(lin, record, "Lin Wu")
    for page in (grace, lin):
        page.goto(f"/incidents/{incident}")
        unfold(page, "Decide otherwise")
        page.get_by_label("Why", exact=True).first.fill("It is over." if page is grace else "People wait.")
    click(grace.get_by_role("button", name="Decide", exact=True))
    expect(grace.get_by_role("status")).to_be_visible()
    click(lin.get_by_role("button", name="Decide", exact=True))
    expect(lin.get_by_role("alert")).to_contain_text(f"Grace Hopper changed {incident} since you looked")
    expect(lin.locator(".trail > .new")).to_contain_text("It is over.")
    expect(lin.get_by_label("Why", exact=True).first).to_have_value("People wait.")
    assert violations(lin) == []
    screenshot(lin, "lead-two-at-once")
    click(lin.get_by_role("button", name="Decide", exact=True))
    expect(lin.get_by_role("status")).to_have_text("Your decision stands in the place of the advice.")
    decided = [each.payload["reason"] for each in entries_of(record, incident) if each.kind == "lead_decided"]
    assert decided == ["It is over.", "People wait."]


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_story_is_told(script, open_page, record, incident, screenshot):
    page = open_page(java_script_enabled=script, viewport=WIDE)
    sign_in(page, record, "Grace Hopper")
    before = entries_of(record, incident)
    page.goto(f"/incidents/{incident}/story")
    click(page.get_by_role("link", name="Write the story"))
    for start in ("1. Reported", "4. Corrected", "5. Advice given", "8. Step done"):
        page.get_by_label(start).check()
    click(page.get_by_role("button", name="Add what is ticked"))
    expect(page.locator(".chapters > li")).to_have_count(4)
    page.get_by_label("Introduction").fill("A wrong date was put right within ten minutes.")
    click(page.locator("#chapter-8").get_by_role("button", name="Up"))
    expect(page.locator(".chapters > li").nth(2)).to_have_id("chapter-8")
    click(page.locator("#chapter-4").get_by_role("button", name="Leave it out"))
    expect(page.locator(".chapters > li")).to_have_count(3)
    page.locator("#chapter-1").get_by_label("Title").fill("Somebody noticed at once")
    page.locator("#chapter-1").get_by_label("Context").fill("They were at home, and told us within a minute.")
    assert violations(page) == [] if script else True
    click(page.get_by_role("button", name="Save the story"))
    expect(page.get_by_role("status")).to_contain_text("The story is saved.")
    expect(page.locator(".tale > li > h2")).to_have_text(["Somebody noticed at once", "Step done", "Advice given"])
    assert entries_of(record, incident) == before
    if script:
        screenshot(page, "lead-story")


def test_enter_in_a_title_saves_and_moves_nothing(grace, incident):
    grace.goto(f"/incidents/{incident}/story/edit")
    for start in ("1. Reported", "5. Advice given"):
        grace.get_by_label(start).check()
    click(grace.get_by_role("button", name="Add what is ticked"))
    grace.locator("#chapter-5").get_by_label("Title").fill("The advice")
    press(grace, "Enter")
    expect(grace.locator(".tale > li > h2")).to_have_text(["Reported", "The advice"])


def test_a_review_is_written_with_a_follow_up_that_is_done(grace, record, incident, screenshot):
    by_hand(record, incident, acts.close, LENA)
    grace.goto(f"/incidents/{incident}/review")
    grace.get_by_label("What went well").fill("It was down within ten minutes.")
    grace.get_by_label("What to change").fill("A second pair of eyes for every date.")
    click(grace.get_by_role("button", name="Save the review"))
    expect(grace.get_by_role("status")).to_have_text("The review is saved.")
    day = datetime.now(UTC).date() + timedelta(days=10)
    grace.get_by_label("What is to be done").fill("Add the dates to the checklist")
    grace.get_by_label("Who does it").select_option(ADA)
    grace.get_by_label("By when").fill(day.isoformat())
    click(grace.get_by_role("button", name="Agree on it"))
    expect(grace.locator("#follow-up-1")).to_contain_text("Ada Okafor")
    assert violations(grace) == []
    screenshot(grace, "lead-review")
    grace.goto("/follow-ups")
    expect(grace.locator("main")).to_contain_text("Add the dates to the checklist")
    assert violations(grace) == []
    click(grace.get_by_role("link", name=incident))
    click(grace.locator("#follow-up-1").get_by_role("button", name="Done"))
    expect(grace.locator("#follow-up-1")).to_contain_text("Grace Hopper said so")


def test_a_record_is_signed_off_with_what_is_missing_explained(grace, record, incident, screenshot):
    by_hand(record, incident, acts.close, LENA)
    grace.goto(f"/incidents/{incident}/sign-off")
    expect(grace.locator(".missing > li")).to_have_count(2)
    screenshot(grace, "lead-sign-off")
    grace.get_by_label("Nobody said when it was posted.").fill("The account keeps no log.")
    grace.get_by_label("Not done: Apologise.").fill("Nobody had seen it yet.")
    grace.get_by_label("Statement").fill("I read all entries and looked at the file.")
    click(grace.get_by_role("button", name="Sign the record off"))
    expect(grace.get_by_role("status")).to_have_text("The record is signed off.")
    expect(grace.locator("main")).to_contain_text("That entry is still the same.")
    assert violations(grace) == []
    grace.goto(f"/incidents/{incident}")
    unfold(grace, "Add a note")
    grace.get_by_role("textbox", name="Note").fill("The insurer asked for a copy.")
    click(grace.get_by_role("button", name="Add the note"))
    expect(grace.locator("#after + li")).to_contain_text("after sign-off")
    assert violations(grace) == []


def test_every_page_of_an_incident_is_accessible_and_fits_a_phone(open_page, record, incident, screenshot):
    page = open_page(viewport={"width": 320, "height": 640})
    sign_in(page, record, "Grace Hopper")
    for end in (*(f"/incidents/{incident}{end}" for end in ENDS), "/follow-ups"):
        page.goto(end)
        assert violations(page) == [], end
        assert fits(page), end
        for summary in page.locator("summary").all():
            summary.click()
        assert violations(page) == [], end
        assert violations_in_the_dark(page) == [], end
        assert fits(page), end
    page.goto(f"/incidents/{incident}")
    screenshot(page, "lead-incident-phone")


def test_a_note_by_keyboard_alone(grace, record, incident):
    grace.goto(f"/incidents/{incident}")
    tab_to(grace, "Add a note")
    press(grace, "Enter")
    grace.keyboard.press("Tab")
    grace.keyboard.type("By keyboard.")
    tab_to(grace, "Add the note")
    press(grace, "Enter")
    expect(grace.get_by_role("status")).to_have_text("Your note is in the record.")
    assert entries_of(record, incident)[-1].payload == {"text": "By keyboard."}


def test_on_paper_there_is_the_record_and_nothing_to_press(grace, incident):
    grace.goto(f"/incidents/{incident}")
    grace.emulate_media(media="print")
    expect(grace.get_by_text("What you can do")).to_be_hidden()
    expect(grace.get_by_role("button", name="Show these")).to_be_hidden()
    expect(grace.locator("#entry-8")).to_be_visible()


def test_hostile_words_are_drawn_as_they_were_written(grace, record, incident):
    hostile = "<script>alert(1)</script><img src=x onerror=alert(2)>{{ 7 * 7 }}"
    by_hand(record, incident, acts.add_note, LENA, hostile)
    with record.begin() as session:
        incident_record.find(session, incident).title = hostile
    grace.goto(f"/incidents/{incident}")
    expect(grace.locator(".trail > li").last).to_contain_text(hostile)
    expect(grace.locator("main script, main img")).to_have_count(0)
