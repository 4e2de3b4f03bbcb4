"""A lead finishes the conversation after a public reply, in a browser: by keyboard on a small screen, by clicks."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from amends.incidents import completion
from tests.browsing import click, fits, press, tab_to, violations, violations_in_the_dark
from tests.console.leads import sign_in
from tests.console.test_lead_after import answers, local
from tests.console.test_lead_incident import entries_of, state_of
from tests.console.whole import whole_incident

SMALL = {"width": 320, "height": 640}
WIDE = {"width": 1100, "height": 900}
REASON = "The account is gone."


@pytest.fixture
def replied(desk, record):  # noqa: ARG001 - the desk has migrated the record
    reference = whole_incident(record)
    answers(record, reference)
    return reference


def unfold(page, name):
    click(page.locator("details.act > summary", has_text=name))


def test_the_four_questions_are_answered_by_keyboard_alone_on_a_small_screen(open_page, record, replied, screenshot):
    page = open_page(viewport=SMALL)
    sign_in(page, record, "Grace Hopper")
    page.goto(f"/incidents/{replied}")
    tab_to(page, "Answer what is asked after the reply")
    press(page, "Enter")
    expect(page.get_by_role("button", name="Save the answers")).to_be_visible()
    assert violations(page) == []
    assert violations_in_the_dark(page) == []
    assert fits(page)
    for downs in (0, 1, 1):  # all are answered; not yet quiet; it is pinned
        page.keyboard.press("Tab")
        press(page, "Space")
        for _ in range(downs):
            press(page, "ArrowDown")
    screenshot(page.locator("#after-form"), "lead-finishing-phone")
    tab_to(page, "Save the answers")
    press(page, "Enter")
    expect(page.get_by_role("status")).to_have_text("Your answers are in the record.")
    given = completion.of(state_of(record, replied)).answers
    assert {code: each.option.code for code, each in given.items()} == {
        "unanswered": "none",
        "quiet": "no",
        "pinned": "pinned",
    }
    after = page.get_by_role("region", name="After the reply")
    expect(after).to_contain_text("Not yet. Grace Hopper")
    expect(after).to_contain_text("Not answered yet.")
    assert fits(page)


def test_it_closes_with_an_open_promise_only_when_the_lead_says_why(open_page, record, replied):
    page = open_page(java_script_enabled=False, viewport=WIDE)
    sign_in(page, record, "Grace Hopper")
    page.goto(f"/incidents/{replied}")
    unfold(page, "Note what was promised in public")
    page.get_by_label("What was promised, in the words that were used").fill("Next update at five")
    page.get_by_label("By when").fill(local(datetime.now(UTC) + timedelta(hours=4)))
    click(page.get_by_role("button", name="Note the promise"))
    expect(page.locator(".header")).to_contain_text("the update that was promised")

    unfold(page, "Answer what is asked after the reply")
    form = page.locator("#after-form")
    expect(form.get_by_role("group", name="Next update at five")).to_have_count(1)
    expect(form.get_by_role("group", name="Was the update given that was promised?")).to_have_count(0)

    unfold(page, "Close it")
    page.get_by_label("Why it is closed all the same").fill(" ")
    click(page.get_by_role("button", name=f"Close {replied}"))
    expect(page.get_by_role("alert")).to_contain_text(f"{replied} is not finished: questions that nobody has answered")
    assert state_of(record, replied).state == "advised"
    page.get_by_label("Why it is closed all the same").fill(REASON)
    click(page.get_by_role("button", name=f"Close {replied}"))
    expect(page.get_by_role("status")).to_have_text("This incident is closed.")
    expect(page.get_by_role("region", name="After the reply")).to_contain_text("Not kept before the close.")
    expect(page.locator(".trail")).to_contain_text(REASON)
    assert [each.kind for each in entries_of(record, replied)][-2:] == ["left_unfinished", "closed"]
