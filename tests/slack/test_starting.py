"""The ways to begin: a shortcut on a message, the command, a mention, the Home tab."""

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from amends.conversation import evidence
from amends.slack.originals import written_at
from amends.slack.plain_text import mentioned, plain, without
from tests.references import reference
from tests.slack.fake import File

POST = "I've just posted my night out photos on the university's Instagram by mistake"


def triage(office, text=POST, user=None, where=None):
    where = where or office.open
    ts = office.slack.says(user or office.grace, where, text)
    office.quiet()
    office.slack.shortcut(office.ada, where, ts, "triage_this")
    office.quiet()
    return ts


def test_a_message_shortcut_begins_in_private_with_the_words_author_time_and_link(office):
    ts = triage(office)

    reported = office.trail()[0]
    assert reported.payload["text"].startswith(POST)
    at = written_at(ts, ZoneInfo("Europe/London"))
    assert f"Grace Hopper wrote this in Slack on {at}: https://" in reported.payload["text"]
    assert reported.actor_id.endswith(office.ada)
    assert office.sees(office.ada, reference())
    assert [card for card in office.slack.messages(office.open) if card.by_app] == []
    assert any("direct message" in text for text in office.hints(office.ada))
    assert office.slack.refused == []


def test_the_facts_are_read_from_the_message_and_not_from_what_stands_around_it(office):
    triage(office)

    facts = next(entry for entry in office.trail() if entry.kind == "understood").payload["facts"]
    assert facts["origin"]["value"] == "wrong_account"
    assert "wrote" not in facts["origin"]["words"]


def test_the_time_at_which_it_was_written_is_understood(office):
    ts = triage(office, "Someone has got into our Twitter account and is posting swear words")

    facts = next(entry for entry in office.trail() if entry.kind == "understood").payload["facts"]
    posted = datetime.fromisoformat(facts["noticed_at"]["value"]["posted"])
    assert abs((posted - datetime.fromtimestamp(float(ts), UTC)).total_seconds()) <= 60


def test_the_original_is_kept_as_evidence(office):
    triage(office)

    with office.database.read() as session:
        kept = evidence.kept_for(session, office.incident())
        original = json.loads(kept[0].content)
    assert [(each.name, each.media_type) for each in kept] == [("original-message.json", "application/json")]
    assert (original["text"], original["user"]) == (POST, office.grace)
    assert "evidence_kept" in office.kinds()


def test_the_original_alone_does_not_do_the_step_that_saves_the_evidence(office):
    triage(office, "Someone emailed the whole student health list to the wrong 300 people, with names and diagnoses")

    office.advise(office.ada, where=None)

    assert "evidence_kept" in office.kinds()
    assert "preserve" in {step["code"] for step in json.loads(office.incident().decision)["steps"]}
    assert json.loads(office.incident().done) == {}
    assert office.sees(office.ada, f"The message that you pointed to is kept in the record of {reference()}")


def test_a_picture_on_the_message_is_kept_too(office):
    content = b"\x89PNG\r\n\x1a\n" + b"0" * 50
    ts = office.slack.says(office.grace, office.open, POST, files=[File("post.png", content)])
    office.quiet()
    office.slack.shortcut(office.ada, office.open, ts, "triage_this")
    office.quiet()

    with office.database.read() as session:
        kept = evidence.kept_for(session, office.incident())
        assert sorted((each.name, each.media_type) for each in kept) == [
            ("original-message.json", "application/json"),
            ("post.png", "image/png"),
        ]


def test_a_shortcut_pressed_while_another_incident_is_open_waits_until_it_is_clear_which_one_it_is(office):
    office.says(office.ada, "Someone has got into our Twitter account and is posting swear words")
    ts = office.slack.says(office.grace, office.open, POST)
    office.slack.settle()
    office.slack.shortcut(office.ada, office.open, ts, "triage_this")
    card = office.sees(office.ada, "something new")
    office.slack.presses(office.ada, card, "Something new")
    office.quiet()

    first, second = office.incidents()
    with office.database.read() as session:
        assert evidence.kept_for(session, first) == []
        assert [each.name for each in evidence.kept_for(session, second)] == ["original-message.json"]


def test_a_message_of_any_length_can_be_triaged(office):
    triage(office, POST + '. "Again\n' * 3_000)

    text = office.trail()[0].payload["text"]
    assert text.startswith(POST)
    assert "Grace Hopper wrote this in Slack on" in text
    with office.database.read() as session:
        (kept,) = evidence.kept_for(session, office.incident())
        assert kept.size > 20_000


