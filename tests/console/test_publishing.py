"""The pages on which owners publish flows and policies: what they show, what they refuse, who may do what."""

import re
from datetime import UTC, datetime

import httpx
import pytest
from playwright.sync_api import expect
from sqlalchemy import text

from amends.settings import ROOT
from amends.workshop import Document, Owner, draft_of, history, live, publish_text, requests, save_draft
from amends.workshop.documents import in_folder
from tests.browsing import click, fits, violations
from tests.console.conftest import Desk
from tests.console.fake_bot import settings_for
from tests.waiting import LONGEST

FLOW, POLICY = Document("flow", "problem_post"), Document("policy", "social_media")
QUESTION = "What is wrong with it? Pick all that fit."
IVAN = Owner("web:ivan", "Ivan")


class Visit:
    """Somebody with a name, at the desk by HTTP."""

    def __init__(self, url, name="Olga"):
        self.client = httpx.Client(base_url=url, follow_redirects=True, timeout=LONGEST)
        page = self.client.get("/policies")
        self.client.post("/who", data={"csrf": field(page, "csrf"), "back": "/policies", "name": name})

    def get(self, path):
        return self.client.get(path)

    def post(self, path, page=None, **fields):
        """Send a form of a page that was drawn, with its hidden fields."""
        page = page or self.get(path)
        hidden = {name: field(page, name) for name in ("csrf", "seen") if f'name="{name}"' in page.text}
        return self.client.post(path, data={**hidden, **fields})


def field(page, name):
    return re.search(rf'name="{name}"[^>]*value="([^"]*)"', page.text)[1]


def words(page):
    return " ".join(re.sub(r"<[^>]+>", " ", page.text).split())


@pytest.fixture
def olga(desk):
    visit = Visit(desk.url)
    yield visit
    visit.client.close()


@pytest.fixture
def strict_desk(bot, database_url):
    """Only Olga and Ivan are owners, and one has to approve what the other does."""
    more = {"policy_owners": "Olga, Ivan", "second_owner_approves": True}
    desk = Desk(settings_for(bot.port, database_url, **more))
    desk.start()
    yield desk
    desk.stop()


def draft(record, document=FLOW, old=QUESTION, new="What is amiss?", owner=IVAN):
    with record.begin() as session:
        there = draft_of(session, document)
        before = there.text if there else live(session, document).text
        assert old in before
        after = before.replace(old, new)
        seen = there.revision if there else 0
        return save_draft(session, document, after, owner=owner, seen=seen, now=datetime.now(UTC))


def elsewhere(record, settings, document=FLOW, old=QUESTION, new="What went wrong?"):
    """Somebody publishes a file from the command line."""
    with record.begin() as session:
        after = live(session, document).text.replace(old, new)
        how = {"owner": IVAN, "note": "From git.", "settings": settings, "source": "file"}
        return publish_text(session, document, after, now=datetime.now(UTC), **how)


def found(record, work, *arguments, **more):
    with record.read() as session:
        return work(session, *arguments, **more)


def test_without_a_draft_there_is_nothing_to_publish(olga):
    page = olga.get("/flows/problem_post/publish")
    assert "There is no draft, so there is nothing to publish." in words(page)
    assert "<textarea" not in page.text


def test_what_the_draft_changes_is_shown_and_goes_live_with_a_note(olga, record):
    draft(record, old="gate: [B2, B4]", new="gate: [B2]")
    page = olga.get("/flows/problem_post/publish")
    said = words(page)
    assert "The draft was changed last by Ivan" in said
    assert "proved for every possible set of answers" in said
    assert "move from level 3 to level 2" in said
    assert "No known case comes out differently." in said
    assert "gate: [B2, B4]" in said
    done = olga.post("/flows/problem_post/publish", page, note="B4 is no reason.")
    assert done.url.path == "/flows/problem_post/history"
    newest = found(record, history, FLOW)[0]
    assert (newest.owner.name, newest.note) == ("Olga", "B4 is no reason.")
    assert found(record, draft_of, FLOW) is None


def test_known_cases_that_come_out_differently_are_listed(olga, record):
    draft(record, old="do: [take_down, apologise, respond]\n    confidence", new="do: [respond]\n    confidence")
    said = words(olga.get("/flows/problem_post/publish"))
    assert re.search(r"\d+ comes? out differently\.", said)
    assert "take down" in said


