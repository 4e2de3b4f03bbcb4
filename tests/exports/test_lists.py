"""Lists of incidents as CSV and JSON: in a fixed order of columns, only what somebody may see, in flat memory."""

import csv
import io
import json
import re
import tracemalloc
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from amends.exports import lists
from amends.incidents import record
from amends.incidents.models import Conversation
from amends.incidents.visible import Viewer
from amends.leads import acts
from amends.register import shelving
from amends.register.filters import Filter
from amends.register.finding import Sort
from amends.settings import ROOT
from tests.exports.conftest import FORMULA
from tests.leads.conftest import GRACE, LIN, NOW, Room

ZONE = ZoneInfo("Europe/London")
LATER = datetime(2026, 3, 3, 8, 0, tzinfo=UTC)
LEAD = Viewer(GRACE.id, lead=True)


@pytest.fixture
def several(database):
    """Five incidents; the second is restricted, the third is closed and led by Grace, the fourth has a formula."""
    room = Room(database)
    room.references = [room.reference]
    for number in range(4):
        room.references.append(room.report(conversation=f"slack:T1:C1:{number}.5"))
    room.reference = room.references[1]
    room.do(acts.restrict, LIN, ())
    room.reference = room.references[2]
    room.do(acts.take_over, GRACE)
    room.do(acts.close, GRACE)
    with database.begin() as session:
        record.find(session, room.references[3]).title = FORMULA
        for reference in room.references:
            shelving.changed(session, record.find(session, reference), NOW)
    return room


def rows_of(room, filter_=None, viewer=LEAD, sort=Sort.NEWEST):
    found = lists.parts(room.database, filter_ or Filter(), viewer, LATER, ZONE, sort)
    text = b"".join(lists.as_csv(found)).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def json_of(room, viewer=LEAD, filter_=None):
    found = lists.parts(room.database, filter_ or Filter(), viewer, LATER, ZONE)
    return json.loads(b"".join(lists.as_json(found, {"filter": "x"})))


def test_the_columns_stand_in_an_order_that_others_rest_on():
    first = next(lists.as_csv([])).decode("utf-8-sig")
    assert first == (
        '"reference","state","level","title","channel","reporter_id","reporter","reported_at","lead_id","lead",'
        '"responses","decided_by_lead","row","people","clauses","open_steps","closed_at","signed_off_at","restricted",'
        '"drill","flow","flow_title","unfinished"\r\n'
    )


def test_the_columns_are_those_of_the_documentation():
    said = (ROOT / "docs" / "exports.md").read_text("utf-8").partition("The columns of the CSV")[2]
    named = re.findall(r"`([a-z_]+)`", said.partition("Times are in UTC")[0])
    assert tuple(named) == lists.COLUMNS


def test_a_list_holds_what_a_lead_may_see_and_a_restricted_incident_is_not_in_it(several):
    restricted = several.references[1]
    assert {row["reference"] for row in rows_of(several)} == set(several.references) - {restricted}
    assert restricted not in json.dumps(json_of(several))
    everything = json_of(several, Viewer("slack:T1:U5", everything=True))
    assert restricted in {row["reference"] for row in everything["incidents"]}
    named = json_of(several, Viewer(LIN.id, lead=True))
    assert restricted in {row["reference"] for row in named["incidents"]}
    assert json_of(several, Viewer("slack:T1:U5"))["incidents"] == []


def test_a_line_says_what_is_known(several):
    row = next(row for row in rows_of(several) if row["reference"] == several.references[2])
    assert row["state"] == "closed"
    assert row["reporter"] == "Ada"
    assert row["lead"] == "Grace"
    assert row["responses"] == "preserve; take_down; apologise"
    assert row["open_steps"] == "preserve; take_down; apologise"
    assert row["decided_by_lead"] == row["restricted"] == row["drill"] == "no"
    assert row["reported_at"] == "2026-03-02T09:30:00.000000+00:00"
    assert row["closed_at"]
    assert row["signed_off_at"] == ""
    assert (row["flow"], row["flow_title"]) == ("problem_post", "A post has gone wrong")


def test_a_formula_in_a_title_is_text_in_csv_and_as_it_was_in_json(several):
    titles = {row["reference"]: row["title"] for row in rows_of(several)}
    assert titles[several.references[3]] == f"'{FORMULA}"
    titles = {row["reference"]: row["title"] for row in json_of(several)["incidents"]}
    assert titles[several.references[3]] == FORMULA


def test_csv_and_json_say_the_same_and_json_says_how_many(several):
    found = json_of(several)
    assert found["filter"] == "x"
    assert found["count"] == len(found["incidents"]) == 4
    assert [row["reference"] for row in found["incidents"]] == [row["reference"] for row in rows_of(several)]
    assert all(tuple(row) == lists.COLUMNS for row in found["incidents"])


def test_the_filter_and_the_order_are_those_of_the_page(several):
    closed = rows_of(several, Filter(states=("closed",)))
    assert [row["reference"] for row in closed] == [several.references[2]]
    oldest = [row["reference"] for row in rows_of(several, sort=Sort.OLDEST)]
    assert oldest == sorted(oldest)


def test_a_list_is_whole_however_many_parts_it_is_read_in(several, monkeypatch):
    whole = json_of(several)
    for at_a_time in (1, 2, 3, 4, 5):
        monkeypatch.setattr(lists, "AT_A_TIME", at_a_time)
        assert json_of(several) == whole


def test_an_empty_list_is_a_list(database):
    room = Room(database)
    nobody = Viewer("slack:T1:U5")
    assert json_of(room, nobody) == {"filter": "x", "incidents": [], "count": 0}
    assert rows_of(room, viewer=nobody) == []


def test_a_list_that_was_cut_off_is_no_json(several):
    pieces = list(lists.as_json(lists.parts(several.database, Filter(), LEAD, LATER, ZONE), {"filter": "x"}))
    with pytest.raises(json.JSONDecodeError):
        json.loads(b"".join(pieces[:-1]))


def test_a_long_list_takes_no_more_memory_than_a_short_one(sqlite_database, monkeypatch):
    """`python -m bench.exports` measures the same with 100,000 incidents and a desk of its own."""
    monkeypatch.setattr(lists, "AT_A_TIME", 2)
    room = Room(sqlite_database)

    def more(many):
        with sqlite_database.begin() as session:
            first = record.find(session, room.reference)
            talk = session.get_one(Conversation, first.conversation_id)
            for _ in range(many):
                incident = record.open_incident(session, talk, room.flow, "x" * 20_000, "slack", NOW, 2026)
                incident.decision, incident.level, incident.state = first.decision, first.level, first.state
                shelving.changed(session, incident, NOW)

    def peak():
        tracemalloc.start()
        found = lists.parts(sqlite_database, Filter(), LEAD, LATER, ZONE)
        size = sum(len(piece) for piece in lists.as_csv(found))
        _now, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return size, highest

    more(9)
    peak()
    size, _ = peak()
    more(150)
    peak()
    longer, many = peak()
    assert longer > 14 * size
    assert many < longer / 4
