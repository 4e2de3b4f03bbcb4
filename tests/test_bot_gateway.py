"""The gateway loses no message, doubles none, and answers within its limit whatever the bot does."""

import asyncio
import gc
import threading
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from amends.bot import Gateway
from amends.conversation.replies import Button, FailureReply, TextReply
from amends.incidents import deliveries
from amends.incidents.database import RecordUnavailable
from tests.console.fake_bot import running_bot, settings_for
from tests.waiting import LONGEST, until

ADA = ("web:ada", "Ada")


@pytest.fixture
def bot():
    with running_bot() as bot:
        yield bot


@asynccontextmanager
async def gateway(bot, database, limit=LONGEST, **more):
    gateway = Gateway(settings_for(bot.port, str(database.engine.url)), database, limit=limit, **more)
    try:
        yield gateway
    finally:
        await gateway.close()


def in_loop(work):
    return asyncio.run(work())


def waiting(database):
    return [each.text for each in deliveries.waiting(database)]


def texts(replies):
    return [reply.text for reply in replies]


def test_a_message_goes_to_the_bot_with_who_said_it_and_its_replies_are_kept(bot, database):
    async def work():
        async with gateway(bot, database) as gate:
            return await gate.say("web:ada", ADA, "It went wrong", "k1", "web")

    assert texts(in_loop(work)) == ["Heard: It went wrong"]
    call = bot.calls[0]
    assert (call["sender"], call["message"]) == ("web:ada", "It went wrong")
    assert (call["metadata"]["key"], call["metadata"]["source"]) == ("k1", "web")
    assert (call["metadata"]["actor_id"], call["metadata"]["actor_name"]) == ADA
    assert waiting(database) == []
    assert "Heard: It went wrong" in deliveries.transcript(database, "web:ada")[0].replies


def test_the_message_is_stored_before_the_bot_hears_of_it(bot, sqlite_database):
    stored = []

    def answer(_body):
        stored.extend(waiting(sqlite_database))
        return [TextReply(text="ok")]

    bot.answer = answer

    async def work():
        async with gateway(bot, sqlite_database) as gate:
            await gate.say("web:ada", ADA, "First", "k1", "web")

    in_loop(work)
    assert stored == ["First"]


def test_the_same_key_at_once_and_later_reaches_the_bot_once_with_the_same_replies(bot, database):
    bot.delay = 0.1

    async def work():
        async with gateway(bot, database) as gate:
            say = ("web:ada", ADA, "Once", "k1", "web")
            at_once = await asyncio.gather(*(gate.say(*say) for _ in range(5)))
            return [*at_once, await gate.say(*say)]

    assert [texts(replies) for replies in in_loop(work)] == [["Heard: Once"]] * 6
    assert bot.texts == ["Once"]


def test_a_conversation_goes_one_message_at_a_time_and_many_conversations_go_at_once(bot, sqlite_database):
    all_there = threading.Barrier(10)

    def answer(_body):
        all_there.wait(LONGEST)
        return [TextReply(text="Hello, all")]

    async def work():
        async with gateway(bot, sqlite_database) as gate:
            usual, bot.answer = bot.answer, answer
            says = (gate.say(f"web:{n}", (f"web:{n}", "N"), "Hi", f"k{n}", "web") for n in range(10))
            several = await asyncio.gather(*says)
            bot.answer, bot.delay = usual, 0.1
            await asyncio.gather(*(gate.say("web:0", ("web:0", "N"), str(n), f"o{n}", "web") for n in range(3)))
            return several

    assert [texts(replies) for replies in in_loop(work)] == [["Hello, all"]] * 10
    assert bot.mistakes == []  # the fake notices two messages of one sender at once
    assert len(bot.calls) == 13


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(lambda _: [], id="no reply at all"),
        pytest.param(lambda _: b"[", id="invalid JSON"),
        pytest.param(lambda _: b'{"text": "not a list"}', id="not a list"),
        pytest.param(lambda _: b'[{"custom": {"type": "unheard of"}}]', id="an unknown reply"),
        pytest.param(lambda _: b'[{"text": "Choose", "buttons": [{"title": "no payload"}]}]', id="a broken button"),
        pytest.param(lambda _: b"null", id="null"),
        pytest.param(lambda _: [FailureReply(text="no")], id="a failure"),
        pytest.param(lambda _: 500, id="500"),
        pytest.param(lambda _: 401, id="401"),
    ],
)
def test_when_the_bot_fails_the_person_gets_the_safe_steps_and_the_message_waits_until_it_is_handled(
    wrong, bot, sqlite_database
):
    right = bot.answer
    bot.answer = wrong

    async def work():
        async with gateway(bot, sqlite_database) as gate:
            said = await gate.say("web:ada", ADA, "Help", "k1", "web")
            before = waiting(sqlite_database)
            bot.answer = right
            for _ in range(3):
                await gate.send_waiting()
            return said, before, await gate.say("web:ada", ADA, "Help", "k1", "web")

    said, before, again = in_loop(work)
    assert [reply.type for reply in said] == ["failure"]
    assert "kept" in said[0].text
    assert "screenshot" in said[0].text
    assert "Sam Reeve, 020 7946 0000" in said[0].text
    assert before == ["Help"]
    assert texts(again) == ["Heard: Help"]
    assert waiting(sqlite_database) == []