def test_without_a_note_nothing_goes_live(olga, record):
    draft(record)
    page = olga.post("/flows/problem_post/publish", note="  ")
    assert page.status_code == 422
    assert "Nothing was published. Say in a sentence what you changed" in words(page)
    assert len(found(record, history, FLOW)) == 1


def test_what_the_checks_refuse_is_said_with_an_example_and_cannot_be_published(olga, record):
    laugh = "do: [take_down, apologise, respond, make_light]\n"
    draft(record, old="do: [take_down, apologise, respond]\n", new=laugh)
    page = olga.get("/flows/problem_post/publish")
    said = words(page)
    assert "Never-rule N1" in said
    assert "For example:" in said
    assert "It cannot go live yet." in said
    assert 'name="note"' not in page.text
    forced = olga.post("/flows/problem_post/publish", olga.get("/flows/problem_post/yaml"), note="x", seen="1")
    assert (forced.status_code, "This cannot go live yet." in words(forced)) == (422, True)
    assert len(found(record, history, FLOW)) == 1


def test_a_draft_that_is_not_well_formed_leads_to_its_lines(olga, record):
    draft(record, old="questions:\n", new="qestions:\n")
    page = olga.get("/flows/problem_post/publish")
    assert "This has to be put right first:" in words(page)
    assert re.search(r'href="/flows/problem_post/yaml#line-\d+"', page.text)


def test_a_draft_that_moved_on_is_shown_before_it_is_published(olga, record):
    draft(record)
    page = olga.get("/flows/problem_post/publish")
    draft(record, old="What is amiss?", new="What is off?")
    page = olga.post("/flows/problem_post/publish", page, note="Shorter.")
    said = words(page)
    assert page.status_code == 422
    assert "Ivan changed it after you opened it." in said
    assert "What is off?" in said
    assert ">Shorter.</textarea>" in page.text


def test_a_draft_that_was_overtaken_is_put_together(olga, record, desk):
    assert desk
    draft(record, old="Nobody seems to have noticed", new="Nobody has noticed")
    elsewhere(record, settings_for(1, "sqlite://"))
    page = olga.get("/flows/problem_post/publish")
    said = words(page)
    assert "Another version went live after this draft was begun" in said
    assert "Ivan" in said
    assert "What went wrong?" in said
    assert 'name="note"' not in page.text
    page = olga.post("/flows/problem_post/catch-up", page)
    assert "Let it go live" in words(page)
    both = found(record, draft_of, FLOW).text
    assert "What went wrong?" in both
    assert "Nobody has noticed" in both
    olga.post("/flows/problem_post/publish", page, note="Both.")
    assert len(found(record, history, FLOW)) == 3


def test_a_draft_of_the_same_lines_takes_the_place_only_when_its_owner_says_so(olga, record):
    draft(record)
    elsewhere(record, settings_for(1, "sqlite://"))
    page = olga.get("/flows/problem_post/publish")
    assert "Both change the same lines" in words(page)
    refused = olga.post("/flows/problem_post/catch-up", page)
    assert refused.status_code == 422
    page = olga.post("/flows/problem_post/catch-up", page, keep="yes")
    olga.post("/flows/problem_post/publish", page, note="Mine.")
    assert "What is amiss?" in found(record, live, FLOW).text


def test_a_draft_can_be_thrown_away(olga, record):
    draft(record)
    page = olga.post("/flows/problem_post/discard", olga.get("/flows/problem_post/publish"))
    assert "There is no draft" in words(page)
    assert found(record, draft_of, FLOW) is None


def test_a_file_that_differs_is_told_and_can_be_made_the_draft(olga, record):
    elsewhere(record, settings_for(1, "sqlite://"), POLICY, "Correct in the open", "Correct it openly")
    assert "1 file in data/policies differs from what is live" in words(olga.get("/policies"))
    page = olga.get("/policies/social_media/publish")
    assert "'amends policy publish social_media' publishes it." in page.text.replace("&#39;", "'")
    page = olga.post("/policies/social_media/take-file", page)
    assert "Clause SM-2.3 (Correct in the open): the title changed." in words(page)
    assert found(record, draft_of, POLICY).text == (ROOT / "data/policies/social_media.yml").read_text("utf-8")


