"""Words are looked at before they are posted, with nothing open; they are kept only if somebody wants it."""

from datetime import UTC, datetime

import pytest
from pydantic import SecretStr
from sqlalchemy import func, select

from amends.accounts.tables import OfficialAccount
from amends.conversation import wording
from amends.drafts.shown import NOTHING
from amends.incidents import deliveries
from amends.incidents.models import Command, Conversation, Incident
from amends.outbox import readings
from amends.outbox.tables import DraftReading, Outgoing
from amends.privacy.nightly import forget_drafts
from amends.settings import Settings

from .test_in_between import advised

THIEF = "Eve Marlow is a thief and nobody should buy from her."
ASK = "Ask legal services to read it first"


@pytest.fixture
def settings():
    return Settings(
        _env_file=None,
        emergency_contact="Grace Hopper, 01234 555",
        contact_legal="Lee Legal, 01234 777",
        slack_bot_token=SecretStr("xoxb-1"),
        slack_app_token=SecretStr("xapp-1"),
        slack_tell_legal="U0LEGAL",
    )


def labels(person):
    return [button.label for button in person.last[-1].buttons]


def found(person):
    return next(reply for reply in person.last if reply.type == "draft")


def rows(database, table):
    with database.read() as session:
        return session.scalars(select(table)).all()


def holding(database, words):
    """What the record holds of words that were said in the chat."""
    with database.read() as session:
        results = [row.result for row in session.scalars(select(Command)) if words in row.result]
        return results + [row.pending for row in session.scalars(select(Conversation)) if words in (row.pending or "")]


def test_words_are_asked_for_then_the_account_and_then_what_could_go_wrong_is_said(ada, sqlite_database):
    ada.says("check my draft please", "check_draft")
    assert ada.last[-1].text == wording.ASK_DRAFT
    ada.says(THIEF, "report_problem")
    assert ada.last[-1].text == wording.ASK_DRAFT_ACCOUNT
    ada.presses("An official account")
    [finding] = found(ada).findings
    assert finding.sentence.startswith("\u201cEve Marlow is a thief")
    assert finding.rule == "An accusation"
    assert finding.clauses[0].startswith("DF-7.1 ")
    assert found(ada).heading == "For an official account:"
    assert "Let legal services (Lee Legal, 01234 777) read it before it goes out." in found(ada).after
    assert labels(ada) == [ASK, "Keep it for me", "That's all"]
    assert rows(sqlite_database, Incident) == []


@pytest.mark.parametrize("taken_for", ["check_draft", "report_problem", "out_of_scope", "correct_answer"])
def test_a_request_with_the_words_and_the_account_in_it_is_answered_at_once(ada, sqlite_database, taken_for):
    ada.says(f"Please check this for @example: {THIEF}", taken_for)
    assert found(ada).heading == "For @example:"
    assert found(ada).text.splitlines()[1:3] == ["1. An accusation", found(ada).findings[0].sentence]
    assert rows(sqlite_database, Incident) == []


def test_the_account_can_be_typed(ada):
    ada.says(f"check this: {THIEF}", "check_draft")
    ada.says("the library's page", "inform")
    assert found(ada).heading == "For the library's page:"


def test_what_somebody_says_on_their_own_account_is_theirs(ada):
    politics = "I am voting Green, and I hope that the Tories lose."
    ada.says(f"check this for @example: {politics}", "check_draft")
    assert "A political side" in found(ada).text
    ada.says(f"check this for my own account: {politics}", "check_draft")
    assert found(ada).text == f"For your own account:\n{NOTHING}"


def test_nothing_found_is_no_promise(ada):
    ada.says("check this for @example: Our library is open until midnight.", "check_draft")
    assert found(ada).findings == ()
    assert NOTHING in found(ada).text


def test_a_changed_draft_is_looked_at_again_for_the_same_account(ada):
    ada.says(f"check this for @example: {THIEF}", "check_draft")
    ada.says("Eve Marlow is a baker, and everybody should buy from her.", "out_of_scope")
    assert found(ada).heading == "For @example:"
    assert "An accusation" not in found(ada).text


def test_the_words_go_with_the_next_message_from_all_that_held_them(ada, sqlite_database):
    ada.says("check my draft", "check_draft")
    ada.says(THIEF, "out_of_scope")
    ada.presses("My own account")
    assert holding(sqlite_database, "Marlow")
    ada.says("thanks", "thanks")
    assert [reply.text for reply in ada.last] == [wording.THANKS]
    assert holding(sqlite_database, "Marlow") == []


