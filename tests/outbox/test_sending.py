"""Messages are sent in order, once, and what fails does not hold up the rest. On SQLite and on PostgreSQL."""

import asyncio
import json
from datetime import timedelta

import pytest

from amends.outbox import outgoing
from amends.outbox.sender import WireError
from tests.outbox.line import NOW

BROKEN = {"text": "plain words", "blocks": [{"no": "type"}]}


def test_messages_of_a_channel_are_sent_in_the_order_they_were_put(box):
    for number in range(6):
        box.put(f"m{number}", "C1" if number % 2 else "C2")
    box.send()
    assert box.line.texts("C1") == ["m1", "m3", "m5"]
    assert box.line.texts("C2") == ["m0", "m2", "m4"]


def test_a_message_is_put_once_for_each_key(box):
    assert box.put("a")
    assert not box.put("a", body={"text": "something else"})
    box.send()
    assert box.line.texts() == ["a"]


def test_nothing_is_sent_of_a_transaction_that_failed(box):
    with pytest.raises(RuntimeError), box.database.begin() as session:
        outgoing.put(session, "a", to="C1", body={"text": "a"}, at=NOW)
        raise RuntimeError
    assert box.send() == 0


def test_a_row_is_started_before_the_call_and_finished_after_it(box):
    box.put("a")
    seen = []

    async def look(method, **arguments):
        row = box.row("a")
        seen.append((row.started_at, row.sent_at))
        return box.line._act(method, arguments)

    box.line.call = look
    box.send()
    assert seen == [(NOW, None)]
    assert box.row("a").sent_at == NOW
    assert box.row("a").ts == next(iter(box.line.messages["C1"]))


def test_a_channel_that_is_limited_waits_and_holds_up_no_other(box):
    box.line.fails("chat.postMessage", "limited", "ratelimited", retry_after=7, to="C1")
    for key, to in (("a", "C1"), ("b", "C1"), ("c", "C2")):
        box.put(key, to)
    box.send()
    assert box.line.texts("C1") == []
    assert box.line.texts("C2") == ["c"]
    box.clock.forward(6.9)
    assert box.send() == 0
    box.clock.forward(0.1)
    box.send()
    assert box.line.texts("C1") == ["a", "b"]
    assert "conversations.history" not in box.line.called()


def test_being_limited_never_gives_a_message_up(box):
    box.line.fails("chat.postMessage", "limited", retry_after=1, times=20)
    box.line.fails("chat.postMessage", "later")
    box.put("a")
    for _ in range(22):
        box.send()
        box.clock.forward(1)
    assert box.line.texts() == ["a"]


def test_a_message_that_fails_is_tried_again_later_and_later_and_then_given_up(box):
    box.line.fails("chat.postMessage", "later", "internal_error", times=12)
    box.put("a")
    box.put("b")
    waits = []
    while box.row("a").dead_at is None:
        assert box.send(rounds=1) == 1
        waits.append((box.row("a").not_before - box.clock()).total_seconds())
        assert box.line.texts() == []
        box.clock.forward(waits[-1])
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]
    assert box.row("a").last_error == "later: internal_error"
    box.send()
    assert box.line.texts() == ["b"]


def test_a_message_that_can_never_be_sent_is_a_dead_letter_at_once_and_can_be_sent_again(box):
    box.put("a", "C9")
    box.put("b", "C9")
    box.send()
    with box.database.read() as session:
        assert [row.key for row in outgoing.dead(session)] == ["b", "a"]
        assert outgoing.dead(session)[0].last_error == "never: channel_not_found"
    box.line.channels.add("C9")
    assert box.send() == 0
    with box.database.begin() as session:
        assert outgoing.resend(session, box.row("a").id, NOW)
        assert not outgoing.resend(session, box.row("a").id, NOW)
    box.send()
    assert box.line.texts("C9") == ["a"]
    with box.database.begin() as session:
        assert not outgoing.resend(session, box.row("a").id, NOW)


def test_a_dead_drawing_that_was_put_again_is_no_dead_letter_any_more(box):
    box.drawings["card"] = lambda *_: {"text": "card"}
    for key in ("old", "new"):
        box.put(key, "C9", draw="card", slot="s", action="update")
        box.send()
    with box.database.read() as session:
        assert [row.key for row in outgoing.dead(session)] == ["new"]


