"""After a public reply: four questions before it closes, promises in the words, and a time to look again."""

import json
from datetime import UTC, datetime

import pytest

from amends.conversation.replies import press_done
from amends.incidents import completion, record
from amends.incidents.actor import Actor
from amends.leads import acts

from .talking import texts
from .test_actions import advised

ASKS = [
    "Are there questions that nobody has answered?",
    "Has it died down?",
    "Is there a correction to pin, where people see it first?",
    "Was the update given that was promised?",
]
SETTLED = ["No, all are answered", "Yes, it is quiet", "It is pinned", "None was promised"]
THREE = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


def replied(person, said="I posted the reply"):
    """The advice is there, and every step is done; the reply in words."""
    advice = advised(person, spread="few", evidence="saved")
    for step in advice.steps:
        if step.done is None and not step.optional and step.code != "respond":
            person.sends(press_done(step.code, advice.state))
    person.says(said, "action_done")
    return advice


def after(the_record):
    return completion.of(the_record.incident())


def kinds(the_record, *names):
    return [entry for entry in the_record.trail() if entry.kind in names]


def test_when_the_last_step_is_done_it_says_when_it_asks_again(ada, the_record):
    replied(ada)
    assert "That was the last step. I ask again at 09:30 on Tuesday 3 March." in texts(ada.last)
    assert after(the_record).left == ("unanswered", "quiet", "pinned", "update")


def settles_all(ada, the_record, while_it_is):
    """The four questions, one after the other, each answered so that it is settled."""
    for ask, answer in zip(ASKS, SETTLED, strict=True):
        assert ada.last[-1].text == ask
        assert the_record.incident().state == while_it_is
        ada.presses(answer)


def test_before_it_closes_the_four_questions_are_asked_one_after_the_other(ada, the_record):
    replied(ada)
    ada.presses("That's everything")
    assert "Before it closes, 4 short questions" in texts(ada.last)
    assert "a comms lead can close it and say why" in texts(ada.last)
    settles_all(ada, the_record, while_it_is="advised")
    assert the_record.incident().state == "closed"
    assert "INC-2026-0001 is closed." in texts(ada.last)
    assert [entry.payload["about"] for entry in kinds(the_record, "looked_again")] == ASKS
    assert [entry.payload["answer"] for entry in kinds(the_record, "looked_again")] == SETTLED
    assert the_record.kinds()[-1] == "closed"


def test_open_steps_are_named_once_and_then_the_questions_are_asked(ada, the_record):
    advice = advised(ada, spread="few", evidence="saved", control="can_remove")
    ada.sends(press_done("respond", advice.state))
    ada.says("that's everything", "inform")
    assert "Not marked as done: take it down" in texts(ada.last)
    ada.presses("Close it")
    for answer in SETTLED:
        ada.presses(answer)
    assert the_record.incident().state == "closed"
    assert the_record.trail()[-1].payload == {"open_steps": ["take_down"]}


@pytest.mark.parametrize(
    "typed",
    [
        ["no", "yes", "no", "no, nothing was promised"],
        ["all answered", "it has died down", "it's pinned", "the update is out"],
        ["none that I know of", "yes it's gone quiet", "there is nothing to pin", "yes"],
    ],
)
def test_they_can_be_answered_in_words(typed, ada, the_record):
    replied(ada)
    ada.says("that's everything", "goodbye")
    for words in typed:
        ada.says(words, "inform")
    assert the_record.incident().state == "closed"
    assert all(entry.payload["settled"] for entry in kinds(the_record, "looked_again"))


@pytest.mark.parametrize("intent", ["correct_answer", "goodbye", "out_of_scope", "action_done"])
def test_words_that_answer_are_an_answer_whatever_rasa_takes_them_for(intent, ada, the_record):
    replied(ada)
    ada.says("that's everything", "goodbye")
    for words in ("no, everybody got an answer", "it has calmed down", "it is pinned", "the update is out"):
        ada.says(words, intent)
    assert the_record.incident().state == "closed"
    assert kinds(the_record, "corrected") == []