def test_a_slow_bot_the_person_is_told_in_time_and_the_late_answer_is_kept(bot, sqlite_database):
    async def work():
        async with gateway(bot, sqlite_database, limit=0.3) as gate:
            with bot.holding():
                said = await gate.say("web:ada", ADA, "Help", "k1", "web")
            await until(lambda: not waiting(sqlite_database))
            return said

    assert in_loop(work)[0].type == "failure"
    assert waiting(sqlite_database) == []
    assert bot.texts == ["Help"]


def test_messages_behind_a_slow_one_are_told_in_time_too_and_keep_their_order(bot, sqlite_database):
    async def work():
        async with gateway(bot, sqlite_database, limit=0.3) as gate:
            with bot.holding():
                first = asyncio.create_task(gate.say("web:ada", ADA, "one", "k1", "web"))
                await until(lambda: waiting(sqlite_database))
                second = await gate.say("web:ada", ADA, "two", "k2", "web")
                await first
            await until(lambda: not waiting(sqlite_database))
            return second

    assert in_loop(work)[0].type == "failure"
    assert bot.texts == ["one", "two"]
    assert waiting(sqlite_database) == []


def test_the_bot_is_down_and_comes_back_messages_go_on_oldest_first(bot, sqlite_database):
    bot.stop()

    async def work():
        async with gateway(bot, sqlite_database) as gate:
            said = [await gate.say("web:ada", ADA, word, word, "web") for word in ("one", "two", "three")]
            await gate.send_waiting()
            before = waiting(sqlite_database)
            bot.start()
            catching_up = asyncio.create_task(gate.catch_up(0.05))
            await until(lambda: not waiting(sqlite_database))
            catching_up.cancel()
            return said, before

    said, before = in_loop(work)
    assert [replies[0].type for replies in said] == ["failure"] * 3
    assert before == ["one", "two", "three"]
    assert bot.texts == ["one", "two", "three"]
    assert waiting(sqlite_database) == []


def test_messages_that_waited_when_the_desk_was_stopped_go_on_in_the_next_process(bot, sqlite_database):
    right = bot.answer
    bot.answer = lambda _: []

    async def before():
        async with gateway(bot, sqlite_database) as gate:
            await gate.say("web:ada", ADA, "one", "k1", "web")

    async def after():
        async with gateway(bot, sqlite_database) as gate:
            await gate.send_waiting()

    in_loop(before)
    bot.answer = right
    in_loop(after)
    assert waiting(sqlite_database) == []
    assert [call["metadata"]["actor_name"] for call in bot.calls] == ["Ada", "Ada"]


def test_a_new_message_goes_behind_the_waiting_ones(bot, sqlite_database):
    right = bot.answer
    bot.answer = lambda _: []

    async def work():
        async with gateway(bot, sqlite_database) as gate:
            await gate.say("web:ada", ADA, "one", "k1", "web")
            bot.answer = right
            return await gate.say("web:ada", ADA, "two", "k2", "web")

    assert texts(in_loop(work)) == ["Heard: two"]
    assert bot.texts == ["one", "one", "two"]
    assert waiting(sqlite_database) == []