class TestASecondOwner:
    @pytest.fixture
    def people(self, strict_desk):
        people = {name: Visit(strict_desk.url, name) for name in ("Olga", "Ivan", "Eve")}
        yield people
        for visit in people.values():
            visit.client.close()

    def ask(self, people, record):
        draft(record, POLICY, "Correct in the open", "Correct it openly")
        page = people["Olga"].get("/policies/social_media/publish")
        assert "Ask a second owner" in words(page)
        return people["Olga"].post("/policies/social_media/publish", page, note="Plainer.")

    def test_it_goes_live_with_both_names(self, people, record):
        page = self.ask(people, record)
        assert page.url.path == "/policies/social_media/requests/1"
        assert "It is your own request" in words(page)
        assert "Approve" not in words(page)
        assert "Correct in the open" in found(record, live, POLICY).text
        assert "waits for a second owner" in words(people["Ivan"].get("/policies"))
        theirs = people["Ivan"].get("/policies/social_media/requests/1")
        assert "Clause SM-2.3 (Correct it openly): the title changed." in words(theirs)
        done = people["Ivan"].post("/policies/social_media/requests/1/approve", theirs)
        assert "approved by Ivan" in words(done)
        assert "Correct it openly" in found(record, live, POLICY).text
        assert "It was approved by Ivan" in words(people["Olga"].get("/policies/social_media/requests/1"))

    def test_nobody_approves_their_own_whatever_they_send(self, people, record):
        page = self.ask(people, record)
        refused = people["Olga"].post("/policies/social_media/requests/1/approve", page)
        assert (refused.status_code, "A second owner has to approve" in words(refused)) == (422, True)
        assert len(found(record, history, POLICY)) == 1

    def test_a_request_is_declined_with_a_reason(self, people, record):
        self.ask(people, record)
        page = people["Ivan"].get("/policies/social_media/requests/1")
        without = people["Ivan"].post("/policies/social_media/requests/1/decline", page, reason="")
        assert without.status_code == 422
        done = people["Ivan"].post("/policies/social_media/requests/1/decline", page, reason="Too short.")
        assert "It was declined by Ivan" in words(done)
        assert "Too short." in words(done)
        assert found(record, requests) == []

    def test_others_look_and_change_nothing(self, people, record):
        self.ask(people, record)
        eve = people["Eve"]
        for path in (
            "/policies/social_media/publish",
            "/policies/social_media/requests/1",
            "/policies/social_media/SM-2.3",
            "/flows/problem_post/publish",
        ):
            assert eve.get(path).status_code == 200, path
        token = {"csrf": field(eve.get("/policies/social_media"), "csrf"), "seen": "1", "note": "x", "reason": "x"}
        for path in (
            "/policies/social_media/publish",
            "/policies/social_media/discard",
            "/policies/social_media/catch-up",
            "/policies/social_media/take-file",
            "/policies/social_media/requests/1/approve",
            "/policies/social_media/requests/1/decline",
            "/policies/social_media/SM-2.3",
            "/policies/social_media/SM-2.3/check",
            "/policies/social_media/SM-2.3/remove",
            "/policies/social_media/yaml",
            f"/policies/social_media/history/{found(record, live, POLICY).hash}",
        ):
            refused = eve.client.post(path, data=token)
            assert (path, refused.status_code) == (path, 403)
            assert "only policy owners can change it" in words(refused).lower()
        assert len(found(record, history, POLICY)) == 1
        assert [each.state for each in found(record, requests)] == ["open"]


@pytest.mark.parametrize(
    "path",
    ["publish", "discard", "catch-up", "take-file", "requests/1/approve", "requests/1/decline", "yaml", "SM-2.3"],
)
def test_a_form_from_elsewhere_changes_nothing(olga, path, record):
    draft(record, POLICY, "Correct in the open", "Correct it openly")
    refused = olga.client.post(f"/policies/social_media/{path}", data={"csrf": "guessed", "seen": "1", "note": "x"})
    assert refused.status_code == 403
    assert len(found(record, history, POLICY)) == 1
    assert found(record, draft_of, POLICY).revision == 1


@pytest.mark.parametrize(
    "path",
    [
        "/policies/none",
        "/policies/none/publish",
        "/flows/none/publish",
        "/policies/social_media/requests/9",
        "/policies/social_media/SM-99.9",
        "/policies/social_media/history/abcdef",
        "/policies/none/yaml",
        "/policies/social_media/SM-99.9/remove",
    ],
)
def test_what_is_not_there_is_said_in_words(olga, path):
    page = olga.get(path)
    assert page.status_code == 404
    assert "There is no" in words(page)


