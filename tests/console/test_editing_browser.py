"""The editor in a real browser: with and without script, by keyboard alone, on a phone, for screen readers."""

import re

import pytest
from playwright.sync_api import expect

from amends.flows import edits
from amends.workshop import draft_of
from tests.browsing import choose, click, fits, press, settled, violations, violations_in_the_dark
from tests.console.workshop import FLOW, make_draft

FLOWS = "/flows/problem_post"
PHONE = {"width": 390, "height": 844}
PLACES = """number => [
    ...[1, number].map((n) => document.getElementById(`line-${n}`).getBoundingClientRect().toJSON()),
    document.getElementById("text").scrollHeight,
]"""


def begin(page, name="Ada Okafor"):
    page.goto("/flows")
    page.get_by_label("Your name").fill(name)
    click(page.get_by_role("button", name="Go on"))
    expect(page.get_by_role("heading", name="Flows")).to_be_visible()


def rows(record):
    with record.read() as session:
        found = draft_of(session, FLOW)
        return edits.content(found.text)["rows"] if found else None


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
def test_a_rule_is_changed_without_typing_an_expression(script, open_page, record):
    page = open_page(java_script_enabled=script)
    begin(page)
    page.goto(f"{FLOWS}/rows/P06")
    page.get_by_label("Title").fill("Somebody else's work, and they complain")
    page.locator("#f-when\\.new").select_option(label="how far it has gone")
    click(page.locator("#p-line-when"))
    line = page.locator("#f-when\\.lines\\.2")
    expect(line).to_be_visible()
    line.get_by_label("How it is compared").select_option(label="is at least")
    line.get_by_label("A few replies").check()
    click(page.get_by_role("button", name="Add a step"))
    step = page.locator("#f-do\\.3")
    expect(step).to_be_visible()
    step.get_by_label("What or who").select_option(label="Hold")
    step.get_by_label("How, said here").fill("Wait for their answer.")
    click(step.get_by_role("button", name="Move step 4 up"))
    expect(page.locator("#f-do\\.2").get_by_label("How, said here")).to_have_value("Wait for their answer.")
    expect(page.get_by_label("Title")).to_have_value("Somebody else's work, and they complain")
    assert rows(record) is None
    click(page.get_by_role("button", name="Save in the draft").first)
    expect(page.get_by_text("Saved in the draft: the row P06.")).to_be_visible()
    row = rows(record)["P06"]
    assert row["when"] == {"ours": "yes", "issue": "copyright", "spread": {"at_least": "few"}}
    assert row["do"][2] == {"hold": {"how": "Wait for their answer."}}
    assert row["title"] == "Somebody else's work, and they complain"


def test_what_is_typed_is_checked_while_the_focus_stays(open_page):
    page = open_page()
    begin(page)
    page.goto(f"{FLOWS}/questions/harm")
    checks = page.locator("#checks")
    expect(checks).to_contain_text("What you type is checked here.")
    page.get_by_label("Why do you ask?").fill("")
    expect(checks).to_contain_text("why is empty.")
    expect(page.get_by_label("Why do you ask?")).to_be_focused()
    assert violations(page) == []
    page.keyboard.type("Harm comes first.")
    expect(checks).to_contain_text("Well formed.")
    page.get_by_text("Change option 2").click()
    says = page.locator("#f-options\\.1\\.says")
    says.press("Control+End")
    says.press_sequentially("\nno harm done")
    expect(checks).to_contain_text("'no harm done' is said for none too.")
    click(page.get_by_role("button", name="Save in the draft").first)
    expect(page.locator("#checks")).to_contain_text("This was not saved.")
    expect(page.locator(".wrong").first).to_contain_text("The assistant could not tell them apart.")
    assert violations(page) == []


def test_a_new_line_is_checked_too_and_gets_the_focus(open_page):
    page = open_page()
    begin(page)
    page.goto(f"{FLOWS}/rows/P06")
    click(page.get_by_role("button", name="Add a step"))
    step = page.locator("#f-do\\.3")
    expect(step).to_be_focused()
    page.keyboard.press("Tab")
    expect(step.get_by_label("What or who")).to_be_focused()
    step.get_by_label("What or who").select_option(label="Take it down")
    expect(page.locator("#checks")).to_contain_text("take_down stands here twice.")
    link = page.locator("#checks a", has_text="take_down stands here twice.")
    expect(link).to_have_attribute("href", re.compile(r"^#f-do\.3"))


def test_by_keyboard_alone(open_page, record):
    page = open_page()
    begin(page)
    page.goto(FLOWS)

    def reach(name, most=400):
        settled(page)
        for _ in range(most):
            page.keyboard.press("Tab")
            if (
                page.evaluate("document.activeElement.getAttribute('aria-label') || document.activeElement.innerText")
                == name
            ):
                return
        raise AssertionError(f"{name} is not reached with the tab key.")

    page.locator("#rows-P03 th a").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Move row P03 up")).to_be_focused()
    press(page, "Enter")
    expect(page.get_by_text("Moved: the row P03.")).to_be_visible()
    assert list(rows(record)).index("P03") == 2
    page.goto(f"{FLOWS}/rows/P03")
    page.locator("#f-title").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("Typed by hand")
    reach("Add a step")
    press(page, "Enter")
    expect(page.locator("#f-do\\.3")).to_be_focused()
    page.keyboard.press("Tab")
    choose(page, "Hold")
    reach("Save in the draft")
    press(page, "Enter")
    expect(page.get_by_text("Saved in the draft: the row P03.")).to_be_visible()
    assert rows(record)["P03"]["title"] == "Typed by hand"
    assert rows(record)["P03"]["do"][3] == "hold"