@pytest.mark.parametrize("ends", ["That's all", "never mind"])
def test_a_draft_that_nobody_wants_kept_is_not_kept(ada, sqlite_database, ends):
    ada.says(f"check this for @example: {THIEF}", "check_draft")
    ada.presses(ends) if ends == "That's all" else ada.says(ends, "deny")
    assert ada.last[-1].text == wording.DRAFT_DROPPED
    assert holding(sqlite_database, "Marlow") == []
    assert rows(sqlite_database, DraftReading) == []


def test_a_draft_is_kept_for_who_says_so(ada, sqlite_database):
    ada.says(f"check this for @example: {THIEF}", "check_draft")
    ada.presses("Keep it for me")
    [row] = rows(sqlite_database, DraftReading)
    assert (row.owner_id, row.text, row.account, row.own, row.level, row.role) == (
        "web:ada",
        THIEF,
        "@example",
        False,
        2,
        "",
    )
    assert "/check" in ada.last[-1].text
    assert holding(sqlite_database, "Marlow") == []


def test_while_somebody_practises_nobody_is_asked_to_read_a_draft_first(ada):
    ada.sends('/practise{"about": "beer_tasting"}')
    ada.says(f"check this for @example: {THIEF}", "check_draft")
    assert found(ada).findings
    assert ASK not in labels(ada)


@pytest.mark.parametrize("pressed", [True, False])
def test_whoever_should_read_it_first_is_asked_and_the_answer_comes_back_once(ada, sqlite_database, pressed):
    ada.says(f"check this for @example: {THIEF}", "check_draft")
    ada.presses(ASK) if pressed else ada.says("yes, ask them please", "affirm")
    [row] = rows(sqlite_database, DraftReading)
    sent, again = rows(sqlite_database, Outgoing)
    assert again.draw == "draft_waits"
    assert again.not_before == sent.not_before + readings.NO_ANSWER
    assert (row.role, row.asked) == ("legal", "U0LEGAL")
    assert (sent.to, sent.draw, "Marlow" in sent.body) == ("U0LEGAL", "draft_asked", False)
    with sqlite_database.begin() as session:
        readings.answer(session, row.id, ("slack:T1:U0LEGAL", "Lee"), "Leave out her name.", datetime.now(UTC))
    ada.says("hello", "greet")
    assert ada.last[0].text.startswith("Lee has read your draft that begins 'Eve Marlow is a thief")
    assert ada.last[0].text.endswith("asks you to change it: Leave out her name.")
    ada.says("hello", "greet")
    assert "Lee has read" not in ada.last[0].text


def test_danger_in_a_draft_is_answered_first_and_makes_no_incident(ada, sqlite_database):
    ada.says("check this for @example: Somebody says he will kill himself tonight.", "report_problem")
    assert "ring 999 first" in ada.last[0].text
    assert found(ada)
    assert rows(sqlite_database, Incident) == []


def test_in_an_incident_a_reply_is_looked_at_as_a_reply_and_as_a_post(ada, the_record):
    advised(ada)
    ada.says(f"check my draft: We are sorry if anyone was offended. {THIEF}", "check_draft")
    rules = [finding.rule for finding in found(ada).findings]
    assert "N11" in rules
    assert "An accusation" in rules
    assert "An apology that is none" not in rules
    kept = the_record.trail()[-1].payload
    assert [finding["rule"] for finding in kept["findings"]] == rules
    assert any("Let legal services" in line for line in found(ada).after)


def test_a_file_with_a_mistake_is_said_and_the_rest_goes_on(ada, assistant, monkeypatch, tmp_path):
    broken = tmp_path / "organisation.yml"
    broken.write_text("hosts: 3\n", encoding="utf-8")
    tools = assistant._tools
    held = tools.settings.model_copy(update={"drafts_file": str(broken)})
    monkeypatch.setattr(assistant, "_tools", type(tools)(held, tools.shelf))
    ada.says(f"check this for @example: {THIEF}", "check_draft")
    assert "cannot be checked now" in ada.last[-1].text
    ada.says("hello", "greet")
    assert ada.last[0].text == wording.HELLO


def test_nothing_that_waits_is_left_over(ada, sqlite_database):
    ada.says(f"check this for @example: {THIEF}", "check_draft")
    ada.presses("That's all")
    with sqlite_database.read() as session:
        assert session.scalar(select(func.count()).select_from(Conversation).where(Conversation.pending != "")) == 0