@pytest.mark.parametrize("error", ["timeout", "connection"])
def test_a_message_that_arrived_before_the_connection_broke_is_not_sent_twice(box, error):
    box.line.fails("chat.postMessage", "unknown", error, acts=True)
    for key in ("a", "b", "c"):
        box.put(key)
    box.send()
    assert box.line.texts() == ["a"]
    assert box.row("a").started_at == NOW
    box.clock.forward(1)
    box.send()
    assert box.line.texts() == ["a", "b", "c"]
    assert box.row("a").ts == next(iter(box.line.messages["C1"]))


def test_a_message_that_was_lost_with_the_connection_is_sent_again(box):
    box.line.fails("chat.postMessage", "unknown", "connection")
    box.put("a")
    box.send()
    box.clock.forward(1)
    box.send()
    assert box.line.called() == ["chat.postMessage", "conversations.history", "chat.postMessage"]
    assert box.line.texts() == ["a"]


def test_an_answer_in_a_thread_is_looked_for_in_the_thread_page_by_page(box):
    box.put("parent")
    box.send()
    thread = box.row("parent").ts
    box.line.fails("chat.postMessage", "unknown", acts=True)
    box.put("a", thread=thread)
    box.send()
    for number in range(5):
        box.line.messages["C1"][f"{NOW.timestamp() + number:.0f}.5"] = {
            "ts": f"{NOW.timestamp() + number:.0f}.5",
            "text": "a colleague",
            "thread_ts": thread,
        }
    box.clock.forward(1)
    box.send()
    assert box.line.called("conversations.replies") == ["conversations.replies"] * 3
    assert box.line.texts().count("a") == 1


def test_when_it_cannot_be_looked_up_now_it_is_not_sent_blindly(box):
    box.line.fails("chat.postMessage", "unknown", acts=True)
    box.line.fails("conversations.history", "limited", retry_after=5)
    box.put("a")
    box.send()
    box.clock.forward(1)
    box.send()
    assert box.row("a").started_at == NOW
    box.clock.forward(5)
    box.send()
    assert box.line.texts() == ["a"]
    assert box.row("a").sent_at


@pytest.mark.parametrize(("kind", "reason"), [("never", "not_in_channel"), ("closed", "missing_scope")])
def test_when_it_can_never_be_looked_up_it_is_sent_again_rather_than_lost(box, kind, reason):
    box.line.fails("chat.postMessage", "unknown")
    box.line.fails("conversations.history", kind, reason)
    box.put("a")
    box.send()
    box.clock.forward(1)
    box.send()
    assert box.line.texts() == ["a"]


def test_a_row_whose_sender_died_is_taken_over_when_its_lease_has_run_out(box):
    """The message had arrived; the process died before it could say so."""
    box.put("a")
    box.put("b")
    with box.database.begin() as session:
        row = outgoing.take(session, box.clock(), 5)[0]
    key = {"event_type": "amends_outgoing", "event_payload": {"key": row.key}}
    box.line._chat_postmessage(channel="C1", text="a", metadata=key, unfurl_links=False, unfurl_media=False)
    assert box.row("a").started_at == NOW
    assert box.send() == 0
    box.clock.forward(outgoing.LEASE.total_seconds())
    box.send()
    assert box.line.texts() == ["a", "b"]


def test_who_comes_back_after_the_lease_changes_nothing_any_more(box):
    box.put("a")
    box.line.fails("chat.postMessage", "never", "channel_not_found")

    async def work():
        first, second = asyncio.Event(), asyncio.Event()
        box.line.gates["C1"] = first
        slow = asyncio.create_task(box.sender.send_due())
        await box.line.until(1)
        box.clock.forward(31)
        box.line.gates["C1"] = second
        quick = asyncio.create_task(box.another().send_due())
        await box.line.until(2)
        first.set()
        await slow
        row = box.row("a")
        assert (row.dead_at, row.last_error) == (None, None)
        second.set()
        await quick

    asyncio.run(work())
    assert box.row("a").sent_at == box.clock()
    assert box.line.texts() == ["a"]