def test_danger_in_a_message_that_is_triaged_is_answered_first(office):
    triage(office, "He says he will kill himself tonight because of what we posted about him")

    assert "ring 999 first" in office.cards(office.ada)[0].text
    assert office.kinds()[0] == "reported"


def test_the_command_with_words_begins_in_a_direct_message_and_says_so(office):
    ack = office.slack.command(office.ada, office.open, "/amends", POST)
    office.quiet()

    assert ack.ok
    assert office.sees(office.ada, reference())
    assert any("direct message" in text for text in office.hints(office.ada))


@pytest.mark.parametrize("text", ["", "help", "Help"])
def test_the_command_without_words_or_with_help_says_what_it_does(office, text):
    office.slack.command(office.ada, office.open, "/amends", text)
    office.quiet()

    (hint,) = office.hints(office.ada)
    assert "/amends status" in hint
    assert office.bot.calls == []


def test_the_command_knows_status_and_policy(office):
    office.says(office.ada, POST)
    office.slack.command(office.ada, office.open, "/amends", "status")
    office.quiet()
    assert office.sees(office.ada, reference(), "night out photos")

    office.slack.command(office.ada, office.open, "/amends", "policy photos of students")
    office.quiet()

    assert '/ask_policy{"about": "photos of students"}' in office.bot.texts
    assert "clause_shown" in office.kinds()


def test_policy_without_a_subject_is_told_how_to_ask(office):
    office.slack.command(office.ada, office.open, "/amends", "policy")
    office.quiet()

    assert any("`/amends policy " in text for text in office.hints(office.ada))


def test_a_mention_without_words_is_greeted_in_its_thread(office):
    ts = office.slack.mentions(office.ada, office.open, "")
    office.quiet()

    assert office.sees(office.ada, "Hello", where=office.open, thread=ts)


def test_a_mention_and_its_message_are_one(office):
    ts = office.slack.mentions(office.ada, office.open, POST)
    office.quiet()

    assert len(office.bot.calls) == 1
    assert len(office.incidents()) == 1
    assert office.sees(office.ada, reference(), where=office.open, thread=ts)


def test_the_home_tab_shows_my_open_incidents_and_goes_on_with_one(office):
    office.says(office.ada, POST)
    office.slack.opens_home(office.ada)
    office.quiet()
    home = office.slack.home_of(office.ada)
    assert reference() in home.shown

    office.presses(office.ada, home, "Go on")

    assert office.sees(office.ada, f"Back to {reference()}")
    office.slack.opens_home(office.grace)
    office.quiet()
    assert reference() not in office.slack.home_of(office.grace).shown


def test_the_home_tab_and_the_global_shortcut_ask_in_a_window_what_happened(office):
    office.slack.opens_home(office.ada)
    office.quiet()
    office.slack.presses(office.ada, office.slack.home_of(office.ada), "Something went wrong")
    office.until(lambda: office.slack.view_of(office.ada))
    office.slack.closes(office.ada)
    office.slack.global_shortcut(office.ada, "report")
    view = office.until(lambda: office.slack.view_of(office.ada))

    office.slack.submits(office.ada, view, what=POST)
    office.quiet()

    assert office.trail()[0].payload["text"] == POST
    assert office.slack.view_of(office.ada) is None
    assert office.slack.refused == []


def test_what_slack_writes_is_read_as_people_read_it():
    names = {"U1": "Grace"}
    assert plain("<@U1> saw <https://a.example/x|a.example/x> &amp; <#C1|news> <!here>", names) == (
        "Grace saw https://a.example/x & #news @here"
    )
    assert plain("see <https://a.example|our page>, mail <mailto:a@b.org|a@b.org>", {}) == (
        "see our page (https://a.example), mail a@b.org"
    )
    assert plain("/stop", {}) == "stop"
    assert plain("  one\n two  ", {}) == "one\n two"
    assert mentioned("<@U1> and <@U2|x> and <@U1>") == ["U1", "U2"]
    assert without("<@U1>: <@U2> help", "U1").strip() == "<@U2> help"


def test_a_guest_reads_on_the_home_tab_whom_to_ask_instead(office):
    guest = office.slack.add_user("Gus Guest", guest=True)
    office.slack.opens_home(guest)
    home = office.until(lambda: office.slack.home_of(guest))

    assert "Guests of the workspace cannot use this." in json.dumps(home.blocks)
    assert home.labels == []
    assert office.slack.messages(office.slack.dm(guest)) == []
    assert office.slack.refused == []
