"""Pictures of flows, as they look in a browser: nothing cut, nothing over anything else, everything a link."""

import html
import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from playwright.sync_api import expect

from amends.flows import parse_answers, parse_flow
from amends.flows.draw import draw_flow
from amends.flows.draw_decision import draw_decision
from amends.flows.draw_text import width, wrap
from tests.browsing import LONGEST, violations
from tests.console.conftest import browser  # noqa: F401 - a fixture
from tests.flows.drawn import misplaced
from tests.flows.generate import flows
from tests.flows.small import SMALL, shipped, small

SVG = "{http://www.w3.org/2000/svg}"
FONTS = ["sans-serif", "DejaVu Sans", "Liberation Sans"]
LAYOUTS = pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])


@pytest.fixture(scope="module")
def page(browser):  # noqa: F811
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(LONGEST)
    yield page
    page.close()


def tree(svg):
    return ET.fromstring(svg)


def texts(svg):
    return " ".join(" ".join(tree(svg).itertext()).split())


def address(section, id_):
    return f"/flows/f/{section}/{id_}"


@LAYOUTS
@pytest.mark.parametrize("font", FONTS)
def test_nothing_is_cut_and_nothing_overlaps(page, narrow, font):
    assert misplaced(page, draw_flow(shipped(), narrow=narrow), font) == []


@LAYOUTS
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(flow=flows())
def test_nothing_overlaps_in_generated_flows(page, narrow, flow):
    assert misplaced(page, draw_flow(flow, narrow=narrow), "DejaVu Sans") == []
    assert misplaced(page, draw_decision(flow, {}, narrow=narrow), "DejaVu Sans") == []


WORDS = {
    "very long words": "Donaudampfschifffahrtselektrizitaetenhauptbetriebswerkbauunterbeamtengesellschaft" * 3,
    "all wide": "W" * 300,
    "all narrow": "il" * 200,
    "Greek and Cyrillic": "Ευρετήριο εταιρικών Щ щ ж Москва " * 6,
    "Arabic and Hebrew": "مرحبا بالعالم שלום עולם " * 6,
    "Chinese": "发布内容出错了怎么办请尽快处理" * 6,
    "emoji": "👩‍👩‍👧‍👦🤦🏽‍♀️🇬🇧 😀" * 12,
    "accents": "Zażółć gęślą jaźń Ą́ é e\u0301\u0301\u0301 ﬃ " * 6,
    "angle brackets": "<b>&amp; \" ' </text></svg><script>alert(1)</script> ]]>",
}


@LAYOUTS
@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
def test_any_words_stay_in_their_boxes(page, narrow, words):
    flow = parse_flow(_with_words(words))
    for svg in (draw_flow(flow, narrow=narrow), draw_decision(flow, {}, narrow=narrow)):
        for font in FONTS[:2]:
            assert misplaced(page, svg, font) == []
        assert page.locator("script").count() == 0


def _with_words(words):
    written = words.replace("\\", "").replace('"', '\\"')
    changes = [
        ("A small flow", written),
        ("Save it.", written),
        ("who could be hurt", written),
        ("Who could be hurt?", written),
        ('some: "Somebody"', f'some: "{written}"'),
        ('label: "Respond"', f'label: "{written}"'),
        ('label: "the data protection officer"', f'label: "{written}"'),
        ('title: "Hurt"', f'title: "{written}"'),
        ("Personal data is out.", written),
        ("Never remove silently what people saw", written),
        ('limit: "72 hours"', f'limit: "{written}"'),
    ]
    text = SMALL
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return text


def test_what_is_cut_or_overlaps_would_be_seen(page):
    svg = draw_flow(shipped())
    larger = misplaced(page, svg.replace('font-size="12"', 'font-size="17"'))
    assert any("leaves its box" in one for one in larger)
    moved = misplaced(
        page, svg.replace('<g class="box chip">', '<g class="box chip"><rect width="900" height="900"/>', 1)
    )
    assert any("overlap" in one for one in moved)


