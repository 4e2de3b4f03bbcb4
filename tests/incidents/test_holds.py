"""What several processes share is done by one of them at a time."""

import asyncio
import threading

from sqlalchemy import select, update

from amends.incidents.holds import LEASE, Holds
from amends.incidents.models import Hold
from tests.waiting import until


def test_what_one_holds_no_other_takes_until_it_is_given_back(database):
    mine, yours = Holds(database), Holds(database)
    assert mine.take("talk:ada")
    assert not yours.take("talk:ada")
    assert yours.take("talk:bob")
    yours.release("talk:ada")  # not theirs to give back
    assert not yours.take("talk:ada")
    mine.release("talk:ada")
    assert yours.take("talk:ada")


def test_a_hold_that_nobody_renews_lapses(database):
    dead, alive = Holds(database), Holds(database)
    assert dead.take("talk:ada")
    assert not alive.take("talk:ada")
    with database.begin() as session:  # as if so much time had gone by
        session.execute(update(Hold).values(until=Hold.until - LEASE))
    assert alive.take("talk:ada")
    assert not dead.take("talk:ada")


def test_of_many_that_want_the_same_at_one_instant_one_gets_it(database):
    start, got = threading.Barrier(8), []

    def want():
        holds = Holds(database)
        start.wait()
        if holds.take("talk:ada"):
            got.append(holds)

    threads = [threading.Thread(target=want) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 1


def test_whoever_works_longer_than_the_lease_keeps_the_hold_and_gives_it_back_at_the_end(database):
    mine, yours = Holds(database, lease=3.0), Holds(database)

    def ends():
        with database.read() as session:
            return session.scalar(select(Hold.until))

    async def work():
        async with mine.held("talk:ada") as alone:
            assert alone
            first = ends()
            await until(lambda: ends() > first)  # it was renewed before it lapsed, and is again
            async with yours.held("talk:ada") as also:
                assert not also
        async with yours.held("talk:ada") as alone:
            return alone

    assert asyncio.run(work())
    with database.read() as session:
        assert session.scalars(select(Hold)).all() == []


def test_whoever_has_patience_goes_on_when_the_other_is_done(database):
    mine, yours = Holds(database), Holds(database)
    begun, order = asyncio.Event(), []

    async def first():
        async with mine.held("talk:ada"):
            order.append("first begins")
            begun.set()
            await asyncio.sleep(0.3)
            order.append("first ends")

    async def second():
        await begun.wait()
        async with yours.held("talk:ada", patience=60) as alone:
            assert alone
            order.append("second begins")

    async def both():
        await asyncio.gather(first(), second())

    asyncio.run(both())
    assert order == ["first begins", "first ends", "second begins"]