def test_who_has_no_name_yet_is_asked_for_it(desk):
    for path in ("/policies", "/policies/trail", "/policies/social_media/publish", "/flows/problem_post/publish"):
        page = httpx.get(f"{desk.url}{path}", follow_redirects=True)
        assert "Who are you?" in words(page), path


def test_the_trail_shows_every_step_and_says_when_it_was_changed(olga, record):
    draft(record, POLICY, "Correct in the open", "Correct it openly")
    olga.post("/policies/social_media/publish", note="Plainer words.")
    files = len(in_folder(ROOT / "data"))
    page = words(olga.get("/policies/trail"))
    assert f"{files + 2}. Published: policy social_media Plainer words. Olga" in page
    assert f"all {files + 2} steps and {files + 1} texts are as they were written" in page
    assert "Draft changed" not in page
    assert f"{files + 1}. Draft changed: policy social_media" in words(olga.get("/policies/trail?show=all"))
    with record.begin() as session:
        session.execute(text("DROP TRIGGER policy_trail_no_update"))
        session.execute(text(f"UPDATE policy_trail SET actor_name = 'Eve' WHERE sequence = {files + 2}"))
    page = words(olga.get("/policies/trail"))
    assert "The trail was changed by somebody." in page
    assert f"Step {files + 2}: It was changed after it was written." in page


def test_a_policy_goes_back_to_an_older_version(olga, record):
    first = found(record, live, POLICY).hash
    draft(record, POLICY, "Correct in the open", "Correct it openly")
    olga.post("/policies/social_media/publish", note="Plainer.")
    page = olga.get(f"/policies/social_media/history/{first[:12]}")
    assert "Clause SM-2.3 (Correct in the open): the title changed." in words(page)
    done = olga.post(f"/policies/social_media/history/{first[:12]}", page, note="It was better.")
    assert "It is live now" in words(done)
    assert found(record, live, POLICY).hash == first


def test_publishing_from_the_clause_to_live_in_a_browser(open_page, record, screenshot):
    page = open_page(viewport={"width": 1280, "height": 900})
    page.goto("/policies")
    page.get_by_label("Your name").fill("Olga")
    click(page.get_by_role("button", name="Go on"))
    click(page.get_by_role("link", name="SM-2.3", exact=True))
    page.get_by_label("Title").fill("")
    expect(page.get_by_text("Title is empty.")).to_be_visible()
    page.get_by_label("Title").fill("Correct it openly")
    expect(page.get_by_text("This can be saved.")).to_be_visible()
    screenshot(page, "workshop-clause", full_page=True)
    click(page.get_by_role("button", name="Save in the draft").first)
    click(page.get_by_role("link", name="Look at what it changes, and publish"))
    expect(page.get_by_text("Clause SM-2.3 (Correct it openly): the title changed.")).to_be_visible()
    screenshot(page, "workshop-publish", full_page=True)
    page.get_by_label("What did you change, and why?").fill("Plainer words.")
    click(page.get_by_role("button", name="Publish"))
    expect(page.get_by_text("Published. It is live now.")).to_be_visible()
    assert "Correct it openly" in found(record, live, POLICY).text


@pytest.mark.parametrize("width", [1280, 390])
def test_the_pages_are_accessible_and_fit(open_page, record, width):
    page = open_page(viewport={"width": width, "height": 844})
    page.goto("/policies")
    page.get_by_label("Your name").fill("Olga")
    click(page.get_by_role("button", name="Go on"))
    expect(page.get_by_role("link", name="SM-2.3", exact=True)).to_be_visible()
    draft(record, old="gate: [B2, B4]", new="gate: [B2]")
    draft(record, POLICY, "Correct in the open", "Correct it openly")
    for path in (
        "/policies",
        "/policies/trail?show=all",
        "/policies/social_media",
        "/policies/social_media/SM-2.5",
        "/policies/social_media/new-clause",
        "/policies/social_media/SM-2.3/remove",
        "/policies/social_media/yaml",
        "/policies/social_media/history",
        f"/policies/social_media/history/{found(record, live, POLICY).hash[:12]}",
        "/policies/social_media/publish",
        "/flows/problem_post/publish",
    ):
        page.goto(path)
        assert violations(page) == [], path
        assert fits(page), path