@LAYOUTS
def test_many_responses_make_the_chart_wider_not_fuller(page, narrow):
    more = "\n".join(f'  extra{n}: {{label: "Another response {n}", how: "Do it."}}' for n in range(14))
    flow = small('  hold: {label: "Hold", how: "Wait."}', f'  hold: {{label: "Hold", how: "Wait."}}\n{more}')
    assert misplaced(page, draw_flow(flow, narrow=narrow)) == []


@LAYOUTS
def test_a_desk_and_a_phone_need_not_scroll_sideways(narrow):
    for svg in (draw_flow(shipped(), narrow=narrow), draw_decision(shipped(), {}, narrow=narrow)):
        assert float(tree(svg).get("width")) <= (390 if narrow else 1280)


@LAYOUTS
def test_every_part_is_a_link_to_its_place_in_the_editor(narrow):
    flow = shipped()
    linked = {a.get("href") for a in tree(draw_flow(flow, address=address, narrow=narrow)).iter(f"{SVG}a")}
    parts = {
        "safe_steps": range(1, len(flow.safe_steps) + 1),
        "questions": flow.questions,
        "gates": flow.gates,
        "rows": flow.rows,
        "floors": [floor.id for floor in flow.floors],
        "offers": [offer.code for offer in flow.offers],
        "never": [rule.id for rule in flow.never],
        "responses": flow.responses,
        "people": flow.people,
        "levels": range(1, len(flow.levels) + 1),
        "deadlines": [rule.id for rule in flow.deadlines],
        "wording": [rule.id for rule in flow.wording],
        "terms": ["ours", "fault_ours", "data", "humour_harmless"],
    }
    assert linked == {address(section, id_) for section, ids in parts.items() for id_ in ids}


def test_without_addresses_there_are_no_links():
    assert "<a" not in draw_flow(shipped())


@LAYOUTS
def test_the_stages_come_in_the_order_in_which_the_flow_decides(narrow):
    said = texts(draw_flow(shipped(), narrow=narrow))
    headings = [
        "In the first minute",
        "Questions, in this order",
        "Gates: every one that fits applies",
        "Rows: from the top, the first that fits decides",
        "Floors: they put right",
        "Offers: on top",
        "Never: these have the last word",
        "What is advised",
        "How serious it is",
    ]
    places = [said.index(heading) for heading in headings]
    assert places == sorted(places)


@LAYOUTS
def test_questions_say_when_they_are_asked_and_where_they_lead(narrow):
    said = texts(draw_flow(small(), narrow=narrow))
    assert "Not asked if who could be hurt: “Many people”: then it is “Yes”." in said
    assert "No answer counts as “Somebody”." in said
    assert "Always confirmed." in said
    assert "Leads to row R1; level 1." in said
    assert "Leads to row R1; never-rule N1." in said
    assert "Leads to gate G1." in said


def test_a_question_before_a_response_says_so():
    assert "Asked only while “Take it down” is still possible." in texts(draw_flow(shipped()))


def marks_of(svg, heading):
    """The chips of the part with this heading: caption and label, in the order of the picture."""
    for entry in tree(svg).iter(f"{SVG}g"):
        said = " ".join("".join(entry.itertext()).split())
        if entry.get("role") == "listitem" and said.startswith(heading):
            chips = [g for g in entry.iter(f"{SVG}g") if g.get("class") == "box chip"]
            return [" ".join("".join(chip.itertext()).split()) for chip in chips]
    raise AssertionError(f"There is no part {heading}.")


@LAYOUTS
def test_what_each_rule_does_is_written_on_its_chips(narrow):
    svg = draw_flow(small(), narrow=narrow)
    assert marks_of(svg, "G1 Data") == ["adds The data protection officer"]
    assert sorted(marks_of(svg, "R1 Hurt")) == ["1st Take it down", "2nd, perhaps Respond"]
    assert marks_of(svg, "F1 Save first") == ["adds Save it"]
    assert marks_of(svg, "N1 Never remove") == ["stops, unless Take it down"]


