"""Lists of incidents: what a filter leaves in, in which order, page after page."""

import json
from datetime import date, timedelta

import pytest

from amends.incidents.visible import Viewer
from amends.register import inverted
from amends.register.filters import NOBODY, BadFilter, Drill, Filter
from amends.register.finding import Sort, count, every, selected
from amends.register.rebuilding import rebuild
from tests.flows.small import small
from tests.register.conftest import ADA, GRACE, LEAD, NOW, ZONE, decision, hours


@pytest.fixture
def six(records):
    """Six incidents, an hour apart, each a little different."""
    advice = [
        decision(level=0, row="R9", responses=["make_light"], clauses=["SM-1"]),
        decision(level=3, row="R1", responses=["take_down", "apologise"], people=["dpo"], clauses=["DP-1", "SM-1"]),
        None,
        decision(level=3, row="R2", responses=["apologise"], people=["legal"], clauses=["DP-1"]),
        decision(level=2, row="R2", responses=["respond"]),
        decision(level=1, row="R3", responses=["hold"]),
    ]
    return [records.report(f"Post {n}", at=NOW - hours(6 - n), advice=each) for n, each in enumerate(advice)]


@pytest.mark.parametrize(
    ("filter_", "left"),
    [
        (Filter(), [5, 4, 3, 2, 1, 0]),
        (Filter(levels=(3,)), [3, 1]),
        (Filter(levels=(0, 3)), [3, 1, 0]),
        (Filter(levels=(3,), rows=("R2",)), [3]),
        (Filter(responses=("apologise",), roles=("dpo",)), [1]),
        (Filter(clauses=("SM-1", "DP-1")), [3, 1, 0]),
        (Filter(states=("advised",)), [5, 4, 3, 1, 0]),
        (Filter(states=("confirming",)), [2]),
        (Filter(channels=("web",), levels=(2,)), [4]),
        (Filter(channels=("slack",)), []),
        (Filter(lead=NOBODY, levels=(1,)), [5]),
        (Filter(text="post", levels=(3,)), [3, 1]),
        (Filter(text="-post"), []),
        (Filter(text="-nothing"), [5, 4, 3, 2, 1, 0]),
        (Filter(since=date(2026, 11, 25)), [5, 4, 3, 2, 1, 0]),
        (Filter(until=date(2026, 11, 24)), []),
        (Filter(rows=("R77",)), []),
    ],
)
def test_what_a_filter_leaves_in_newest_first(records, six, filter_, left):
    assert records.found(filter_) == [six[n] for n in left]


def test_incidents_are_found_by_the_flow_that_they_go_by_now(records):
    first = records.report("One")
    second = records.report("Two", flow=small("flow: small", "flow: other"))
    assert records.found(Filter(flows=("small",))) == [first]
    assert records.found(Filter(flows=("other",))) == [second]
    assert records.found(Filter(flows=("other", "small"))) == [second, first]
    records.change(first, flow_id="other")
    assert records.found(Filter(flows=("other",))) == [second, first]
    assert records.found(Filter(flows=("small",))) == []


def test_oldest_first_and_most_serious_first(records, six):
    assert records.found(sort=Sort.OLDEST) == six
    assert records.found(sort=Sort.SERIOUS) == [six[n] for n in (3, 1, 4, 5, 0, 2)]


@pytest.mark.usefixtures("six")
@pytest.mark.parametrize("sort", list(Sort))
@pytest.mark.parametrize("filter_", [Filter(), Filter(levels=(1, 2, 3)), Filter(text="post")])
def test_page_after_page_gives_each_once_in_the_order_of_one_long_page(records, sort, filter_):
    whole = records.found(filter_, sort=sort)
    with records.database.read() as session:
        pages, cursor = [], ""
        while True:
            found = records.page(session, filter_, sort=sort, cursor=cursor, size=2)
            pages.append([one.reference for one in found.incidents])
            cursor = found.next
            if not cursor:
                break
        in_parts = [one.reference for one in every(session, filter_, LEAD, NOW, ZONE, sort=sort, at_a_time=2)]
    assert [one for part in pages for one in part] == in_parts == whole
    assert all(len(part) == 2 for part in pages[:-1])


