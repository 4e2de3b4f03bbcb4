"""Two desks share a record in PostgreSQL: a conversation goes on one message at a time, whichever desk it comes by."""

import asyncio
import hashlib
import time
from contextlib import asynccontextmanager

import pytest

from amends.bot import Gateway
from amends.conversation.replies import TextReply
from amends.incidents import deliveries
from amends.incidents.database import Database
from amends.incidents.holds import Holds
from tests.conftest import copied_postgres
from tests.console.fake_bot import running_bot, settings_for
from tests.waiting import LONGEST, until

ADA = ("web:ada", "Ada")


@pytest.fixture
def bot():
    with running_bot() as bot:
        yield bot


@pytest.fixture
def database(migrated_postgres):
    """A record in SQLite has one desk."""
    with copied_postgres(migrated_postgres) as database:
        yield database


@asynccontextmanager
async def desks(bot, database):
    url = database.engine.url.render_as_string(hide_password=False)
    both = [Gateway(settings_for(bot.port, url), Database(url), limit=LONGEST) for _ in range(2)]
    try:
        yield both
    finally:
        for each in both:
            await each.close()
            each._database.dispose()


def test_messages_that_come_by_both_desks_at_once_reach_the_bot_one_after_the_other_each_once(bot, database):
    bot.delay = 0.05

    async def work():
        async with desks(bot, database) as (one, two):
            says = [(one, two)[n % 2].say("web:ada", ADA, str(n), f"k{n}", "web") for n in range(8)]
            catching_up = [each.send_waiting() for each in (one, two) for _ in range(3)]
            return (await asyncio.gather(*says, *catching_up))[:8]

    replies = asyncio.run(work())
    assert [reply.text for each in replies for reply in each] == [f"Heard: {n}" for n in range(8)]
    assert sorted(bot.texts) == [str(n) for n in range(8)]  # the fake notices two of one conversation at once
    stored = [each.text for each in deliveries.transcript(database, "web:ada")]
    assert bot.texts == stored  # in the order in which the record has them


def test_what_one_desk_works_on_the_other_does_not_send_as_well_when_it_catches_up(bot, database):
    async def work():
        async with desks(bot, database) as (one, two):
            with bot.holding():
                saying = asyncio.create_task(one.say("web:ada", ADA, "Once", "k1", "web"))
                await until(lambda: bot.calls)
                await two.send_waiting()
            return await saying

    assert [reply.text for reply in asyncio.run(work())] == ["Heard: Once"]
    assert bot.texts == ["Once"]


def test_what_a_killed_desk_was_at_goes_on_at_the_other_when_its_hold_has_lapsed(bot, database):
    killed = Holds(database, lease=0.5)
    begun = time.monotonic()
    assert killed.take("talk:web:ada")

    async def work():
        async with desks(bot, database) as (one, _):
            return await one.say("web:ada", ADA, "Wait", "k1", "web")

    assert [reply.text for reply in asyncio.run(work())] == ["Heard: Wait"]
    assert time.monotonic() - begun > 0.5


def test_each_message_names_its_conversation_to_the_proxy_without_saying_who_it_is(bot, database):
    async def work():
        async with desks(bot, database) as (one, two):
            for n, desk in enumerate((one, two, one)):
                await desk.say("terminal:zoë/zoë:chat", ("terminal:zoë/zoë", "Zoë"), "Hi", f"k{n}", "terminal")

    asyncio.run(work())
    name = hashlib.sha256("terminal:zoë/zoë:chat".encode()).hexdigest()
    assert [headers["X-Conversation"] for headers in bot.headers] == [name] * 3


@pytest.mark.parametrize("status", [502, 503, 504])
def test_when_the_proxy_finds_no_bot_later_messages_do_not_overtake(status, bot, database):
    async def work():
        async with desks(bot, database) as (one, two):
            bot.answer = lambda body: status if body["message"] == "First" else [TextReply(text="ok")]
            await one.say("web:ada", ADA, "First", "k1", "web")
            await two.say("web:ada", ADA, "Second", "k2", "web")
            bot.answer = lambda body: [TextReply(text=body["message"])]
            for _ in range(4):
                await two.send_waiting()

    asyncio.run(work())
    assert bot.texts[-2:] == ["First", "Second"]
    assert "Second" not in bot.texts[:-1]
    assert deliveries.waiting(database) == []