@pytest.mark.parametrize("never", ["N6", "N7", "N8"])
def test_a_never_rule_stands_in_the_lane_of_the_response_that_it_guards(never):
    root = tree(draw_flow(shipped()))
    chips = [g for g in root.iter(f"{SVG}g") if g.get("class") == "box chip"]
    lane = {
        c.find(f"{SVG}rect").get("x") for c in chips if "1st Take it down" in " ".join("".join(c.itertext()).split())
    }
    assert len(lane) == 1
    entry = next(g for g in root.iter(f"{SVG}g") if g.get("role") == "listitem" and text_of(g).startswith(f"{never} "))
    bars = [g.find(f"{SVG}rect").get("x") for g in entry.iter(f"{SVG}g") if g.get("class") == "box chip"]
    assert lane <= set(bars)


@LAYOUTS
def test_each_response_says_which_never_rules_guard_it(narrow):
    said = texts(draw_flow(shipped(), narrow=narrow))
    assert "Keep our copy. Guarded by N6, N7 and N8." in said
    assert "Guarded by N1, N2, N3 and N4." in said
    assert said.count("Guarded by") == 2


def text_of(element):
    return "".join(element.itertext())


@LAYOUTS
def test_letters_can_be_read_on_their_ground(narrow):
    for svg in (
        draw_flow(shipped(), narrow=narrow),
        draw_decision(shipped(), parse_answers(shipped(), {"origin": "hijack"}), narrow=narrow),
    ):
        checked = 0
        for text, ground in _grounds(tree(svg), "#f6f4ee"):
            assert contrast(text.get("fill"), ground) >= 4.5, text_of(text)
            checked += 1
        assert checked > 50


def _grounds(element, ground):
    """Each text with the colour that lies under it."""
    for child in element:
        if child.tag == f"{SVG}text":
            yield child, ground
        elif "box" in (child.get("class") or "").split():
            yield from _grounds(child, child.find(f"{SVG}rect").get("fill"))
        else:
            yield from _grounds(child, ground)


def contrast(one, other):
    """The contrast of two colours (WCAG 2.2, relative luminance)."""

    def light(colour):
        parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@LAYOUTS
def test_a_screen_reader_can_follow_it(browser, narrow, scheme):  # noqa: F811
    page = browser.new_page(viewport={"width": 390 if narrow else 1280, "height": 900}, color_scheme=scheme)
    pictures = draw_flow(shipped(), address=address, narrow=narrow) + draw_decision(
        shipped(), {}, address=address, narrow=narrow
    )
    page.set_content(f'<!doctype html><html lang="en"><title>p</title><main><h1>Picture</h1>{pictures}</main>')
    assert violations(page) == []
    row = page.get_by_role("link", name="P06 Somebody else's work")
    expect(row).to_have_count(1)
    assert page.get_by_role("list").count() > 10
    page.close()


def test_the_page_s_policy_finds_nothing_to_refuse():
    for svg in (draw_flow(shipped(), address=address), draw_decision(shipped(), {}, narrow=True)):
        assert not re.search(r"<(style|script|foreignObject|image)|\s(style|on\w+)=", svg)


def test_a_picture_is_the_same_for_the_same_flow():
    assert draw_flow(shipped()) == draw_flow(shipped())


def test_the_name_of_the_picture_is_the_flow_s_title():
    svg = tree(draw_flow(small("A small flow", "Fish & chips <now>")))
    named = {element.get("id"): element.text for element in svg.iter() if element.get("id")}
    assert named[svg.get("aria-labelledby")] == "Fish & chips <now>"
    assert "For tests." in named[svg.get("aria-describedby")]
    assert html.escape("Fish & chips <now>", quote=False) in draw_flow(small("A small flow", "Fish & chips <now>"))


def test_lines_break_between_words_and_long_words_break_with_a_hyphen():
    assert wrap("one two three", width("one two", 12), 12) == ["one two", "three"]
    broken = wrap("incomprehensibilities", 60, 12)
    assert len(broken) > 1
    assert all(width(line, 12) <= 60 for line in broken)
    assert all(line.endswith("-") for line in broken[:-1])
    assert "".join(broken).replace("-", "") == "incomprehensibilities"
    assert wrap("   ", 60, 12) == []