def test_two_senders_at_once_send_everything_once_and_in_order(box):
    box.line.channels |= {f"C{number}" for number in range(10, 16)}
    for number in range(60):
        box.put(f"m{number:02d}", f"C{10 + number % 6}")

    async def one(sender):
        while len(box.line.calls) < 60:
            await sender.send_due()

    async def work():
        await asyncio.gather(*(one(box.another()) for _ in range(3)))

    asyncio.run(work())
    for channel in range(6):
        wanted = [f"m{number:02d}" for number in range(60) if number % 6 == channel]
        assert box.line.texts(f"C{10 + channel}") == wanted
    assert len(box.line.calls) == 60


def test_blocks_that_slack_refuses_are_sent_as_plain_text(box):
    box.put("a", body={**BROKEN, "attachments": [{}]})
    box.put("b")
    box.send()
    assert box.line.texts() == ["plain words", "b"]
    assert next(iter(box.line.messages["C1"].values()))["blocks"] == []


def test_an_update_that_slack_refuses_leaves_none_of_the_old_buttons(box):
    box.put("a", slot="s", body={"text": "old", "blocks": [{"type": "actions"}]})
    box.put("b", slot="s", action="update", body=BROKEN)
    box.send()
    (message,) = box.line.messages["C1"].values()
    assert (message["text"], message["blocks"]) == ("plain words", [])


def test_a_message_whose_plain_text_is_refused_too_is_a_dead_letter(box):
    box.line.fails("chat.postMessage", "invalid", "invalid_arguments", times=2)
    box.put("a")
    box.send()
    assert box.row("a").dead_at
    assert box.row("a").last_error == "never: invalid_arguments"


def test_a_text_that_is_too_long_is_cut_between_two_words(small_box):
    small_box.put("a", body={**BROKEN, "text": "word " * 5_000})
    small_box.send()
    (text,) = small_box.line.texts()
    assert text.endswith("word …")
    assert len(text) < 12_000


def test_a_home_tab_that_slack_refuses_shows_its_text(small_box):
    small_box.put("a", "U1", action="home", body=BROKEN)
    small_box.send()
    (block,) = small_box.line.homes["U1"]["blocks"]
    assert block["text"]["text"] == "plain words"


def test_when_slack_refuses_the_app_everything_is_kept_and_tried_again(box, caplog):
    box.line.fails("chat.postMessage", "closed", "token_revoked", times=14)
    for number in range(3):
        box.put(f"m{number}")
    for _ in range(14):
        assert box.send() == 1
        assert box.send() == 0
        box.clock.forward(30)
    assert sum("token_revoked" in each.message for each in caplog.records) == 14
    box.send()
    assert box.line.texts() == ["m0", "m1", "m2"]


def test_while_slack_refuses_the_app_nothing_else_is_tried(box):
    box.line.fails("chat.postMessage", "closed", "invalid_auth")
    box.put("a", "C1")
    box.send()
    box.put("b", "C2")
    assert box.send() == 0
    box.clock.forward(30)
    assert box.send() == 2


def test_messages_to_a_channel_keep_to_the_rate_after_a_short_burst(box):
    box.sender = box.another(rate=1.0)
    for number in range(6):
        box.put(f"m{number}", "C1")
    box.put("other", "C2")
    box.send()
    assert len(box.line.texts("C1")) == 3
    assert box.line.texts("C2") == ["other"]
    box.clock.forward(1)
    box.send()
    assert len(box.line.texts("C1")) == 4
    box.clock.forward(2)
    box.send()
    assert box.line.texts("C1") == [f"m{number}" for number in range(6)]


def test_a_message_that_waits_for_its_time_does_not_hold_up_later_ones(box):
    box.put("late", not_before=NOW + timedelta(minutes=5))
    box.put("soon")
    box.send()
    assert box.line.texts() == ["soon"]
    box.clock.forward(300)
    box.send()
    assert box.line.texts() == ["soon", "late"]


def test_somebody_is_written_to_in_their_direct_message_which_is_opened_once(box):
    box.put("a", "U7")
    box.put("b", "U7")
    box.send()
    assert box.line.texts("DU7") == ["a", "b"]
    assert box.line.called("conversations.open") == ["conversations.open"]


