"""A filter is read from an address, written into it again, and said in words."""

from dataclasses import fields
from datetime import date
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.register.choices import choices_for
from amends.register.filters import LONGEST_TEXT, MOST_VALUES, BadFilter, Drill, Filter
from amends.register.in_words import conditions, in_one_sentence
from amends.register.views import MOST, remove_view, save_view, views_of
from tests.flows.small import small
from tests.register.conftest import GRACE, LEAD, NOW, decision

WHOLE = Filter(
    text='wrong "picture"',
    since=date(2026, 1, 2),
    until=date(2026, 3, 4),
    levels=(2, 3),
    responses=("apologise",),
    rows=("R1",),
    clauses=("DP-1", "SM-1"),
    roles=("dpo",),
    channels=("slack",),
    states=("advised", "closed"),
    lead=GRACE,
    restricted=False,
    drill=Drill.TOO,
    late=True,
    flows=("small",),
)


def read(query):
    return Filter.read(parse_qsl(query))


def test_an_address_says_all_of_a_filter():
    assert all(getattr(WHOLE, part.name) != part.default for part in fields(Filter)), "a part is missing here"
    assert read(WHOLE.query()) == WHOLE
    assert read(WHOLE.query(sort="oldest", cursor="")) == WHOLE
    assert Filter().query() == ""
    assert not Filter()


codes = st.sets(st.sampled_from(["a", "B-2.1", "x_y", "web:ada", "&=+%"])).map(lambda some: tuple(sorted(some)))


@given(
    st.builds(
        Filter,
        text=st.text(max_size=30).map(lambda text: text.replace("\x00", "").strip()),
        since=st.none() | st.dates(),
        levels=st.sets(st.integers(0, 3)).map(lambda levels: tuple(sorted(levels))),
        clauses=codes,
        rows=codes,
        restricted=st.none() | st.booleans(),
        drill=st.sampled_from(Drill),
        late=st.booleans(),
        flows=codes,
    )
)
def test_any_filter_comes_back_from_its_address(filter_):
    assert Filter.read(filter_.pairs()) == filter_


def test_open_is_every_state_that_is_not_closed():
    assert read("state=open").states == ("confirming", "asking", "advised")
    assert read("state=open&state=closed").states == ("confirming", "asking", "advised", "closed")


def test_what_is_empty_or_unknown_is_passed_over():
    assert read("q=&level=&colour=red&cursor=n.1") == Filter()


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("level=4", "There is no level 4. Levels go from 0 to 3."),
        ("state=lost", "There is no state lost."),
        ("from=2026-02-30", "'2026-02-30' is not a day for 'from'. Write it such as 2026-11-25."),
        ("restricted=maybe", "say yes or no"),
        ("drill=maybe", "say yes, no or any"),
        ("clause=a%20b", "'a b' cannot be a value of 'clause'."),
        ("q=" + "x" * (LONGEST_TEXT + 1), f"Use at most {LONGEST_TEXT} characters"),
        ("&".join(f"row={n}" for n in range(MOST_VALUES + 1)), f"at most {MOST_VALUES} values of 'row'"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(query, says):
    with pytest.raises(BadFilter) as refused:
        read(query)
    assert says in str(refused.value)


def test_each_part_is_said_and_can_be_taken_away(records):
    records.report(advice=decision(level=2, people=["dpo"], clauses=["DP-1"]), lead_id=GRACE)
    with records.database.read() as session:
        choices = choices_for(session, LEAD)
    said = {each.part: each for each in conditions(WHOLE, choices)}
    assert set(said) == {part.name for part in fields(Filter)}
    assert said["text"].words == 'with the words \u201cwrong "picture"\u201d'
    assert said["since"].words == "reported on 2 January 2026 or later"
    assert said["clauses"].words == "clause DP-1 or SM-1"
    assert said["states"].words == "state: advice given or closed"
    assert said["flows"].words == "about: A small flow"
    for part, each in said.items():
        assert getattr(each.without, part) == getattr(Filter(), part)
        assert len(each.without.pairs()) < len(WHOLE.pairs())
    assert WHOLE.without("levels", 2).levels == (3,)
    assert in_one_sentence(Filter(late=True, drill=Drill.ONLY), choices) == (
        "Incidents: drills only; late: something ran out before it was done."
    )


def test_choices_are_those_that_somebody_may_see_an_incident_of(records):
    records.report(advice=decision(row="R1", people=["dpo"], clauses=["DP-1"]), lead_id=GRACE)
    records.report(advice=decision(row="R2", clauses=["SECRET-1"]), restricted=True, lead_id="web:hidden")
    with records.database.read() as session:
        choices = choices_for(session, LEAD)
    assert list(choices.clauses) == ["DP-1"]
    assert list(choices.rows) == ["R1"]
    assert list(choices.roles) == ["dpo"]
    assert list(choices.responses) == ["take_down"]
    assert list(choices.leads) == ["none", GRACE]


def test_a_code_that_flows_call_differently_has_both_names(records):
    other = small("flow: small", "flow: other", "A small flow", "Another one", '"Take it down"', '"Hide it"')
    records.report(advice=decision(row="R1"))
    records.report(advice=decision(row="R1"), flow=other)
    records.report(flow=small("flow: small", "flow: secret"), restricted=True)
    with records.database.read() as session:
        choices = choices_for(session, LEAD)
    assert choices.flows == {"other": "Another one", "small": "A small flow"}
    assert choices.responses == {"take_down": "Hide it / Take it down"}
    assert choices.rows == {"R1": "R1, Hurt"}


def test_views_are_kept_by_person_and_name(database):
    with database.begin() as session:
        save_view(session, "web:a", "Late ones", "late=yes&sort=serious&cursor=n.1&colour=red", NOW)
        save_view(session, "web:a", "Late ones", "late=yes", NOW)
        view = save_view(session, "web:b", "late ones", "level=3&sort=newest", NOW)
    with database.begin() as session:
        assert [(each.name, each.query) for each in views_of(session, "web:a")] == [("Late ones", "late=yes")]
        assert [(each.name, each.query) for each in views_of(session, "web:b")] == [("late ones", "level=3")]
        remove_view(session, "web:a", view.id)
        assert len(views_of(session, "web:b")) == 1
        remove_view(session, "web:b", view.id)
        assert views_of(session, "web:b") == []


def test_there_is_an_end_to_views(database):
    with database.begin() as session:
        for number in range(MOST):
            save_view(session, "web:a", f"View {number}", "", NOW)
        save_view(session, "web:a", "View 1", "level=1", NOW)
        with pytest.raises(BadFilter, match="Remove one first"):
            save_view(session, "web:a", "One more", "", NOW)


def test_what_no_database_can_hold_is_left_out_of_a_search_and_refused_as_a_value():
    assert Filter.read([("q", "\x00"), ("late", "no")]) == Filter()
    assert Filter.read([("q", "open\x00day\ud800")]).text == "open day?"
    with pytest.raises(BadFilter, match="cannot be a value of 'response'"):
        Filter.read([("response", "\ud800")])
