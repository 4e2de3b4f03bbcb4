"""Whole triages, from somebody's first words to the lead's signature, over both ways into the desk."""

import hashlib
import re

import pytest
from sqlalchemy import select

from amends.incidents import record, trail
from amends.incidents.models import Evidence
from amends.outbox.tables import Inbound
from tests.slack.fake import File
from tests.waiting import LONGEST

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8
REPORT = "I've just posted my night out photos on the uni account"
ANSWERS = {
    "issue": "slip",
    "personal_data": "none",
    "harm": "upset",
    "tragedy": "absent",
    "protected": "absent",
    "legal": "complaint_letter",
    "control": "can_remove",
    "evidence": "not_saved",
}
STORY = ["reported", "understood", "safe_steps_shown", "confirmed", "answered", "recommended", "draft_checked"]
STORY += ["evidence_kept", "step_done", "told", "taken_over", "note_added", "lead_decided", "closed", "signed_off"]


@pytest.fixture(autouse=True)
def patient(running):
    """What Slack allows only seconds for is measured elsewhere, where little else goes on."""
    slack = running.slack
    usual = slack.ack_timeout, slack.trigger_life
    slack.ack_timeout = slack.trigger_life = LONGEST
    yield
    slack.ack_timeout, slack.trigger_life = usual


def reference_in(message):
    return re.search(r"INC-\d{4}-\d{4}", f"{message.shown} {message.text}").group()


class Story:
    """An incident's trail."""

    def __init__(self, whole, reference):
        self.whole = whole
        self.reference = reference

    @property
    def incident(self):
        return self.whole.looks(lambda session: record.find(session, self.reference))

    @property
    def entries(self):
        return self.whole.looks(lambda session: trail.entries(session, record.find(session, self.reference)))

    @property
    def kinds(self):
        return [entry.kind for entry in self.entries]

    def tells(self, kind, count=1):
        """Waits until there are so many entries of a kind; the last of them."""
        self.whole.slack.until(lambda: self.kinds.count(kind) >= count)
        return [entry for entry in self.entries if entry.kind == kind][count - 1]


def content_of_last_evidence(whole):
    newest = select(Evidence.content).order_by(Evidence.id.desc()).limit(1)
    return whole.looks(lambda session: session.scalars(newest).one())


def nothing_is_left(whole):
    """Everything that came in was handled, and everything was sent."""
    whole.slack.until(lambda: not whole.looks(whole.left))
    assert whole.looks(whole.dead) == []
    assert whole.slack.refused == []
    assert whole.slack.given_up == []


def test_two_people_in_the_thread_of_a_mention_are_in_one_conversation(running):
    whole = running.over("socket")
    slack, ada, ben = whole.slack, whole.person("Ada Thread"), whole.person("Ben Thread")
    channel = slack.add_channel(f"press-{ada.id.casefold()}", [ada.id, ben.id])
    aside = slack.says(ben.id, channel, "Nobody asked the assistant anything here.")
    ts = slack.mentions(ada.id, channel, REPORT)
    ada, ben = ada.at(channel, ts), ben.at(channel, ts)
    story = Story(whole, reference_in(ada.sees("screenshot", "INC-")))
    ben.presses("All right")
    asked = ben.waits(ben.asked, "No question")
    assert ben.answers(asked, "slip").ok
    assert story.tells("answered").actor_id.endswith(ben.id)
    ben.waits(lambda: ben.next_question(asked), "No next question")
    ada.says("stop")
    ada.presses("Stop and close")
    assert story.tells("abandoned").actor_id.endswith(ada.id)
    assert story.tells("reported").actor_id.endswith(ada.id)
    assert story.tells("confirmed").actor_id.endswith(ben.id)
    nothing_is_left(whole)
    assert not whole.looks(lambda s: list(s.scalars(select(Inbound).where(Inbound.key.endswith(aside)))))
    assert {each.thread for each in slack.messages(channel) if each.by_app} == {ts}
    assert whole.verdict(story.reference).damage == ()


def test_the_shortcut_on_a_message_makes_it_the_report_and_keeps_it(running):
    whole = running.over("socket")
    slack, ada, ben = whole.slack, whole.person("Ada Shortcut"), whole.person("Ben Shortcut")
    channel = slack.add_channel(f"posts-{ada.id.casefold()}", [ada.id, ben.id])
    ts = slack.says(ben.id, channel, "We have just tweeted the wrong exam date from the official account")
    assert slack.shortcut(ada.id, channel, ts, "triage_this").ok
    story = Story(whole, reference_in(ada.sees("screenshot", "INC-")))
    reported = story.tells("reported")
    assert reported.actor_id.endswith(ada.id)
    text = str(reported.payload)
    assert "wrong exam date" in text
    assert "Ben" in text
    assert f"archives/{channel}/p{ts.replace('.', '')}" in text
    kept = story.tells("evidence_kept")
    content = content_of_last_evidence(whole)
    assert kept.payload["sha256"] == hashlib.sha256(content).hexdigest()
    assert b"wrong exam date" in content
    assert [each for each in slack.messages(channel) if each.by_app] == []
    slack.until(lambda: slack.ephemerals(ada.id, channel))
    assert slack.ephemerals(ben.id) == []
    nothing_is_left(whole)


def test_the_home_tab_begins_and_goes_on_with_incidents(running):
    whole = running.over("socket")
    slack, ada = whole.slack, whole.person("Ada Home")
    slack.opens_home(ada.id)
    slack.until(lambda: slack.home_of(ada.id))
    assert "You have no open incident" in slack.home_of(ada.id).shown
    assert slack.presses(ada.id, slack.home_of(ada.id), "Something went wrong").ok
    slack.until(lambda: slack.view_of(ada.id))
    assert slack.submits(ada.id, what=REPORT).ok
    reference = reference_in(ada.sees("screenshot", "INC-"))
    slack.until(lambda: reference in slack.home_of(ada.id).shown)
    assert slack.presses(ada.id, slack.home_of(ada.id), "home:go_on").ok
    ada.sees("Is this right?")
    nothing_is_left(whole)


