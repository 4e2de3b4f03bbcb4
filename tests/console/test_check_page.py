"""The page on which words are checked before they are posted."""

import re
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import expect
from sqlalchemy import select

from amends.outbox import readings
from amends.outbox.tables import DraftReading
from tests.browsing import click
from tests.console.leads import signed_in
from tests.console.workshop import field

THIEF = "Eve Marlow is a thief\nand nobody should buy from her."


def sent(client, **more):
    page = client.get("/check")
    form = {"csrf": field(page, "csrf"), "key": field(page, "key"), "text": THIEF, "account": "@example", **more}
    return client.post("/check", data=form)


def words(answer):
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def kept(record):
    with record.read() as session:
        return list(session.scalars(select(DraftReading)))


def test_what_could_go_wrong_is_said_with_the_words_the_clause_and_a_safe_way(grace):
    said = words(sent(grace))
    assert "What could go wrong, for @example" in said
    assert "\u201cEve Marlow is a thief\u201d" in said
    assert "DF-7.1 No accusations" in said
    assert "Instead:" in said
    assert "Let legal services read it before it goes out." in said


def test_the_words_are_nowhere_in_the_record_unless_somebody_wants_that(grace, record, database_url):
    sent(grace)
    sent(grace, own="yes", picture="yes")
    record.dispose()
    file = database_url.removeprefix("sqlite:///")
    held = b"".join(path.read_bytes() for path in Path(file).parent.glob("record.db*"))
    assert b"Marlow" not in held


def test_nothing_found_is_no_promise(grace):
    assert "I found nothing. That is not a promise" in words(sent(grace, text="Our library is open until midnight."))


def test_nothing_and_too_much_are_said_and_what_was_typed_stays(grace):
    empty = sent(grace, text="  ")
    assert (empty.status_code, "There are no words in it" in words(empty)) == (422, True)
    long = sent(grace, text="word " * 2_001)
    assert (long.status_code, "longer than 10,000 characters" in words(long)) == (422, True)
    assert long.text.count("word ") >= 2_001


def test_a_draft_is_kept_for_whoever_says_so_seen_by_nobody_else_and_deleted(desk, record, grace):
    done = sent(grace, do="keep")
    assert "Your draft is kept. Only you see it here." in words(done)
    assert "Eve Marlow is a thief" in done.text
    [row] = kept(record)
    assert (row.text, row.account, row.level, row.role) == (THIEF, "@example", 2, "")
    with signed_in(desk, record, "Ivan Auditor", ("staff",)) as other:
        assert "Marlow" not in other.get("/check").text
        form = {"csrf": field(other.get("/check"), "csrf"), "key": field(other.get("/check"), "key")}
        assert other.post(f"/check/{row.id}/delete", data=form).status_code == 409
    page = grace.get("/check")
    form = {"csrf": field(page, "csrf"), "key": field(page, "key")}
    assert "The draft is deleted." in words(grace.post(f"/check/{row.id}/delete", data=form))
    assert kept(record) == []


def test_a_number_that_no_draft_can_have_is_no_draft(grace):
    page = grace.get("/check")
    form = {"csrf": field(page, "csrf"), "key": field(page, "key")}
    assert grace.post(f"/check/{10**20}/delete", data=form).status_code == 404


def test_the_same_form_sent_twice_keeps_one(grace, record):
    page = grace.get("/check")
    form = {"csrf": field(page, "csrf"), "key": field(page, "key"), "text": THIEF, "do": "keep"}
    for _ in range(2):
        grace.post("/check", data=form)
    assert len(kept(record)) == 1


def test_without_slack_nobody_is_asked_and_that_is_said(grace, record):
    answer = sent(grace, do="ask:legal")
    assert (answer.status_code, "nobody was asked" in words(answer)) == (409, True)
    assert kept(record) == []


def test_an_answer_is_pointed_to_on_every_page_until_it_was_seen(grace, record):
    sent(grace, do="keep")
    [row] = kept(record)
    with record.begin() as session:
        session.get_one(DraftReading, row.id).role = "legal"
        readings.answer(session, row.id, ("slack:T1:ULEE", "Lee"), "Leave out her name.", row.kept_at)
    assert "A draft of yours was read. See what was said" in words(grace.get("/incidents"))
    page = words(grace.get("/check"))
    assert "Lee has read it" in page
    assert "Leave out her name." in page
    assert "A draft of yours was read" not in words(grace.get("/incidents"))


def test_while_there_is_no_answer_it_says_whom_to_ring(grace, record):
    sent(grace, do="keep")
    with record.begin() as session:
        readings.ask(session, session.scalars(select(DraftReading)).one(), "legal", ["ULEE"], datetime.now(UTC))
    said = words(grace.get("/check"))
    assert "Asked legal services to read it. There is no answer yet. If it cannot wait, ring" in said


def test_it_is_found_from_every_page_and_reads_well(open_page, record, screenshot):
    page = open_page()
    page.goto("/")
    page.get_by_label("Who is talking?").fill("Ada")
    page.get_by_label("What happened?").fill("hello")
    click(page.get_by_role("button", name="Tell Amends"))
    expect(page.locator("#latest")).to_be_visible()
    click(page.get_by_role("link", name="Check a draft"))
    page.get_by_label("What you are about to post").fill(THIEF)
    page.get_by_label("Which account?").fill("@example")
    click(page.get_by_role("button", name="Check it"))
    found = page.get_by_role("region", name="What could go wrong")
    expect(found.get_by_role("heading", name="An accusation")).to_be_visible()
    screenshot(page, "check-draft", full_page=True)
    click(found.get_by_role("button", name="Keep it for me"))
    expect(page.get_by_role("heading", name="Your drafts")).to_be_visible()
    assert len(kept(record)) == 1
