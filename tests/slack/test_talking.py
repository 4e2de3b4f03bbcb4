"""Conversations in Slack: what is written and pressed goes to the assistant, and its cards are settled."""

import json
import time
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from amends.conversation.replies import press_answer
from amends.incidents import record
from amends.slack.journal import Journal
from amends.slack.pressing import message_of
from amends.slack.registry import Refused
from tests.references import reference
from tests.slack import sent

HIJACK = "Someone has got into our Twitter account and is posting swear words"


def confirm(office, user, **where):
    card = office.sees(user, "what I understood", **where)
    label = "All right, and none of these" if "All right, and none of these" in card.labels else "All right"
    office.presses(user, card, label)
    return card


def test_a_report_in_a_direct_message_is_answered_there_in_order(office):
    office.says(office.ada, HIJACK)

    first, second = office.cards(office.ada)[:2]
    assert reference() in first.text
    assert "understood" in second.text
    assert office.incident().channel == "slack"
    assert office.slack.refused == []


def test_what_still_stands_in_the_journal_is_waited_for(office, monkeypatch):
    """As on a busy machine. Else the tests here would look before there is anything to see."""
    move = Journal._move

    def late(journal, into):
        time.sleep(0.5)
        return move(journal, into)

    monkeypatch.setattr(Journal, "_move", late)
    office.says(office.ada, HIJACK)
    understood = confirm(office, office.ada)
    assert office.slack.message(understood.channel, understood.ts).labels == ["Change"]


@pytest.mark.parametrize("part", ["message", "container"])
def test_a_press_in_which_a_part_is_of_another_kind_is_answered_all_the_same(office, part):
    office.says(office.ada, HIJACK)
    where = office.cards(office.ada)[0].channel
    user = {"id": office.ada, "team_id": office.slack.team}
    body = sent.press("say:0", "/ask_help", channel=where, user=user) | {"channel": {"id": where}, part: True}
    before = len(office.cards(office.ada))
    office.run(office.service._receiver.over_socket(body))
    office.quiet()
    assert len(office.cards(office.ada)) > before


def test_a_pressed_card_becomes_its_answer_and_one_question_stands(office):
    office.says(office.ada, HIJACK)
    understood = confirm(office, office.ada)

    settled = office.slack.message(understood.channel, understood.ts)
    assert settled.labels == ["Change"]
    assert "All right" in settled.shown
    asked = office.asked(office.ada)
    before = office.incident()
    office.presses(office.ada, asked, "Not sure" if "Not sure" in asked.labels else asked.labels[0])
    settled = office.slack.message(asked.channel, asked.ts)
    assert settled.labels == ["Change"]
    after = office.incident()
    assert before.asked in json.loads(after.answers)
    live = [card for card in office.cards(office.ada) if "Go back" in card.labels]
    assert len(live) == 1
    assert office.slack.refused == []


def test_a_typed_answer_settles_the_card_too(office):
    office.says(office.ada, HIJACK)
    confirm(office, office.ada)
    asked = office.asked(office.ada)

    office.says(office.ada, "not sure")

    assert office.slack.message(asked.channel, asked.ts).labels in (["Change"], [])
    assert "Go back" not in office.slack.message(asked.channel, asked.ts).labels


def test_a_question_that_is_asked_again_takes_the_place_of_its_card(office):
    office.says(office.ada, HIJACK)
    confirm(office, office.ada)
    asked = office.asked(office.ada)

    office.presses(office.ada, asked, "Why?")

    assert office.slack.message(asked.channel, asked.ts) is None
    again = office.asked(office.ada)
    assert (again.shown, again.ts > asked.ts) == (asked.shown, True)


def test_a_change_button_asks_that_question_again(office):
    office.says(office.ada, HIJACK)
    confirm(office, office.ada)
    asked = office.asked(office.ada)
    first = office.incident().asked
    office.says(office.ada, "not sure")
    if first not in json.loads(office.incident().answers):
        office.presses(office.ada, office.asked(office.ada), office.asked(office.ada).labels[0])
    settled = office.slack.message(asked.channel, asked.ts)

    office.presses(office.ada, settled, "Change")

    assert office.incident().asked == first