@pytest.mark.parametrize(
    ("words", "intent"),
    [("why is it still asked", "ask_why"), ("I don't understand", "ask_help"), ("my note of today", "add_note")],
)
def test_what_is_no_answer_settles_nothing(words, intent, ada, the_record):
    replied(ada)
    ada.says("that's everything", "goodbye")
    ada.says(words, intent)
    assert kinds(the_record, "looked_again") == []


@pytest.mark.parametrize(
    ("settled_before", "words", "open_", "hint"),
    [
        (0, "yes, there are a few", "unanswered", "Answer each person once"),
        (1, "not yet", "quiet", "Say nothing more"),
        (2, "not pinned yet", "pinned", "Pin it"),
        (3, "not yet", "update", "Give it in the same place"),
    ],
)
def test_what_is_not_settled_keeps_it_open_and_says_what_helps_and_when_it_asks_again(
    settled_before, words, open_, hint, ada, the_record, clock
):
    replied(ada)
    ada.presses("That's everything")
    for answer in SETTLED[:settled_before]:
        ada.presses(answer)
    clock.goes_on(minutes=10)
    ada.says(words, "deny")
    assert the_record.incident().state == "advised"
    assert f"Recorded. INC-2026-0001 stays open. {hint}" in texts(ada.last)
    assert "I ask again at" in texts(ada.last)
    assert open_ in after(the_record).left
    assert not ada.in_loop
    ada.says("that's all", "goodbye")
    assert "Before it closes" in texts(ada.last)


def test_later_leaves_it_open(ada, the_record):
    replied(ada)
    ada.presses("That's everything")
    ada.presses("Ask me later")
    assert "INC-2026-0001 stays open. I ask again at" in texts(ada.last)
    assert the_record.incident().state == "advised"
    assert kinds(the_record, "looked_again") == []


def test_goodbye_does_not_close_what_is_not_finished(ada, the_record):
    replied(ada)
    ada.says("bye", "goodbye")
    assert "stays open" in texts(ada.last)
    assert "I ask again at" in texts(ada.last)
    assert the_record.incident().state == "advised"


def corrects(person):
    """Begin to change an answer, so that the triage is in the middle of its questions again."""
    person.says("can I change something", "correct_answer")
    person.sends(person.last[-1].buttons[0].send)
    assert person.in_loop


def test_stopping_in_the_middle_of_a_change_asks_first_what_is_not_finished(ada, the_record):
    replied(ada)
    corrects(ada)
    ada.says("stop", "stop")
    ada.says("yes", "affirm")
    assert "Before it closes, 4 short questions" in texts(ada.last)
    settles_all(ada, the_record, while_it_is="asking")
    assert the_record.incident().state == "abandoned"
    assert the_record.kinds()[-1] == "abandoned"


def test_what_is_not_finished_can_wait_and_the_questions_go_on(ada, the_record):
    replied(ada)
    corrects(ada)
    asked = ada.last[-1].text
    ada.says("stop", "stop")
    ada.says("yes", "affirm")
    ada.presses("Ask me later")
    assert the_record.incident().state == "asking"
    assert ada.last[-1].text == asked


@pytest.mark.parametrize("how", ["pressed", "typed"])
def test_a_question_that_a_lead_settled_meanwhile_does_not_hold_up_the_close(
    how, ada, the_record, sqlite_database, settings
):
    replied(ada)
    ada.presses("That's everything")
    lead = Actor("slack:T1:U9", "Grace", "slack", THREE)
    with sqlite_database.begin() as session:
        incident = record.find(session, "INC-2026-0001")
        acts.answer(session, settings, incident, lead, {"unanswered": "none"}, THREE)
    if how == "pressed":
        ada.presses(SETTLED[0])
    else:
        ada.says("all answered", "inform")
    assert "That is settled already" in texts(ada.last)
    for ask, answer in zip(ASKS[1:], SETTLED[1:], strict=True):
        assert ada.last[-1].text == ask
        ada.presses(answer)
    assert the_record.incident().state == "closed"
    assert kinds(the_record, "looked_again")[0].payload["code"] == "unanswered"
    assert len(kinds(the_record, "looked_again")) == 4