def test_enter_in_a_field_saves_and_presses_no_other_button(open_page, record):
    page = open_page()
    begin(page)
    page.goto(f"{FLOWS}/rows/P03")
    page.get_by_label("Title").fill("Entered")
    page.get_by_label("Title").focus()
    press(page, "Enter")
    expect(page.get_by_text("Saved in the draft: the row P03.")).to_be_visible()
    assert rows(record)["P03"]["title"] == "Entered"


WHERE = [
    "",
    "/yaml",
    "/questions/issue",
    "/questions/harm",
    "/questions",
    "/safe_steps/3",
    "/gates/B1",
    "/rows/P14",
    "/rows/P15",
    "/rows",
    "/floors/D2",
    "/offers/make_light",
    "/never/N4",
    "/wording/N12",
    "/levels/1",
    "/deadlines/ico_72h",
    "/responses/hold",
    "/people/hr",
    "/groups/abusive",
    "/terms/ours",
    "/settings/nhs",
    "/confidence/all",
    "/about/all",
]


def test_every_page_is_accessible_and_fits_a_phone(open_page):
    page = open_page(viewport=PHONE)
    begin(page)
    for where in WHERE:
        page.goto(FLOWS + where)
        # What is folded is looked at as well.
        page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
        assert violations(page) == [], where
        assert violations_in_the_dark(page) == [], where
        assert fits(page), where


def test_two_owners_at_once_on_the_screen(open_page, record, screenshot):
    page, other = open_page(viewport={"width": 1000, "height": 800}), open_page()
    begin(page, "Bea Lund")
    begin(other)
    for each, title in ((page, "Small slips"), (other, "A small slip, put right")):
        each.goto(f"{FLOWS}/rows/P14")
        each.get_by_label("Title").fill(title)
    click(other.get_by_role("button", name="Save in the draft").first)
    expect(other.get_by_text("Saved in the draft")).to_be_visible()
    click(page.get_by_role("button", name="Save in the draft").first)
    expect(page.get_by_role("alert").first).to_contain_text("Ada Okafor changed this row while you were changing it")
    expect(page.get_by_label("Title")).to_have_value("Small slips")
    assert rows(record)["P14"]["title"] == "A small slip, put right"
    assert violations(page) == []
    screenshot(page, "flow-two-owners")
    page.set_viewport_size(PHONE)
    assert fits(page)


def test_what_the_proof_finds_is_told_with_a_way_to_it(open_page, record, screenshot):
    make_draft(
        record,
        (
            '  P01:\n    title: "Someone else is in our account"\n    when: {origin: hijack}',
            '  P01:\n    title: "Someone else is in our account"\n    when: {}',
        ),
    )
    page = open_page(viewport={"width": 1000, "height": 900})
    begin(page)
    page.goto(FLOWS)
    expect(page.get_by_text("Row P01b (One of our own people misused the account) can never apply")).to_be_visible()
    assert violations(page) == []
    screenshot(page, "flow-proof")
    click(page.locator(".proof a", has_text="row P01b").first)
    expect(page.get_by_role("heading", name="Row P01b")).to_be_visible()


def test_the_line_of_a_mistake_in_the_yaml_is_one_tap_away(open_page):
    page = open_page(viewport={"width": 1000, "height": 800})
    begin(page)
    page.goto(f"{FLOWS}/yaml")
    box = page.get_by_label("The text of the flow")
    box.evaluate(
        "(box) => { box.selectionStart = box.selectionEnd = box.value.indexOf('{origin: hijack}') + 14; box.focus(); }"
    )
    page.keyboard.press("Backspace")
    expect(page.locator("#checks")).to_contain_text("There is no option of origin called hijak. Did you mean hijack?")
    lines = box.input_value().split("\n")
    number = next(n for n, line in enumerate(lines, 1) if "hijak" in line)
    settled(page)
    click(page.get_by_role("link", name=re.compile(r"^Line \d+$")).last)
    expect(page).to_have_url(re.compile(f"#line-{number}$"))
    expect(page.locator(f"#line-{number}")).to_be_in_viewport()
    # The number stands beside its line.
    start, line, box_height = page.evaluate(PLACES, number)
    assert abs(line["top"] - start["top"] - line["height"] * (number - 1)) < line["height"]
    assert abs(box_height / line["height"] - len(lines)) < 3
    assert violations(page) == []


def test_pictures_for_the_guide(open_page, screenshot):
    page = open_page(viewport={"width": 1100, "height": 900})
    begin(page)
    page.goto(FLOWS)
    screenshot(page, "flow-overview")
    page.goto(f"{FLOWS}/rows/P14")
    screenshot(page, "flow-row")
    page.goto(f"{FLOWS}/questions/harm")
    screenshot(page, "flow-question")
    page.set_viewport_size(PHONE)
    page.goto(f"{FLOWS}/rows/P14")
    screenshot(page, "flow-row-phone")
    assert fits(page)