def test_a_message_the_bot_never_handles_does_not_hold_up_the_conversation(bot, sqlite_database):
    bot.answer = lambda body: 500 if body["message"] == "poison" else [TextReply(text="fine")]

    async def work():
        async with gateway(bot, sqlite_database) as gate:
            await gate.say("web:ada", ADA, "poison", "k1", "web")
            return await gate.say("web:ada", ADA, "next", "k2", "web")

    assert texts(in_loop(work)) == ["fine"]
    assert waiting(sqlite_database) == []
    assert "nothing was done with it" in deliveries.transcript(sqlite_database, "web:ada")[0].replies


def test_a_message_that_failed_only_for_a_moment_is_not_set_aside(bot, sqlite_database):
    """The action server was away for the first message and is back for the second."""
    away = ["First", "First"]

    def answer(body):
        if body["message"] in away:
            away.remove(body["message"])
            return []
        return [TextReply(text=f"Heard: {body['message']}")]

    bot.answer = answer

    async def work():
        async with gateway(bot, sqlite_database) as gate:
            for words in ("First", "Second"):
                await gate.say("web:ada", ADA, words, words, "web")

    in_loop(work)
    assert waiting(sqlite_database) == []
    kept = [delivery.replies for delivery in deliveries.transcript(sqlite_database, "web:ada")]
    assert "Heard: First" in kept[0]
    assert "Heard: Second" in kept[1]


def test_a_message_that_the_bot_refuses_is_answered_and_set_aside(bot, sqlite_database):
    bot.answer = lambda _: 400

    async def work():
        async with gateway(bot, sqlite_database) as gate:
            return await gate.say("web:ada", ADA, "odd", "k1", "web")

    assert "nothing was done with it" in texts(in_loop(work))[0]
    assert waiting(sqlite_database) == []


def test_a_conversation_that_keeps_failing_is_tried_less_often(bot, sqlite_database):
    bot.answer = lambda _: []

    async def work():
        async with gateway(bot, sqlite_database) as gate:
            await gate.say("web:ada", ADA, "one", "k1", "web")
            for _ in range(64):
                await gate.send_waiting()

    in_loop(work)
    assert 5 < len(bot.calls) < 12


def test_when_the_record_cannot_keep_the_message_the_person_is_told_that_it_was_not_kept(
    bot, sqlite_database, monkeypatch
):
    def full(*_, **__):
        raise RecordUnavailable("The disk of the record is full. Nothing was recorded.")

    monkeypatch.setattr(deliveries, "receive", full)

    async def work():
        async with gateway(bot, sqlite_database) as gate:
            return await gate.say("web:ada", ADA, "one", "k1", "web")

    replies = in_loop(work)
    assert replies[0].type == "failure"
    assert "not kept" in replies[0].text
    assert "disk of the record is full" in replies[0].text
    assert "Sam Reeve" in replies[0].text
    assert bot.calls == []


def test_a_locked_database_is_told_within_the_limit(bot, sqlite_database):
    async def work():
        async with gateway(bot, sqlite_database, limit=1.0) as gate:
            with sqlite_database.begin() as session:
                session.execute(text("SELECT 1"))
                return await gate.say("web:ada", ADA, "one", "k1", "web")

    assert "did not answer in time" in in_loop(work)[0].text  # that is the limit; the wait for the record is longer


def test_replies_that_cannot_be_kept_are_asked_for_again(bot, sqlite_database, monkeypatch):
    finish = deliveries.finish

    def locked(*_, **__):
        raise RecordUnavailable("The record is busy.")

    async def work():
        async with gateway(bot, sqlite_database) as gate:
            monkeypatch.setattr(deliveries, "finish", locked)
            said = await gate.say("web:ada", ADA, "one", "k1", "web")
            monkeypatch.setattr(deliveries, "finish", finish)
            for _ in range(2):
                await gate.send_waiting()
            return said

    assert in_loop(work)[0].type == "failure"
    assert waiting(sqlite_database) == []


