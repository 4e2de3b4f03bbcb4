"""The web chat in a real browser: with and without script, by keyboard, on a phone, for screen readers."""

import re

import pytest
from playwright.sync_api import expect

from amends.conversation.replies import press_answer
from amends.incidents import deliveries
from tests.browsing import click, fits, press, tab_to, violations, violations_in_the_dark
from tests.console.triage import EVERY_TYPE

WORDS = "I've just posted my night out photos on the uni account"


def begin(page, text=WORDS):
    page.goto("/")
    page.get_by_label("Who is talking?").fill("Ada Okafor")
    page.get_by_label("What happened?").fill(text)
    click(page.get_by_role("button", name="Tell Amends"))
    expect(page.locator("#latest")).to_be_visible()


def type_and_send(page, text):
    page.locator("#text").fill(text)
    click(page.get_by_role("button", name="Send", exact=True))


def walk(page):
    """The whole way, by pressing what each card offers."""
    begin(page)
    click(page.get_by_role("button", name="All right", exact=True))
    click(page.get_by_role("button", name="Somebody could be hurt"))
    page.get_by_label("Kind of problem number 2").check()
    page.get_by_label("It is rude, or swears").check()
    click(page.get_by_role("button", name="These fit"))
    page.get_by_label("Truth number 4").check()
    click(page.get_by_role("button", name="This one"))
    page.get_by_label("Posted").fill("2026-03-24T21:20")
    page.get_by_label("First noticed").fill("2026-03-24T21:40")
    click(page.get_by_role("button", name="Send these times"))
    expect(page.get_by_text("Take it down now, then apologise")).to_be_visible()
    click(page.get_by_role("button", name="Done: Keep evidence"))
    expect(page.locator("#latest")).to_contain_text("Done by Ada")


SENT = [
    WORDS,
    "/affirm",
    '/press{"question": "harm", "value": "hurt", "state": "INC-2026-0001:3"}',
    '/press{"question": "issue", "value": "issue2,rude", "state": "INC-2026-0001:3"}',
    '/press{"question": "truth", "value": "truth4", "state": "INC-2026-0001:3"}',
    press_answer("noticed_at", "2026-03-24T21:20:00+00:00,2026-03-24T21:40:00+00:00", "INC-2026-0001:3"),
    '/action_done{"step": "preserve", "state": "INC-2026-0001:9"}',
]


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_the_whole_way_by_pressing(script, open_page, bot):
    page = open_page(java_script_enabled=script)
    walk(page)
    assert bot.texts == SENT
    said = page.locator(".said").all_inner_texts()
    assert "All right" in said[1]
    assert "Kind of problem number 2; It is rude, or swears" in said[3]
    assert "Posted at 21:20 on 24 March 2026, first noticed at 21:40 on 24 March 2026" in said[5]
    assert "Done: Keep evidence" in said[6]


def test_the_first_page_says_in_two_sentences_what_this_is_and_asks_for_a_name(open_page, screenshot):
    page = open_page()
    page.goto("/")
    assert page.locator(".lead").inner_text().count(".") == 2
    expect(page.get_by_text("Your name stands in the record.")).to_be_visible()
    assert violations(page) == []
    screenshot(page, "first-visit")


@pytest.mark.parametrize("name", list(EVERY_TYPE))
def test_every_type_of_reply_is_accessible_and_fits_a_phone(name, open_page):
    page = open_page(viewport={"width": 320, "height": 640})
    begin(page, name)
    assert violations(page) == []
    assert fits(page)
    for summary in page.locator("#chat summary").all():
        summary.click()
    assert violations(page) == []
    assert violations_in_the_dark(page) == []
    assert fits(page)


def test_a_whole_conversation_is_accessible(open_page):
    page = open_page(viewport={"width": 900, "height": 900})
    begin(page)
    click(page.get_by_role("button", name="All right", exact=True))
    click(page.get_by_role("button", name="Somebody could be hurt"))
    expect(page.get_by_role("button", name="These fit")).to_be_visible()
    type_and_send(page, "recommendation")
    expect(page.get_by_text("Take it down now, then apologise")).to_be_visible()
    assert violations(page) == []


