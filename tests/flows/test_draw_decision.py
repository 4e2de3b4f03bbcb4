"""The picture of one decision: the path that it took, and why."""

from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amends.flows import decide, parse_answers, recommend
from amends.flows.draw_decision import decision_picture, draw_decision
from tests.console.conftest import browser  # noqa: F401 - a fixture
from tests.flows.drawn import misplaced
from tests.flows.generate import answers as some_answers
from tests.flows.generate import flows
from tests.flows.small import shipped, small
from tests.flows.test_decide import HARMLESS

SVG = "{http://www.w3.org/2000/svg}"
LAYOUTS = pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
LEAK = {
    "origin": {"value": "misdirected", "inferred": True},
    "personal_data": "sensitive",
    "harm": "serious",
    "legal": ["info_request", "police"],
    "noticed_at": {"posted": "2026-03-02T21:20:00+00:00", "noticed": "2026-03-02T22:20:00+00:00"},
}


def said(flow, raw, **how):
    svg = draw_decision(flow, parse_answers(flow, raw), **how)
    return " ".join(" ".join(ET.fromstring(svg).itertext()).split())


def stage(flow, raw, title):
    picture = decision_picture(flow, parse_answers(flow, raw))
    return next(stage for stage in picture.stages if stage.title == title)


def through(picture):
    """The responses whose lanes run down to the advice."""
    held = set()
    for stage in picture.stages:
        if stage.shape == "lanes":
            for mark in (mark for item in stage.items for mark in item.marks if mark.code in picture.lanes):
                if mark.look in ("always", "added", "maybe"):
                    held.add(mark.code)
                elif mark.look in ("out", "guard"):
                    held.discard(mark.code)
    return held


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_the_lanes_that_reach_the_advice_are_those_of_what_is_advised(data):
    flow = data.draw(flows())
    given_ = data.draw(some_answers(flow))
    on = data.draw(st.sampled_from([(), tuple(flow.settings)]))
    picture = decision_picture(flow, given_, on)
    decision = decide(flow, given_, on)
    assert through(picture) == set(decision.responses)
    advice = next(stage for stage in picture.stages if stage.shape == "foot")
    assert [item.id for item in advice.items[: len(decision.steps)]] == [step.code for step in decision.steps]
    assert {item.id for item in advice.items[len(decision.steps) :]} == set(flow.responses) - set(decision.responses)


@LAYOUTS
@pytest.mark.parametrize("raw", [HARMLESS, LEAK, {}, {"origin": "third_party", "issue": ["criticism"], "harm": "none"}])
def test_nothing_is_cut_and_nothing_overlaps(browser, narrow, raw):  # noqa: F811
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    svg = draw_decision(shipped(), parse_answers(shipped(), raw), narrow=narrow)
    for font in ("sans-serif", "DejaVu Sans"):
        assert misplaced(page, svg, font) == []
    page.close()


@LAYOUTS
def test_the_whole_path_is_told(narrow):
    told = said(shipped(), LEAK, narrow=narrow)
    decision = recommend(shipped(), parse_answers(shipped(), LEAK))
    assert "Advised: save the evidence, take it down" in told
    assert "An email, file or message went to the wrong people or was published by mistake As understood" in told
    assert "Police are or should be involved; A freedom-of-information or subject-access request touches it" in told
    assert "Posted 2 March 2026, 21:20 UTC. Noticed 2 March 2026, 22:20 UTC." in told
    assert "2 rows above it do not fit: P01 and P01b." in told
    assert "H1 does not hold: Humour only when nobody is hurt beyond embarrassment." in told
    assert "H4 holds: Humour only after a slip or a harmless fuss." in told
    assert "It is kept: “Save the evidence” is advised, too." in told
    assert "Ends 5 March 2026, 22:20 UTC." in told
    assert "(not verified)" in told
    assert f"Level {decision.level}: {decision.level_name}" in told
    for text in (decision.decider, *decision.wording, *decision.do_not, *(step.how for step in decision.steps)):
        assert " ".join(text.split()) in told


def test_the_row_that_decides_names_those_that_were_passed_over():
    row = stage(shipped(), HARMLESS, "The row that decides")
    assert [item.id for item in row.items] == ["P14"]
    assert row.says.startswith("17 rows above it do not fit: P01, ")
    assert stage(small(), {"harm": "some"}, "The row that decides").says == "It is the first of all."


def test_answers_that_are_missing_follow_or_are_not_needed_say_so():
    answered = stage(small(), {"harm": "many"}, "What was answered")
    told = {item.id: " ".join(words.text for words in item.words) for item in answered.items}
    assert told["harm"] == "Many people"
    assert told["seen"] == "Yes Follows from another answer."
    assert told["issue"].startswith("Not answered Until then")
    assert "Not needed: what is wrong." not in answered.says
    nobody = stage(small(), {"harm": "none", "issue": ["none"]}, "What was answered")
    assert nobody.says == "Not needed: who saw it."


def test_what_a_gate_rules_out_is_taken_out_where_the_flow_does_so():
    flow = small("add: [dpo]", "add: [dpo]\n    forbid: [respond]")
    gone = stage(flow, {"harm": "some", "seen": "yes", "issue": ["data"]}, "What a gate ruled out goes")
    assert [(item.id, [mark.code for mark in item.marks]) for item in gone.items] == [("G1", ["respond"])]


def test_a_never_rule_that_has_to_overrule_the_flow_says_so():
    flow = small("without: [respond]", "without: [hold]")
    told = said(flow, {"harm": "some", "seen": "yes", "issue": ["none"]})
    assert "It had to overrule the rest of the flow. Its owner should look at it." in told
    assert "Not advised: Take it down" in told


def test_an_offer_of_what_is_advised_already_says_so():
    offer = """offers:
  respond: {title: "Say it", lines: {L1: {says: "Always.", when: {}}}, how: "h", task: "t", reason: "r"}
never:"""
    flow = small("never:", offer)
    offered = stage(flow, {"harm": "none", "issue": ["none"]}, "Offers").items[0]
    assert [mark.caption for mark in offered.marks] == ["offered"]
    already = stage(flow, {"harm": "some", "seen": "yes", "issue": ["none"]}, "Offers").items[0]
    assert [mark.caption for mark in already.marks] == ["not offered"]
    assert already.words[-1].text == "But it is advised already."


def test_each_part_links_to_its_place():
    svg = draw_decision(
        shipped(), parse_answers(shipped(), LEAK), address=lambda section, id_: f"/flows/f/{section}/{id_}"
    )
    linked = {a.get("href") for a in ET.fromstring(svg).iter(f"{SVG}a")}
    wanted = {"questions/origin", "gates/B1", "rows/P02", "offers/make_light", "never/N6", "responses/respond"}
    assert {f"/flows/f/{place}" for place in wanted | {"people/dpo", "levels/1", "deadlines/ico_72h"}} <= linked
    assert not any(href.endswith("/") for href in linked)
