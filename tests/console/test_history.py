"""The history of a flow, each version's text, and the way back to it."""

import html
import re

import httpx
import pytest

from amends.settings import Settings
from amends.workshop import ask_to_publish, draft_of, history, live, requests
from amends.workshop.trail import verify
from tests.console.conftest import Desk
from tests.console.fake_bot import settings_for
from tests.console.test_trying import text_of
from tests.console.workshop import ADA, FLOW, NOW, field, give_name, make_draft
from tests.waiting import LONGEST

HISTORY = "/flows/problem_post/history"
TINY = ('title: "A small slip"', 'title: "A tiny slip"')
NOTE = "The row is about tiny slips <alone>."


@pytest.fixture
def client(desk):
    with httpx.Client(base_url=desk.url, timeout=2 * LONGEST) as client:
        give_name(client)
        yield client


def publish(record, *changes, note=NOTE):
    """A change goes live; returns the versions before and after."""
    make_draft(record, *changes)
    with record.read() as session:
        before = live(session, FLOW).hash
    with record.begin() as session:
        seen = draft_of(session, FLOW).revision
        settings = Settings(_env_file=None)
        after = ask_to_publish(session, FLOW, owner=ADA, note=note, seen=seen, now=NOW, settings=settings)
    return before, after.version


def go_back(client, version, note="Tiny was the wrong word.", **more):
    page = client.get(f"{HISTORY}/{version}")
    return client.post(f"{HISTORY}/{version}", data={"csrf": field(page, "csrf"), "note": note, **more})


def live_hash(record):
    with record.read() as session:
        return live(session, FLOW).hash


def test_every_publication_stands_there_with_who_when_why_and_what_it_changed(client, record):
    before, after = publish(record, TINY)
    answer = client.get(HISTORY)
    said = text_of(answer)
    assert NOTE in said
    assert "By Ada Okafor" in said
    assert "Tuesday 24 March 2026 at 21:40" in said
    assert "First start: taken from the files in data/." in said
    assert said.index(NOTE) < said.index("First start")
    assert answer.text.count("live now") == 1
    change = html.unescape(re.search(r'href="([^"]+)">What it changed', answer.text)[1])
    assert change == f"/flows/problem_post/compare?from-version={before[:12]}&to-version={after[:12]}"
    assert client.get(change).status_code == 200
    assert "A tiny slip" in client.get(f"{change}&view=text").text


def test_a_version_shows_its_text_and_what_can_be_done_with_it(client, record):
    before, after = publish(record, TINY)
    old, new = client.get(f"{HISTORY}/{before[:12]}"), client.get(f"{HISTORY}/{after}")
    assert "A small slip" in old.text
    assert "A tiny slip" in new.text
    assert "live now" in new.text
    assert "Go back to this version" in old.text
    assert "Go back to this version" not in new.text
    for link in re.findall(r'href="(/flows/problem_post/(?:try|picture|compare)\?[^"]+)"', old.text):
        assert client.get(html.unescape(link)).status_code == 200


def test_the_text_is_shown_as_it_is(client, record):
    with record.read() as session:
        text = live(session, FLOW).text
    shown = re.search(r'<pre class="source">(.*?)</pre>', client.get(f"{HISTORY}/{live_hash(record)}").text, re.DOTALL)[
        1
    ]
    assert html.unescape(shown).strip() == text.strip()


def test_going_back_is_a_publication_of_its_own(client, record):
    before, after = publish(record, TINY)
    answer = go_back(client, before[:12])
    assert answer.status_code == 303
    assert live_hash(record) == before
    with record.read() as session:
        newest, *older = history(session, FLOW)
        assert verify(session).damage == ()
    assert (newest.version, newest.previous, newest.note) == (before, after, "Tiny was the wrong word.")
    assert newest.owner.name == "Ada Okafor"
    assert len(older) == 2
    page = client.get(answer.headers["Location"])
    assert f'id="publication-{newest.sequence}"' in page.text
    assert answer.headers["Location"].endswith(f"#publication-{newest.sequence}")


