"""What the pages of an incident read, on SQLite and on PostgreSQL."""

from datetime import timedelta

import pytest

from amends.access.people import SignedIn
from amends.console.lead_book import lead_page, what_can_be_done
from amends.console.overheard import conversation_of
from amends.incidents import record as incident_record
from amends.incidents import trail
from amends.incidents.trail import Kind
from amends.leads import acts
from amends.settings import ROOT
from amends.workshop.files import publish_first
from tests.console.whole import ADA, SETTINGS, WHEN, whole_incident
from tests.console.workshop import NOW

LEAD = acts.Actor("slack:T1:U9", "Lena", "slack", NOW)
GRACE = SignedIn("web:grace", "Grace", frozenset({"lead"}))
AUDITOR = SignedIn("web:alan", "Alan", frozenset({"auditor"}))


@pytest.fixture
def incident(database):
    publish_first(database, ROOT / "data")
    return whole_incident(database)


def read(database, reference, work, person=GRACE):
    with database.read() as session:
        return work(session, incident_record.find(session, reference), person)


def page(database, reference, person=GRACE, groups=()):
    return read(database, reference, lambda s, i, p: lead_page(s, i, p, str, groups), person)


def do(database, reference, act, *given, **more):
    with database.begin() as session:
        return act(session, SETTINGS, incident_record.find(session, reference), *given, at=NOW, **more)


def test_the_page_is_the_whole_of_it(database, incident):
    found = page(database, incident)
    assert [each.sequence for each in found["trail"]] == list(range(1, found["entries"] + 1))
    assert found["seen"] == found["entries"] == 8
    assert all(each.why and each.title for each in found["reasons"])
    assert [each["id"] for each in found["cited"]]
    assert found["people"] == [(ADA, "Ada Okafor", True)]
    assert found["signed"] is None
    assert {code for code, _, now in found["responses"] if now} == {"preserve", "take_down", "apologise"}


def test_a_clause_that_is_changed_later_is_shown_as_it_stood(database, incident):
    from amends.incidents.models import ClauseVersion

    before = page(database, incident)["cited"]
    with database.begin() as session:
        body = session.get_one(ClauseVersion, before[0]["version"]).body.replace(before[0]["text"], "All is new.")
        incident_record.remember_clauses(session, [(before[0]["id"], "f" * 64, body)], NOW)
    assert page(database, incident)["cited"] == before


@pytest.mark.parametrize(("groups", "kinds"), [(["steps"], {"step_done"}), (["steps", "evidence"], None)])
def test_groups_leave_out_the_others_and_count_them(groups, kinds, database, incident):
    found = page(database, incident, groups=groups)
    assert {each.kind for each in found["trail"]} == (kinds or {"step_done", "evidence_kept"})
    assert found["entries"] == 8


def test_what_can_be_done_follows_the_state_and_the_person(database, incident):
    def can(person=GRACE):
        return {name for name, can in read(database, incident, what_can_be_done, person).items() if can}

    assert can() == {"act", "mark", "take_over", "override", "promise", "close"}
    assert can(AUDITOR) == set()
    do(database, incident, acts.take_over, acts.Actor(GRACE.id, "Grace", "web", NOW))
    assert can() == {"act", "mark", "override", "promise", "close"}
    do(database, incident, acts.close, LEAD)
    assert can() == {"act", "mark", "reopen", "sign_off"}
    assert can(SignedIn("oidc:1", "Ada Okafor", frozenset({"lead"}))) == {"act", "mark", "reopen"}
    do(database, incident, acts.sign_off, LEAD, "Seen.")
    assert can() == {"act", "mark", "reopen"}


def test_a_sign_off_says_whether_what_it_names_still_stands(database, incident):
    do(database, incident, acts.close, LEAD)
    do(database, incident, acts.sign_off, LEAD, "Seen.")
    signed = page(database, incident)["signed"]
    assert (signed.by, signed.head_sequence, signed.holds) == ("Lena", 9, True)
    with database.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("DROP TRIGGER trail_entry_no_update")
        else:
            connection.exec_driver_sql("ALTER TABLE trail_entry DISABLE TRIGGER ALL")
        connection.exec_driver_sql(f"UPDATE trail_entry SET hash = '{'0' * 64}' WHERE sequence = 9")
    assert page(database, incident)["signed"].holds is False


def test_one_that_was_signed_before_heads_were_named_is_read(database, incident):
    with database.begin() as session:
        found = incident_record.lock(session, incident_record.find(session, incident).id)
        how = {"actor_id": ADA, "source": "slack", "said_at": NOW, "recorded_at": NOW}
        trail.append(session, found, Kind.SIGNED_OFF, {"statement": "Fine."}, **how)
    signed = page(database, incident)["signed"]
    assert (signed.statement, signed.head, signed.head_sequence, signed.holds) == ("Fine.", "", None, False)


@pytest.mark.parametrize("person", [GRACE, AUDITOR], ids=["lead", "auditor"])
def test_the_conversation_is_what_wrote_into_the_trail(person, database, incident):
    found = read(database, incident, lambda s, i, p: conversation_of(s, i, p.viewer), person)
    assert [who for who, _ in found] == ["Ada Okafor"] * 4
    assert [exchange.said for _, exchange in found][1:3] == ["It annoyed people", "No, it upset them"]
    assert found[0][1].at == WHEN
    assert found[-1][1].at == WHEN + timedelta(minutes=3)
    assert not any(card.live for _, exchange in found for card in exchange.cards)