def test_by_keyboard_alone(open_page, bot):
    page = open_page()
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    press(page, "Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type("Ada")
    page.keyboard.press("Tab")
    page.keyboard.type(WORDS)
    page.keyboard.press("Tab")
    press(page, "Enter")
    expect(page.get_by_role("button", name="All right", exact=True)).to_be_visible()
    tab_to(page, "All right")
    press(page, "Enter")
    expect(page.locator("#latest")).to_be_focused()
    tab_to(page, "Somebody could be hurt")
    press(page, "Space")
    expect(page.locator("#latest")).to_contain_text("What is wrong with it?")
    expect(page.locator("#latest")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    tab_to(page, "These fit")
    press(page, "Enter")
    expect(page.locator("#latest")).to_contain_text("Is what it says true?")
    assert bot.texts[3] == '/press{"question": "issue", "value": "issue1", "state": "INC-2026-0001:3"}'


def test_enter_sends_and_shift_enter_makes_a_new_line(open_page, bot):
    page = open_page()
    begin(page)
    box = page.locator("#text")
    box.focus()
    page.keyboard.type("one")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("two")
    press(page, "Enter")
    expect(page.locator(".said")).to_have_count(2)
    expect(box).to_have_value("")
    expect(box).to_be_focused()
    assert re.fullmatch("one\r?\ntwo", bot.texts[1])


def test_only_the_latest_cards_can_be_pressed_and_new_answers_are_announced(open_page):
    page = open_page()
    begin(page)
    click(page.get_by_role("button", name="All right", exact=True))
    expect(page.get_by_role("status")).to_have_text("Who could be hurt by it?")
    expect(page.get_by_role("button", name="All right", exact=True)).to_have_count(0)
    expect(page.get_by_text("This is what I understood")).to_be_visible()


def test_the_advice_stays_pressable_after_a_question_about_it(open_page, bot):
    page = open_page()
    begin(page, "recommendation")
    click(page.get_by_role("button", name="Why this advice?"))
    expect(page.locator("#latest")).to_contain_text("Because somebody could be hurt.")
    click(page.get_by_role("button", name="Done: Take it down"))
    expect(page.locator("#latest")).to_contain_text("Done by Ada")
    assert bot.calls[-1]["message"].startswith("/action_done")


def test_pressing_twice_has_one_effect(open_page, bot):
    page = open_page()
    begin(page)
    bot.delay = 0.3
    page.get_by_role("button", name="All right", exact=True).dblclick()
    expect(page.get_by_role("button", name="Somebody could be hurt")).to_be_visible()
    assert bot.texts.count("/affirm") == 1


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_an_empty_message_gets_a_kind_sentence(script, open_page, bot):
    page = open_page(java_script_enabled=script)
    begin(page)
    type_and_send(page, "   ")
    expect(page.locator(".notice")).to_contain_text("nothing in the box")
    assert violations(page) == [] if script else True
    assert len(bot.calls) == 1


def test_ticking_nothing_gets_a_kind_sentence(open_page):
    page = open_page()
    begin(page, "question with boxes")
    page.get_by_role("button", name="These fit").click()
    expect(page.locator(".notice")).to_contain_text("Pick what fits")


@pytest.mark.parametrize(
    ("posted", "noticed", "sentence"),
    [
        ("", "", "at least one of the two times"),
        ("2026-03-24T21:20", "2026-03-24T21:19", "noticed before it was posted"),
        ("", "2999-01-01T00:00", "has not come yet"),
    ],
)
def test_times_that_cannot_be_are_asked_again(posted, noticed, sentence, open_page, bot):
    page = open_page()
    begin(page, "times")
    page.get_by_label("Posted").fill(posted)
    page.get_by_label("First noticed").fill(noticed)
    page.get_by_role("button", name="Send these times").click()
    expect(page.locator(".notice")).to_contain_text(sentence)
    assert len(bot.calls) == 1


def test_when_the_bot_is_down_the_safe_steps_show_and_the_answer_comes_by_itself(open_page, bot, screenshot):
    page = open_page()
    begin(page)
    bot.stop()
    type_and_send(page, "Are you there?")
    expect(page.locator("#latest")).to_contain_text("Sent, not yet answered")
    expect(page.locator("#latest")).to_contain_text("screenshot")
    expect(page.locator("#latest")).to_contain_text("Sam Reeve, 020 7946 0000")
    assert violations(page) == []
    screenshot(page, "bot-down")
    bot.start()
    expect(page.locator("#latest")).to_contain_text("This is what I understood")
    expect(page.locator(".poll")).to_have_count(0)
    assert bot.texts[1:] == ["Are you there?"]


def test_a_long_message_and_markup_are_drawn_as_they_were_typed(open_page, bot):
    page = open_page(viewport={"width": 320, "height": 640})
    begin(page)
    hostile = "<script>alert(1)</script><img src=x onerror=alert(2)>'; DROP TABLE incident; -- {{ 7 * 7 }}"
    type_and_send(page, hostile)
    expect(page.locator(".said").nth(1)).to_contain_text(hostile)
    expect(page.locator("main script, main img")).to_have_count(0)
    long = "x" * 40_000
    type_and_send(page, long)
    expect(page.locator(".said")).to_have_count(3)
    assert bot.texts[-1] == long
    assert fits(page)


def test_at_twice_the_size_nothing_is_cut(open_page):
    # A browser that zooms 640 pixels to 200 % lays the page out in 320, at two device pixels each.
    page = open_page(viewport={"width": 320, "height": 250}, device_scale_factor=2)
    begin(page, "recommendation")
    assert fits(page)
    expect(page.get_by_role("button", name="Done: Take it down")).to_be_visible()


def test_print_leaves_out_what_cannot_be_pressed_on_paper(open_page):
    page = open_page()
    begin(page, "recommendation")
    page.emulate_media(media="print")
    expect(page.locator("#composer")).to_be_hidden()
    expect(page.get_by_role("button", name="Done: Take it down")).to_be_hidden()
    expect(page.get_by_text("Hide it first, then delete.")).to_be_visible()


def test_coming_back_later_shows_the_conversation_and_leaving_forgets_who_it_was(open_page, record):
    page = open_page()
    begin(page)
    page.goto("/incidents")
    page.goto("/")
    expect(page.locator(".said")).to_contain_text("night out photos")
    page.get_by_role("button", name="Leave").click()
    expect(page.get_by_label("Who is talking?")).to_be_visible()
    assert [each.text for each in deliveries.transcript(record, deliveries_of(record))] == [WORDS]


def deliveries_of(record):
    from sqlalchemy import select

    from amends.incidents.models import Conversation

    with record.read() as session:
        return session.scalars(select(Conversation.id)).one()
