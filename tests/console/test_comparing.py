"""The page that compares two versions: the meaning, the text, and the examples."""

import html
import re
import threading

import httpx
import pytest

from amends.console import comparing
from amends.flows import parse_flow
from amends.flows.diff import diff
from tests.console.test_trying import steps_of, text_of
from tests.console.workshop import SLIP, live_flow, live_text, make_draft
from tests.waiting import LONGEST

COMPARE = "/flows/problem_post/compare"


@pytest.fixture
def client(desk, monkeypatch):
    monkeypatch.setattr(comparing, "PATIENCE", LONGEST)
    with httpx.Client(base_url=desk.url, timeout=LONGEST) as client:
        yield client


def lists_of(part):
    """The steps before and after in the part of one change."""
    return [
        [html.unescape(re.sub(r"<[^>]+>", "", each)).lower() for each in re.findall(r"<li[^>]*>(.*?)</li>", one)]
        for one in re.findall(r"<ol>(.*?)</ol>", part, re.DOTALL)
    ]


def test_the_draft_is_held_against_the_live_version_and_every_change_is_told(client, record):
    new = parse_flow(make_draft(record, SLIP), "draft")
    found = diff(live_flow(record), new)
    said = text_of(client.get(COMPARE))
    assert found.changes
    for line in found.summary():
        assert line in said
    for change in found.changes:
        assert change.sentence in said
        assert f"For example: {change.example.told}." in said


def test_changes_stand_in_groups_with_before_and_after_side_by_side(client, record):
    make_draft(record, SLIP)
    answer = client.get(COMPARE)
    headings = re.findall(r"<h2[^>]*>(.*?)</h2>", answer.text)
    assert headings[0] == "Responses"
    assert len(headings) == len(set(headings))
    assert re.search(r"<h3>Before</h3><ol>.*?<li class=\"only\">.*?</ol>", answer.text, re.DOTALL)


def test_an_example_opens_in_both_versions_and_comes_out_as_the_page_says(client, record):
    make_draft(record, SLIP)
    answer = client.get(COMPARE)
    parts = re.findall(r'<article class="change">.*?</article>', answer.text, re.DOTALL)
    for part in parts[:4]:
        lists = lists_of(part)
        tried = client.get(html.unescape(re.search(r'href="([^"]+)">Try this example', part)[1]))
        new, old = steps_of(tried), steps_of(tried, 1)
        if lists:
            assert lists == [old, new]
        else:
            assert old == new


def test_an_example_with_a_question_that_is_gone_comes_out_as_before_in_the_old_version(client, record):
    text = live_text(record)
    start, end = text.index("  history:\n    topic:"), text.index("  target:\n    topic:")
    draft = text[:start] + text[end:]
    for lines in ("      history: repeat\n", "history: clean, "):
        assert draft.count(lines) == 1
        draft = draft.replace(lines, "")
    make_draft(record, text=draft)
    parse_flow(draft, "draft")
    answer = client.get(COMPARE)
    assert "No longer asked: history." in answer.text
    parts = re.findall(r'<article class="change">.*?</article>', answer.text, re.DOTALL)
    links = [html.unescape(re.search(r'href="([^"]+)">Try this example', part)[1]) for part in parts]
    assert any("history=" in link for link in links)
    for part, link in zip(parts, links, strict=True):
        tried = client.get(link)
        assert ("This version has no question history" in tried.text) == ("history=" in link)
        assert lists_of(part) in ([], [steps_of(tried, 1), steps_of(tried)])


def test_the_text_is_shown_line_by_line(client, record):
    make_draft(record, SLIP)
    answer = client.get(COMPARE, params={"view": "text"})
    assert "<del>-      harm: {at_most: annoyance}</del>" in answer.text
    assert "<ins>+      harm: {at_most: none}</ins>" in answer.text
    assert answer.text.count("<ins>") == answer.text.count("<del>") == 1


def test_markup_in_a_text_is_text(client, record):
    make_draft(record, ('title: "A small slip"', 'title: "A <b>small</b> slip"'))
    assert "&lt;b&gt;small" in client.get(COMPARE, params={"view": "text"}).text


def test_without_a_draft_the_page_says_so_and_nothing_differs(client):
    said = text_of(client.get(COMPARE))
    assert "There is no draft now" in said
    assert "No situation gets different advice." in said
    assert "The two texts are the same." in client.get(COMPARE, params={"view": "text"}).text


def test_any_two_versions_can_be_picked(client, record):
    make_draft(record, SLIP)
    forth = text_of(client.get(COMPARE, params={"from-version": "live", "to-version": "draft"}))
    back = text_of(client.get(COMPARE, params={"from-version": "draft", "to-version": live_flow(record).version[:12]}))
    assert "lose Respond" in forth
    assert "gain Respond" in back


def test_a_draft_with_mistakes_is_not_compared_but_its_text_is(client, record):
    make_draft(record, ("origin: hijack}\n  - says", "orign: hijack}\n  - says"))
    assert "Did you mean origin?" in client.get(COMPARE).text
    assert "orign" in client.get(COMPARE, params={"view": "text"}).text


def test_an_unknown_version_is_a_sentence(client):
    answer = client.get(COMPARE, params={"to-version": "abcdef123"})
    assert answer.status_code == 404
    assert "no version abcdef123" in answer.text
    assert client.get("/flows/none/compare").status_code == 404


@pytest.mark.parametrize("breaks", [False, True])
def test_a_comparison_that_takes_long_says_so_and_is_there_later(breaks, client, record, monkeypatch, request):
    make_draft(record, SLIP)
    go = threading.Event()
    request.addfinalizer(go.set)

    def slow(old, new, settings):
        assert go.wait(LONGEST)
        if breaks:
            raise ValueError
        return diff(old, new, settings)

    monkeypatch.setattr(comparing, "diff", slow)
    monkeypatch.setattr(comparing, "PATIENCE", 0.05)
    waiting = client.get(COMPARE)
    assert "are being compared" in waiting.text
    assert 'hx-trigger="load delay:1s"' in waiting.text
    assert "Look again" in waiting.text
    monkeypatch.setattr(comparing, "PATIENCE", LONGEST)
    go.set()
    part = client.get(COMPARE, headers={"HX-Request": "true", "HX-Target": "compared"})
    assert "<html" not in part.text
    assert ("broke off" in part.text) == breaks
    assert ("lose Respond" in part.text) == (not breaks)