def test_accounts_of_the_register_are_offered_and_known_by_what_people_call_them(ada, sqlite_database):
    with sqlite_database.begin() as session:
        named = {"platform": "Instagram", "handle": "northlib", "key": "instagram northlib", "called": "the library"}
        session.add(OfficialAccount(**named, two_factor="", next_at=datetime.now(UTC), reminded=0, revision=1))
    ada.says(f"check this: {THIEF}", "check_draft")
    assert labels(ada)[:2] == ["@northlib (Instagram)", "Another official account"]
    ada.presses("@northlib (Instagram)")
    assert found(ada).heading == "For @northlib:"
    ada.presses("That's all")
    ada.says(f"check this for the library: {THIEF}", "check_draft")
    assert found(ada).heading == "For @northlib (Instagram):"


@pytest.mark.parametrize(
    ("words", "taken_for", "heading"),
    [
        ("for our main account", "add_note", "For an official account:"),
        ("@example on Mastodon", "ask_status", "For @example:"),
        ("my personal one", "handover", "For your own account:"),
    ],
)
def test_the_account_is_heard_however_the_words_are_taken(ada, words, taken_for, heading):
    ada.says(f"check this: {THIEF}", "check_draft")
    ada.says(words, taken_for)
    assert found(ada).heading == heading


@pytest.mark.parametrize(
    ("words", "taken_for"),
    [
        ("what is our policy on personal accounts?", "ask_policy"),
        ("help me please", "ask_help"),
        ("who reads that?", "out_of_scope"),
    ],
)
def test_a_question_is_no_account(ada, words, taken_for):
    ada.says(f"check this: {THIEF}", "check_draft")
    ada.says(words, taken_for)
    assert not any(reply.type == "draft" for reply in ada.last)
    assert ada.last[-1].text == wording.ASK_DRAFT_ACCOUNT


@pytest.mark.parametrize(
    ("words", "taken_for", "said"),
    [
        ("please keep it", "add_note", "Kept for you."),
        ("yes, ask them", "handover", "legal services"),
        ("that's all", "goodbye", wording.DRAFT_DROPPED),
    ],
)
def test_what_becomes_of_it_can_be_typed_however_the_words_are_taken(ada, words, taken_for, said):
    ada.says(f"check this for @example: {THIEF}", "check_draft")
    ada.says(words, taken_for)
    assert said.casefold() in ada.last[-1].text.casefold()


ANEW = "Come to the bakery on Saturday: there are buns for all who have helped, and a raffle."


@pytest.mark.parametrize("taken_for", ["report_problem", "goodbye", "deny"])
def test_words_that_are_quite_different_are_asked_about_and_are_no_report_at_once(ada, sqlite_database, taken_for):
    ada.says(f"check this for @example: {THIEF}", "check_draft")
    ada.says(ANEW, taken_for)
    assert ada.last[-1].text == wording.DRAFT_OR_REPORT
    assert rows(sqlite_database, Incident) == []
    assert holding(sqlite_database, "Marlow") == []
    ada.presses("Check it as a draft")
    assert found(ada).heading == "For @example:"
    ada.says("that's all", "inform")
    assert holding(sqlite_database, "bakery") == []


@pytest.mark.parametrize(
    ("then", "there"), [(None, True), ("It happened", True), ("Check it as a draft", False), ("Never mind", False)]
)
def test_words_that_may_be_a_report_are_only_forgotten_when_somebody_says_that_they_are_none(
    ada, sqlite_database, then, there, clock
):
    ada.says(f"check this for @example: {THIEF}", "check_draft")
    how = {"conversation_id": "web:ada", "person": ("web:ada", "Ada"), "source": "web", "at": clock()}
    deliveries.receive(sqlite_database, "web:ada-2", text=ANEW, **how)
    deliveries.finish(sqlite_database, "web:ada-2", [], clock())
    ada.says(ANEW, "report_problem")
    if then is not None:
        ada.presses(then)
    if then == "Check it as a draft":
        ada.says("that's all", "inform")
    clock.goes_on(hours=2)
    forget_drafts(sqlite_database, clock())
    [said] = deliveries.transcript(sqlite_database, "web:ada")
    assert (said.text == ANEW) is there


@pytest.mark.parametrize("how", ["It happened", "it happened"])
def test_what_happened_after_a_draft_is_reported_with_its_words(ada, the_record, sqlite_database, how):
    ada.says(f"check this for @example: {THIEF}", "check_draft")
    words = "Somebody has posted a rude photo of a customer from our account an hour ago."
    ada.says(words, "report_problem")
    ada.presses(how) if how[0] == "I" else ada.says(how, "out_of_scope")
    assert the_record.kinds()[0] == "reported"
    assert the_record.trail()[0].payload["text"] == words
    assert holding(sqlite_database, "Marlow") == []