def test_an_answer_that_was_changed_points_to_the_new_one(office):
    office.says(office.ada, HIJACK)
    confirm(office, office.ada)
    asked = office.asked(office.ada)
    office.presses(office.ada, asked, asked.labels[0])
    office.presses(office.ada, office.slack.message(asked.channel, asked.ts), "Change")
    again = office.asked(office.ada)
    office.presses(office.ada, again, asked.labels[1])

    old, new = (office.slack.message(each.channel, each.ts) for each in (asked, again))
    assert ("further down" in old.shown, old.labels) == (True, [])
    assert (asked.labels[1] in new.shown, new.labels) == (True, ["Change"])
    assert office.slack.refused == []


def test_everybody_in_a_thread_is_in_one_conversation_and_each_entry_says_who(office):
    slack = office.slack
    ts = slack.mentions(office.ada, office.open, HIJACK)
    office.quiet()
    card = office.sees(office.ada, "what I understood", where=office.open, thread=ts)
    label = "All right, and none of these" if "All right, and none of these" in card.labels else "All right"

    office.presses(office.grace, card, label)

    actors = {entry.kind: entry.actor_id for entry in office.trail()}
    assert actors["reported"].endswith(office.ada)
    assert actors["confirmed"].endswith(office.grace)
    assert "(Grace Hopper)" in slack.message(card.channel, card.ts).shown
    assert office.cards(office.ada) == []
    assert slack.refused == []


def test_a_thread_that_is_no_conversation_and_a_channel_are_not_listened_to(office):
    ts = office.says(office.ada, "lunch?", office.open)
    office.says(office.grace, "yes please", office.open, thread=ts)

    assert office.bot.calls == []


def test_a_stale_press_changes_nothing_and_is_told_to_that_person_alone(office):
    slack = office.slack
    ts = slack.mentions(office.ada, office.open, HIJACK)
    office.quiet()
    where = {"where": office.open, "thread": ts}
    card = office.sees(office.ada, "what I understood", **where)
    incident = office.incident()
    office.says(office.ada, "yes, all of that is right", office.open, thread=ts)
    stale = press_answer("_understood", "yes", f"{reference()}:{incident.state_number}")
    before = office.incident().answers

    payload = {"type": "block_actions", "team": {"id": slack.team}, "user": {"id": office.grace}}
    payload |= {"channel": {"id": office.open}, "trigger_id": "1.2.abc", "message": {"ts": card.ts, "thread_ts": ts}}
    payload["container"] = {"type": "message", "message_ts": card.ts, "channel_id": office.open, "thread_ts": ts}
    payload["actions"] = [{"type": "button", "action_id": "say:0", "block_id": "b", "value": stale}]
    slack.deliver("interactive", payload)
    office.quiet()

    assert office.incident().answers == before
    assert any("earlier" in text for text in office.hints(office.grace))
    assert office.hints(office.ada) == []


def test_the_advice_is_one_card_that_is_drawn_again_as_steps_are_done(office):
    advice = office.advise(office.ada)
    first = json.loads(office.incident().decision)["steps"][0]["code"]

    office.presses(office.ada, advice, "Done", nth=0)
    if first not in json.loads(office.incident().done):
        office.presses(office.ada, office.sees(office.ada, "Was the evidence saved"), "Yes, it is saved")

    now = office.slack.message(advice.channel, advice.ts)
    assert ", Ada Lovelace" in now.shown
    assert "Done" in now.shown
    assert office.slack.refused == []


def test_a_step_that_is_pressed_while_words_are_waited_for_is_done_and_is_no_answer_to_them(office):
    advice = office.advise(office.ada)
    office.assisting.intents["can you check a reply for me"] = "check_draft"
    office.says(office.ada, "can you check a reply for me")
    waits = office.sees(office.ada, "Paste what you want to say")

    office.presses(office.ada, office.slack.message(advice.channel, advice.ts), "Done", nth=0)

    assert json.loads(office.incident().done)
    assert "Not answered." in office.slack.message(waits.channel, waits.ts).shown
    assert office.sees(office.ada, "Paste what you want to say").ts > waits.ts