def test_a_direct_message_that_was_perhaps_opened_is_just_opened_again(box):
    box.line.fails("conversations.open", "unknown", "timeout", acts=True)
    box.put("a", "U7")
    box.send()
    assert box.row("a").started_at is None
    box.clock.forward(1)
    box.send()
    assert box.line.texts("DU7") == ["a"]
    assert "conversations.history" not in box.line.called()


def test_a_home_tab_that_fails_does_not_hold_up_what_is_said_to_the_person(box):
    box.line.fails("views.publish", "later", times=3)
    box.put("home", "U7", action="home", body={"text": "home", "blocks": [{"type": "divider"}]})
    box.put("a", "U7")
    box.send()
    assert box.line.texts("DU7") == ["a"]
    assert not box.row("home").sent_at


def test_hints_and_answers_to_a_command_are_sent_and_repeated_when_that_is_not_known(small_box):
    small_box.line.fails("respond", "unknown", acts=True)
    small_box.put("hint", action="ephemeral", body={"text": "hint", "user": "U1"}, thread="1.2")
    small_box.put("answer", "https://hooks.example/1", action="respond")
    small_box.send()
    small_box.clock.forward(1)
    small_box.send()
    assert small_box.line.called() == ["chat.postEphemeral", "respond", "respond"]
    assert small_box.line.calls[0][1]["thread_ts"] == "1.2"


def test_an_error_that_nobody_foresaw_is_treated_as_perhaps_sent(box):
    box.line.raises("chat.postMessage", ZeroDivisionError(), acts=True)
    box.put("a")
    box.send()
    box.clock.forward(1)
    box.send()
    assert box.line.texts() == ["a"]


def test_what_follows_a_message_is_recorded_with_it_and_says_whether_it_went_out(box):
    seen = []
    box.thens["told"] = lambda _session, row, sent, at: seen.append((row.key, sent, at))
    box.put("a", then="told")
    box.put("b", "C9", then="told")
    box.put("c", draw="nothing", slot="n", then="told")
    box.drawings["nothing"] = lambda *_: None
    box.send()
    assert sorted(seen) == [("a", True, NOW), ("b", False, NOW), ("c", False, NOW)]


def test_when_what_follows_cannot_be_recorded_a_person_sees_it_and_the_message_is_not_sent_twice(box):
    seen = []

    def told(session, row, sent, at):
        outgoing.put(session, f"after {row.key}", to="C2", body={"text": "follows"}, at=at)
        if not seen:
            seen.append("failed")
            raise LookupError
        seen.append(sent)

    box.thens["told"] = told
    box.put("a", then="told", slot="s")
    box.send()
    with box.database.read() as session:
        (letter,) = outgoing.dead(session)
    assert letter.last_error == "not recorded: LookupError"
    with box.database.begin() as session:
        outgoing.resend(session, letter.id, NOW)
    box.send()
    assert box.line.texts() == ["a"]
    assert seen == ["failed", True]
    assert box.line.texts("C2") == ["follows"]


def test_a_result_that_the_record_does_not_take_holds_up_no_other(box, monkeypatch):
    real = outgoing.stand

    def stand(session, slot, **given):
        if slot == "strange":
            raise ValueError
        real(session, slot, **given)

    monkeypatch.setattr(outgoing, "stand", stand)
    box.put("a", slot="strange")
    box.put("b", "C2", slot="s")
    box.put("c")
    box.send()
    assert box.row("a").last_error == "not recorded: ValueError"
    assert box.row("b").sent_at
    assert box.line.texts() == ["a", "c"]


def test_the_keys_of_a_body_reach_slack_and_what_is_to_be_kept_does_not(box):
    box.put("a", slot="s", body={"text": "a", "reply_broadcast": True, "keep": {"card": 1}})
    box.send()
    (message,) = box.line.messages["C1"].values()
    assert message["reply_broadcast"] is True
    assert "keep" not in message
    assert json.loads(box.posted("s").body) == {"card": 1}


def test_every_message_carries_its_key(box):
    box.put("a", slot="s")
    box.put("b", slot="s", action="update")
    box.send()
    (message,) = box.line.messages["C1"].values()
    assert message["metadata"] == {"event_type": "amends_outgoing", "event_payload": {"key": "b"}}


def test_an_error_says_what_it_is():
    assert str(WireError("limited", "ratelimited", 3.0)) == "limited: ratelimited"