def test_what_comes_while_somebody_turns_pages_shifts_nothing(records, six):
    with records.database.read() as session:
        first = records.page(session, size=2)
    records.report("Something new", at=NOW)
    assert records.found(cursor=first.next, size=2) == [six[3], six[2]]


@pytest.mark.parametrize(
    "cursor", ["x", "n.", "n.-1", "o.12", "s3.12", "n.99999999999999999999", "n.1' OR 1=1", "n.1\n"]
)
def test_a_broken_cursor_is_refused_in_words(records, cursor):
    with pytest.raises(BadFilter, match="broken"):
        records.found(cursor=cursor)


def test_days_are_those_of_the_organisation(records):
    summer = records.report(at=NOW.replace(month=7, day=1, hour=23, minute=30))
    assert records.found(Filter(since=date(2026, 7, 2), until=date(2026, 7, 2))) == [summer]
    assert records.found(Filter(since=date(2026, 7, 1), until=date(2026, 7, 1))) == []
    assert records.found(Filter(since=date(1, 1, 1), until=date(9999, 12, 30))) == [summer]


def test_drills_are_left_out_unless_asked_for(records):
    real, drill = records.report("A post"), records.report("A practice post", drill=True)
    assert records.found() == [real]
    assert records.found(Filter(drill=Drill.ONLY)) == [drill]
    assert records.found(Filter(drill=Drill.TOO)) == [drill, real]
    assert records.found(Filter(text="post")) == [real]


def test_a_restricted_incident_is_absent_from_every_list_and_count_of_those_who_may_not_see_it(records):
    for_all = records.report("A secret post", at=NOW)
    hidden = records.report("A secret post", at=NOW, restricted=True, advice=decision(level=3))
    other = Viewer("web:other", lead=True)
    for filter_ in (Filter(), Filter(text="secret"), Filter(restricted=True), Filter(levels=(3,)), Filter(lead=NOBODY)):
        seen = {for_all} & set(records.found(filter_, other))
        assert set(records.found(filter_, other)) == seen
        with records.database.read() as session:
            assert count(session, filter_, other, NOW, ZONE) == len(seen)
            ids = session.scalars(selected(session, filter_, other, NOW, ZONE)).all()
            assert len(ids) == len(seen)
    assert records.found(Filter(restricted=True), Viewer(ADA, lead=True)) == [hidden]
    assert records.found(Filter(restricted=True), Viewer(ADA)) == [hidden]
    assert records.found(Filter(restricted=False), Viewer(ADA, lead=True)) == [for_all]


def test_staff_find_only_what_they_take_part_in(records):
    hers = records.report("A post")
    his = records.report("A post", who="web:bo", name="Bo")
    assert records.found(viewer=Viewer(ADA)) == [hers]
    assert records.found(Filter(text="post"), Viewer("web:bo")) == [his]
    assert records.found(viewer=Viewer("web:nobody")) == []


def test_late_is_what_ran_out_and_was_not_done(records):
    runs = records.report(advice=decision(level=0, deadlines=[("tell_ico", NOW + hours(1))]), at=NOW)
    late = records.report(advice=decision(level=0, deadlines=[("tell_ico", NOW - hours(1))]), at=NOW)
    closed_late = records.report(
        advice=decision(deadlines=[("tell_ico", NOW - hours(1))]), at=NOW, state="closed", closed_at=NOW
    )
    in_time = records.report(
        advice=decision(deadlines=[("tell_ico", NOW + hours(1))]), at=NOW, state="closed", closed_at=NOW
    )
    assert records.found(Filter(late=True)) == [closed_late, late]
    assert records.found(Filter(late=True), now=NOW + hours(2)) == [closed_late, late, runs]
    assert in_time not in records.found(Filter(late=True), now=NOW + hours(2))