@pytest.mark.parametrize("mode", ["socket", "http"])
def test_a_triage_from_the_first_words_to_the_signature(running, grace, mode):
    whole = running.over(mode)
    ada = whole.person("Ada Lovelace")
    ada.says(REPORT)
    story = Story(whole, reference_in(ada.sees("screenshot", "INC-")))
    ada.presses("All right")
    assert ada.goes_through(**ANSWERS).shown.startswith("Now: ")
    card = grace.sees(story.reference)
    assert "level 2" in card.shown
    assert "Ada" in card.shown
    she_has_her_words_checked(ada, story)
    she_drops_a_screenshot_and_tells_legal(ada, story)
    the_lead_takes_over_and_decides_otherwise(ada, grace, story)
    she_does_what_was_decided_and_closes_it(ada, story)
    the_lead_signs_it_off(grace, story)
    nothing_is_left(whole)
    assert whole.verdict(story.reference).damage == ()
    assert [kind for kind in dict.fromkeys(story.kinds) if kind in STORY] == STORY
    mine, hers = (f"slack:{whole.slack.team}:{each}" for each in (ada.id, grace.id))
    by_kind = {kind: {entry.actor_id for entry in story.entries if entry.kind == kind} for kind in story.kinds}
    for kind in ("reported", "answered", "draft_checked", "evidence_kept", "told", "step_done", "closed"):
        assert by_kind[kind] == {mine}, kind
    for kind in ("taken_over", "note_added", "lead_decided", "signed_off"):
        assert by_kind[kind] == {hers}, kind
    assert {entry.source for entry in story.entries} == {"slack"}


def she_has_her_words_checked(ada, story):
    slack = ada.slack
    ada.presses("open_draft")
    slack.until(lambda: slack.view_of(ada.id))
    assert slack.submits(ada.id, draft="Sorry if anybody was offended. It was only a joke.").ok
    slack.until(lambda: "Change this" in slack.view_of(ada.id).shown)
    slack.closes(ada.id)
    story.tells("draft_checked")


def she_drops_a_screenshot_and_tells_legal(ada, story):
    ada.says("", files=[File("screenshot.png", PICTURE)])
    kept = story.tells("evidence_kept")
    assert kept.payload["sha256"] == hashlib.sha256(PICTURE).hexdigest()
    assert content_of_last_evidence(story.whole) == PICTURE
    ada.presses("tell:legal")
    story.tells("told")
    assert any(story.reference in each.shown for each in ada.slack.messages(ada.slack.dm(story.whole.legal)))


def the_lead_takes_over_and_decides_otherwise(ada, grace, story):
    slack = grace.slack
    grace.presses(f"Take over: {story.reference}")
    story.tells("taken_over")
    ada.sees("Grace", story.reference, "leads")
    grace.presses(f"Add note: {story.reference}")
    slack.until(lambda: slack.view_of(grace.id))
    assert slack.submits(grace.id, text="The dean's office was rung.").ok
    assert story.tells("note_added").payload["text"] == "The dean's office was rung."
    grace.presses(f"Override: {story.reference}")
    slack.until(lambda: slack.view_of(grace.id))
    assert slack.submits(grace.id, responses=["preserve", "take_down"], reason="Nobody has seen it yet.").ok
    assert story.tells("lead_decided").payload["reason"] == "Nobody has seen it yet."
    slack.until(lambda: "Grace" in ada.advice().shown)


def she_does_what_was_decided_and_closes_it(ada, story):
    ada.presses("Done: take it down")
    done = {"preserve", "legal", "take_down"}
    ada.slack.until(lambda: {e.payload["step"] for e in story.entries if e.kind == "step_done"} == done)
    ada.presses("That's everything")
    ada.waits(lambda: story.incident.state == "closed" or ada.can_press("Close it"), "It is not closed")
    if story.incident.state != "closed":
        ada.presses("Close it")
    story.tells("closed")


def the_lead_signs_it_off(grace, story):
    slack = grace.slack
    grace.presses(f"Sign off: {story.reference}")
    slack.until(lambda: slack.view_of(grace.id))
    assert slack.submits(grace.id, statement="I have read the record. Nothing is left to be done.").ok
    story.tells("signed_off")
    grace.sees(story.reference, "Signed off")


def test_the_command_answers_in_private_and_goes_on_in_the_direct_message(running):
    whole = running.over("http")
    slack, ada = whole.slack, whole.person("Ada Command")
    channel = slack.add_channel(f"all-{ada.id.casefold()}", [ada.id])

    def hints():
        return " ".join(each.shown for each in slack.ephemerals(ada.id, channel))

    assert slack.command(ada.id, channel, "/amends", "help").ok
    slack.until(lambda: "/amends policy pictures of children" in hints())
    assert slack.command(ada.id, channel, "/amends", "status").ok
    ada.sees("nothing open")
    assert slack.command(ada.id, channel, "/amends", "policy pictures of children").ok
    ada.sees("Owner:")
    assert slack.command(ada.id, channel, "/amends", REPORT).ok
    story = Story(whole, reference_in(ada.sees("screenshot", "INC-")))
    assert slack.command(ada.id, channel, "/amends", "status").ok
    ada.sees(story.reference, "confirmed")
    assert "direct message" in hints()
    assert [each for each in slack.messages(channel) if each.by_app] == []
    nothing_is_left(whole)