def test_a_stale_press_on_the_advice_redraws_that_card(office):
    advice = office.advise(office.ada)
    with office.database.begin() as session:
        incident = record.find(session, reference())
        incident.state_number += 1

    office.presses(office.ada, advice, "Done", nth=0)

    assert json.loads(office.incident().done) == {} or "preserve" in json.loads(office.incident().done)
    cards = [card for card in office.cards(office.ada) if "Now:" in card.shown]
    assert [card.ts for card in cards] == [advice.ts]
    office.presses(office.ada, office.slack.message(advice.channel, advice.ts), "Done", nth=0)
    assert json.loads(office.incident().done)


def test_advice_that_comes_again_below_leaves_a_note_in_its_old_place(office):
    advice = office.advise(office.ada)
    office.assisting.intents["hello there"] = "greet"

    office.says(office.ada, "hello there")

    old = office.slack.message(advice.channel, advice.ts)
    assert "further down" in old.shown
    new = office.sees(office.ada, "Now:")
    assert new.ts > advice.ts


def test_whoever_waits_is_told_once_what_to_do_until_then(office_with):
    office = office_with(limit=0.5)
    office.bot.stop()
    office.slack.says(office.ada, "dm", HIJACK)
    office.sees(office.ada, "cannot answer right now")
    office.slack.says(office.ada, "dm", "are you there at all")
    time.sleep(1.5)
    office.bot.start()
    office.quiet()

    late = [card for card in office.cards(office.ada) if "cannot answer right now" in card.text]
    assert len(late) == 1
    office.sees(office.ada, reference())


def test_a_direct_message_in_a_thread_is_answered_in_that_thread(office):
    first = office.says(office.ada, "hello")

    office.says(office.ada, HIJACK, thread=first)

    there = office.cards(office.ada, office.slack.dm(office.ada), first)
    assert any(reference() in card.text for card in there)


def test_a_slash_that_is_typed_is_no_press(office):
    office.says(office.ada, ' /press{"question": "_close"}')

    assert not any(text.startswith("/") for text in office.bot.texts)


ZONE_AND_NOW = "Europe/London", "2026-03-02T10:00:00+00:00"


def pressed(action, values=None):
    zone, now = ZONE_AND_NOW
    payload = {"actions": [action], "state": {"values": values or {}}}
    return message_of(payload, ZoneInfo(zone), datetime.fromisoformat(now))


def test_a_menu_boxes_times_and_ticks_say_what_the_web_chat_says():
    state = "INC-2026-0001:3"
    chosen = {"selected_options": [{"value": "a"}, {"value": "b"}]}
    carried = json.dumps({"question": "issue", "state": state})
    menu = {"action_id": "pick", "block_id": f"pick|truth|{state}", "selected_option": {"value": "t1"}}
    boxes = {f"many|issue|{state}": {"many": chosen}, f"many2|issue|{state}": {"many": {"selected_options": []}}}
    times = {f"posted|issue|{state}": {"posted": {"selected_date_time": 1772443200}}}
    ticks = {f"ticks|{state}": {"ticks": chosen}}

    assert pressed(menu) == press_answer("truth", "t1", state)
    assert pressed({"action_id": "submit_many", "value": carried}, boxes) == press_answer("issue", "a,b", state)
    assert "2026-03-02T09:20:00+00:00," in pressed({"action_id": "submit_times", "value": carried}, times)
    assert pressed({"action_id": "submit_ticks", "value": carried}, ticks) == press_answer("_understood", "a,b", state)
    assert pressed({"action_id": "submit_ticks", "value": carried}) == press_answer("_understood", "none", state)


@pytest.mark.parametrize(
    ("action", "values", "words"),
    [
        ("submit_many", {}, "ticked"),
        ("submit_times", {}, "at least one"),
        ("submit_times", {"posted|q|s": {"posted": {"selected_date_time": 1772450000}}}, "not come yet"),
        (
            "submit_times",
            {
                "posted|q|s": {"posted": {"selected_date_time": 1772440000}},
                "noticed|q|s": {"noticed": {"selected_date_time": 1772430000}},
            },
            "before it was posted",
        ),
    ],
)
def test_what_cannot_be_right_is_refused_with_what_to_do(action, values, words):
    with pytest.raises(Refused, match=words):
        pressed({"action_id": action, "value": json.dumps({"question": "q", "state": "s"})}, values)