def test_a_conversation_that_cannot_go_on_holds_up_no_other(bot, sqlite_database, caplog):
    who = {"person": ADA, "source": "web", "at": datetime.now(UTC)}

    async def work():
        async with gateway(bot, sqlite_database) as gate:
            deliveries.receive(sqlite_database, "k0", conversation_id="web:ada", text="before", **who)
            deliveries.finish(sqlite_database, "k0", [{"type": "nobody can read it"}], datetime.now(UTC))
            deliveries.receive(sqlite_database, "k1", conversation_id="web:ada", text="a secret", **who)
            catching_up = asyncio.create_task(gate.catch_up(0.01))
            await until(lambda: caplog.text.count("does not go on") > 1)
            deliveries.receive(sqlite_database, "k2", conversation_id="web:bob", text="Hello", **who)
            await until(lambda: "Hello" not in waiting(sqlite_database))
            catching_up.cancel()

    in_loop(work)
    assert bot.texts == ["Hello"]
    assert "a secret" not in caplog.text


def test_looking_for_what_waits_goes_on_after_a_mistake(bot, sqlite_database, monkeypatch, caplog):
    real, failed = deliveries.waiting, []

    def broken(*given):
        if not failed:
            failed.append(1)
            raise LookupError("a secret")
        return real(*given)

    monkeypatch.setattr(deliveries, "waiting", broken)

    async def work():
        async with gateway(bot, sqlite_database) as gate:
            who = {"person": ADA, "source": "web", "at": datetime.now(UTC)}
            deliveries.receive(sqlite_database, "k1", conversation_id="web:ada", text="Hello", **who)
            catching_up = asyncio.create_task(gate.catch_up(0.01))
            await until(lambda: failed and not waiting(sqlite_database))
            catching_up.cancel()

    in_loop(work)
    assert bot.texts == ["Hello"]
    assert "LookupError" in caplog.text
    assert "a secret" not in caplog.text


def test_a_key_of_another_conversation_is_refused(bot, sqlite_database):
    async def work():
        async with gateway(bot, sqlite_database) as gate:
            await gate.say("web:ada", ADA, "one", "k1", "web")
            with pytest.raises(deliveries.StrangeKey):
                await gate.say("web:eve", ("web:eve", "Eve"), "one", "k1", "web")

    in_loop(work)
    assert bot.texts == ["one"]


def test_what_no_database_takes_is_replaced(bot, database):
    async def work():
        async with gateway(bot, database) as gate:
            return await gate.say("web:ada", ADA, "a\x00b\ud800c", "k1", "web")

    assert texts(in_loop(work)) == ["Heard: ab?c"]


def test_locks_go_away_with_their_conversations(bot, sqlite_database):
    async def work():
        async with gateway(bot, sqlite_database) as gate:
            for n in range(20):
                await gate.say(f"web:{n}", (f"web:{n}", "N"), "Hi", f"k{n}", "web")
            gc.collect()
            return len(gate._locks)

    assert in_loop(work) == 0


def test_ready_says_whether_the_bot_is_there(bot, sqlite_database):
    async def work():
        async with gateway(bot, sqlite_database) as gate:
            there = await gate.ready()
            bot.stop()
            return there, await gate.ready()

    assert in_loop(work) == (True, False)


def test_who_types_a_label_of_several_words_has_pressed_it_and_single_words_mean_what_they_say(bot, sqlite_database):
    buttons = (Button(label="Show the advice", send="/press{}"), Button(label="Done", send="/action_done"))
    bot.answer = lambda _: [TextReply(text="There.", buttons=buttons)]

    async def work():
        async with gateway(bot, sqlite_database) as gate:
            for n, words in enumerate(("hello there", "show the ADVICE", "done", "show me the advice")):
                await gate.say("web:ada", ADA, words, f"k{n}", "web")

    in_loop(work)
    assert bot.texts == ["hello there", "/press{}", "done", "show me the advice"]
    kept = [each.text for each in deliveries.transcript(sqlite_database, "web:ada")]
    assert kept[1] == "show the ADVICE"