def test_without_a_public_reply_it_closes_as_ever(ada, the_record):
    advised(ada, spread="unseen", evidence="saved")
    ada.says("that's everything", "goodbye")
    ada.says("yes", "affirm")
    assert the_record.incident().state == "closed"
    assert "looked_again" not in the_record.kinds()


@pytest.mark.parametrize(
    ("said", "done", "due"),
    [
        ("We replied on facebook: we open at nine. More at 15:00.", "09:30", ["15:00"]),
        ('I posted the reply at 09:10: "Next update 15:00."', "09:10", ["15:00"]),
        ("We replied on facebook at 09:10. Next update at 15:00.", "09:10", ["15:00"]),
        ("We replied on facebook: we were open until 08:00 today.", "09:30", []),
    ],
)
def test_the_times_in_what_was_posted_are_not_when_it_was_posted(said, done, due, ada, the_record):
    replied(ada, said)
    step = json.loads(the_record.incident().done)["respond"]
    assert datetime.fromisoformat(step["at"]).strftime("%H:%M") == done
    assert [one.due.strftime("%H:%M") for one in after(the_record).open_promises] == due


def test_a_promise_in_the_words_of_a_posted_reply_is_a_deadline(ada, the_record):
    replied(ada, 'I posted the reply: "We have seen this and are looking into it. Next update 15:00."')
    (promise,) = after(the_record).open_promises
    assert (promise.words, promise.due) == ("Next update 15:00.", THREE)
    assert kinds(the_record, "promised")[0].payload["found_in"] == "what was said"
    assert "respond" in json.loads(the_record.incident().done)
    assert "I keep that as a promise, and remind you before 15:00" in texts(ada.last)
    ada.says("where are we", "ask_status")
    line = ada.last[0].incidents[0]
    assert (line.due, line.deadline) == (THREE, "The update that was promised")


@pytest.mark.parametrize("intent", ["report_problem", "out_of_scope", "inform", "action_done"])
def test_a_reply_that_was_posted_is_a_step_done_and_its_promise_a_deadline_however_rasa_takes_it(
    intent, ada, the_record
):
    advised(ada, spread="few", evidence="saved")
    ada.says('I have posted the reply: "We got that wrong. Next update at 15:00."', intent)
    assert "respond" in json.loads(the_record.incident().done)
    assert [one.due for one in after(the_record).open_promises] == [THREE]
    assert the_record.kinds().count("reported") == 1


def test_that_the_update_is_out_is_heard_whatever_is_asked(ada, the_record):
    replied(ada, 'I replied: "Next update 15:00."')
    ada.says("that's everything", "inform")
    assert ada.last[-1].text == ASKS[0]
    ada.says("the promised update is out", "inform")
    assert after(the_record).open_promises == ()
    assert ada.last[-1].text == ASKS[0]


def test_a_promise_of_a_statement_is_no_statement(ada, the_record):
    advised(ada, spread="few", evidence="saved")
    ada.says("we promised a statement by 3pm", "action_done")
    assert [one.due for one in after(the_record).open_promises] == [THREE]
    assert "respond" not in json.loads(the_record.incident().done)


@pytest.mark.parametrize("intent", ["inform", "out_of_scope", "report_problem", "nlu_fallback"])
def test_a_promise_that_is_told_of_is_kept_however_rasa_takes_it(intent, ada, the_record):
    advised(ada, spread="few", evidence="saved")
    ada.says("we promised an update at 3pm", intent)
    assert [one.due for one in after(the_record).open_promises] == [THREE]
    assert "remind you before 15:00" in texts(ada.last)
    assert the_record.kinds().count("reported") == 1


def test_a_promise_that_was_none_is_taken_out_with_one_press(ada, the_record):
    advised(ada, spread="few", evidence="saved")
    ada.says("we promised an update at 3pm", "inform")
    ada.presses("That was not promised")
    assert after(the_record).open_promises == ()
    assert the_record.kinds()[-1] == "promise_withdrawn"