@pytest.mark.parametrize(("note", "sentence"), [("  ", "Say in a sentence"), ("long " * 500, "Say it in fewer words")])
def test_a_note_is_needed_and_is_kept_in_the_form(note, sentence, client, record):
    before, after = publish(record, TINY)
    answer = go_back(client, before[:12], note=note)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert note in re.search(r"<textarea[^>]*>(.*?)</textarea>", answer.text, re.DOTALL)[1]
    assert live_hash(record) == after


def test_what_is_live_cannot_be_gone_back_to(client, record):
    _, after = publish(record, TINY)
    page = client.get("/incidents")
    answer = client.post(f"{HISTORY}/{after}", data={"csrf": field(page, "csrf"), "note": "Again."})
    assert answer.status_code == 422
    assert "This is what is live already" in answer.text


def test_a_form_of_another_visit_publishes_nothing_and_gives_the_words_back(client, record):
    before, after = publish(record, TINY)
    answer = client.post(f"{HISTORY}/{before}", data={"csrf": "made up", "note": "My long reason"})
    assert answer.status_code == 403
    assert "My long reason" in answer.text
    assert live_hash(record) == after


@pytest.mark.usefixtures("client")
def test_only_policy_owners_go_back(bot, database_url, record):
    before, after = publish(record, TINY)
    desk = Desk(settings_for(bot.port, database_url, policy_owners="Grace Hopper"))
    desk.start()
    try:
        with httpx.Client(base_url=desk.url, timeout=2 * LONGEST) as other:
            nameless = other.get(f"{HISTORY}/{before[:12]}")
            assert "A small slip" in nameless.text
            assert "<textarea" not in nameless.text
            give_name(other, "Ada Okafor")
            looked = other.get(f"{HISTORY}/{before[:12]}")
            assert looked.status_code == 200
            assert "<textarea" not in looked.text
            page = other.get("/incidents")
            answer = other.post(f"{HISTORY}/{before}", data={"csrf": field(page, "csrf"), "note": "Mine."})
            assert answer.status_code == 403
            assert "policy owners" in answer.text
            assert "Mine." in answer.text
    finally:
        desk.stop()
    assert live_hash(record) == after


@pytest.mark.usefixtures("client")
def test_where_a_second_owner_approves_going_back_is_a_request(bot, database_url, record):
    before, after = publish(record, TINY)
    desk = Desk(settings_for(bot.port, database_url, second_owner_approves=True))
    desk.start()
    try:
        with httpx.Client(base_url=desk.url, timeout=2 * LONGEST) as other:
            give_name(other, "Grace Hopper")
            assert "a second owner has to approve it" in other.get(f"{HISTORY}/{before[:12]}").text
            answer = go_back(other, before[:12])
    finally:
        desk.stop()
    with record.read() as session:
        (request,) = requests(session, FLOW)
    assert request.version == before
    assert answer.headers["Location"] == f"/flows/problem_post/requests/{request.id}"
    assert live_hash(record) == after


def test_a_version_that_does_not_pass_the_checks_any_more_stays_where_it_is(client, record, monkeypatch):
    """As when a clause that it cites was taken out of the policies since."""
    from amends.workshop import checks

    before, after = publish(record, TINY)
    whole = checks.around

    def without_a_clause(session):
        live_ones = whole(session)
        fewer = tuple((name, text) for name, text in live_ones.policies if name != "records")
        return checks.Around(live_ones.flows, fewer)

    monkeypatch.setattr(checks, "around", without_a_clause)
    answer = go_back(client, before[:12])
    assert answer.status_code == 422
    assert "This cannot go live yet." in answer.text
    assert "Tiny was the wrong word." in answer.text
    assert live_hash(record) == after


def test_an_unknown_flow_or_version_is_a_sentence(client):
    assert client.get("/flows/none/history").status_code == 404
    answer = client.get(f"{HISTORY}/abcdef1234")
    assert answer.status_code == 404
    assert "no version abcdef1234" in answer.text
    page = client.get("/incidents")
    assert client.post(f"{HISTORY}/abcdef1234", data={"csrf": field(page, "csrf"), "note": "x"}).status_code == 404