def test_a_closed_incident_was_late_when_a_step_was_done_too_late_or_never(records):
    made = {name: records.report(advice=decision(level=3), at=NOW) for name in ("in time", "too late", "never")}
    for name, after in (("in time", timedelta(minutes=1)), ("too late", hours(5))):
        done = json.dumps({"take_down": {"who": "Ada", "at": (NOW + after).isoformat()}})
        records.change(made[name], at=NOW + after, done=done)
    assert records.found(Filter(late=True), now=NOW + hours(6)) == [made["never"]], "what was done is not late any more"
    for reference in made.values():
        records.change(reference, at=NOW + hours(6), state="closed", closed_at=NOW + hours(6))
    late = [made["never"], made["too late"]]
    assert records.found(Filter(late=True), now=NOW + hours(7)) == late
    rebuild(records.database)
    assert records.found(Filter(late=True), now=NOW + hours(7)) == late


@pytest.mark.usefixtures("six")
@pytest.mark.parametrize("sort", list(Sort))
@pytest.mark.parametrize("filter_", [Filter(), Filter(text="post"), Filter(levels=(1, 2, 3))])
def test_page_after_page_leads_back_to_the_first(records, sort, filter_):
    with records.database.read() as session:
        pages = [records.page(session, filter_, sort=sort, size=2)]
        while pages[-1].next:
            pages.append(records.page(session, filter_, sort=sort, cursor=pages[-1].next, size=2))
        back = [pages[-1]]
        while back[-1].previous:
            back.append(records.page(session, filter_, sort=sort, cursor=back[-1].previous, size=2))
    assert len(pages) > 1
    assert [each.places for each in back[::-1]] == [each.places for each in pages]
    assert [each.next for each in back[::-1]] == [each.next for each in pages]


def test_who_leads(records):
    taken = records.report("A post", lead_id=GRACE)
    records.report("Another post")
    assert records.found(Filter(lead=GRACE)) == [taken]


@pytest.mark.usefixtures("six")
def test_counting_stops(records):
    with records.database.read() as session:
        assert count(session, Filter(), LEAD, NOW, ZONE) == 6
        assert count(session, Filter(), LEAD, NOW, ZONE, most=3) == 4


@pytest.fixture(params=["through the index", "one by one", "span by span", "first this, then that"])
def way(request, monkeypatch):
    """On PostgreSQL each way of looking has to find the same; a small list would always go one of them."""
    walks = {"one by one": 100, "first this, then that": 2}
    monkeypatch.setattr(inverted, "RARE", 10**9 if request.param == "through the index" else 0)
    monkeypatch.setattr(inverted, "WALK", walks.get(request.param, 0))


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("sort", list(Sort))
@pytest.mark.parametrize(
    ("filter_", "left"),
    [
        (Filter(levels=(3,)), [3, 1]),
        (Filter(text="post"), [3, 1, 4, 5, 0, 2]),
        (Filter(text="post -nothing", levels=(3,), clauses=("DP-1",)), [3, 1]),
        (Filter(text="nothing"), []),
        (Filter(rows=("R2", "R3")), [3, 4, 5]),
    ],
)
def test_each_way_of_looking_finds_the_same(records, six, filter_, left, sort):
    in_order = left if sort is Sort.SERIOUS else sorted(left, reverse=sort is Sort.NEWEST)
    assert records.found(filter_, sort=sort) == [six[n] for n in in_order]
    pages, cursor = [], ""
    with records.database.read() as session:
        for _ in range(len(left) + 1):
            found = records.page(session, filter_, sort=sort, cursor=cursor, size=1)
            pages += [one.reference for one in found.incidents]
            cursor = found.next
            if not cursor:
                break
    assert pages == [six[n] for n in in_order]