def test_a_promise_keeps_it_open_until_the_update_is_out(ada, the_record, clock):
    replied(ada, 'I replied: "Next update 15:00."')
    ada.says("that's everything", "inform")
    for answer in SETTLED[:3]:
        ada.presses(answer)
    assert ada.last[-1].text == f"{ASKS[3]} It was promised for 15:00."
    assert "None was promised" not in [button.label for button in ada.last[-1].buttons]
    ada.presses("Not yet")
    assert the_record.incident().state == "advised"
    clock.goes_on(hours=5)
    ada.says("the update is out", "inform")
    assert after(the_record).left == ()
    assert kinds(the_record, "promise_kept")[0].payload == {"promise": 1, "due": "2026-03-02T15:00:00+00:00"}
    ada.presses("That's everything")
    assert the_record.incident().state == "closed"


def test_the_draft_that_went_out_is_asked_about_its_promise(ada, the_record):
    advice = advised(ada, spread="few", evidence="saved")
    ada.says("check this: We have seen this, and are looking into it. Next update 15:00.", "check_draft")
    assert after(the_record).open_promises == (), "It is not posted yet."
    ada.sends(press_done("respond", advice.state))
    assert 'The words that I checked say "Next update 15:00."' in ada.last[-1].text
    ada.presses("Yes, it went out")
    assert [one.due for one in after(the_record).open_promises] == [THREE]
    assert kinds(the_record, "promised")[0].payload["found_in"] == "a draft that was checked"


def test_a_draft_that_did_not_go_out_promises_nothing(ada, the_record):
    advice = advised(ada, spread="few", evidence="saved")
    ada.says("check this: We have seen this, and are looking into it. Next update 15:00.", "check_draft")
    ada.sends(press_done("respond", advice.state))
    ada.says("no", "deny")
    assert after(the_record).promises == ()


@pytest.mark.parametrize(
    ("words", "intent"),
    [
        ("check this: We are looking into it. Next update 15:00.", "check_draft"),
        ("should we promise the next update at 15:00?", "ask_policy"),
        ("I will post the reply at 3pm", "inform"),
        ("is this reply ok: We are looking into it. Next update 15:00.", "inform"),
    ],
)
def test_what_is_only_meant_or_asked_is_no_promise(words, intent, ada, the_record):
    advised(ada, spread="few", evidence="saved")
    ada.says(words, intent)
    assert after(the_record).promises == ()


def test_whoever_comes_back_when_it_is_time_is_asked(ada, clock):
    replied(ada)
    clock.goes_on(hours=25)
    ada.says("hello", "greet")
    assert ada.last[-1].text == ASKS[0]
    ada.presses("No, all are answered")
    assert ada.last[-1].text == ASKS[1]


def test_before_it_is_time_nobody_is_asked(ada, clock):
    replied(ada)
    clock.goes_on(hours=3)
    ada.says("hello", "greet")
    assert not any(ask in texts(ada.last) for ask in ASKS)


def test_the_advice_shows_what_is_not_finished_and_what_was_promised(ada):
    replied(ada, 'I replied: "Next update 15:00."')
    ada.says("show me the advice", "greet")
    card = next(reply for reply in ada.last if reply.type == "recommendation")
    assert card.unfinished.startswith("Not finished yet: questions that nobody has answered; whether it has died down;")
    (clock,) = [one for one in card.clocks if one.id == "promise-1"]
    assert (clock.title, clock.due) == ("The update that was promised", THREE)
    assert 'Clock: The update that was promised. By 15:00: "Next update 15:00."' in card.text


def test_a_second_press_of_the_same_answer_changes_nothing(ada, the_record):
    replied(ada)
    ada.presses("That's everything")
    pressed = ada.button("No, all are answered")
    ada.sends(pressed)
    before = len(the_record.trail())
    ada.sends(pressed)
    assert "settled already" in texts(ada.last)
    assert len(the_record.trail()) == before


@pytest.mark.parametrize("value", ["quiet:perhaps", "mood:yes", "promise-9:kept", "promise-x:kept", ":", ""])
def test_a_press_that_nobody_drew_changes_nothing(value, ada, the_record):
    replied(ada)
    ada.presses("That's everything")
    drawn = ada.button("No, all are answered")
    before = len(the_record.trail())
    ada.sends(drawn.replace("unanswered:none", value))
    assert len(the_record.trail()) == before
    assert the_record.incident().state == "advised"
