"""Drafts that are kept, and read first by somebody else. On both databases."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from amends.drafts import Draft
from amends.outbox import outgoing, readings
from amends.outbox.tables import DraftReading, Outgoing
from amends.settings import Settings

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
ADA, LEE, KIM = ("slack:T1:UADA", "Ada"), ("slack:T1:ULEE", "Lee"), ("slack:T1:UKIM", "Kim")


def kept(database, owner=ADA, text="Come to our open day.", role="", targets=()):
    with database.begin() as session:
        row = readings.keep(session, owner, Draft(text), "@example", 1, NOW)
        if role:
            readings.ask(session, row, role, targets, NOW)
        return row.id


def answered(database, id_, reader=LEE, note=""):
    with database.begin() as session:
        readings.answer(session, id_, reader, note, NOW)


def sent(database, at=NOW):
    """What goes out at that time."""
    with database.read() as session:
        rows = select(Outgoing).where(Outgoing.not_before == at).order_by(Outgoing.id)
        return [(row.to, row.draw) for row in session.scalars(rows)]


def test_everybody_of_a_group_is_asked_and_the_first_answer_counts(database):
    id_ = kept(database, role="legal", targets=("ULEE", "UKIM"))
    assert sent(database) == [("ULEE", "draft_asked"), ("UKIM", "draft_asked")]
    later = [("ULEE", "draft_waits"), ("UKIM", "draft_waits"), ("UADA", "draft_unanswered")]
    assert sent(database, NOW + readings.NO_ANSWER) == later
    answered(database, id_)
    with pytest.raises(readings.CannotKeep, match="Lee has answered that already"):
        answered(database, id_, KIM, "No.")
    with database.read() as session:
        row = session.get_one(DraftReading, id_)
        assert (row.answer, row.answered_by, row.note) == ("fine", LEE[0], "")
    assert sent(database)[2:] == [("UADA", "draft_answered")]


def test_what_stands_is_drawn_again_when_it_is_answered_and_when_it_is_taken_back(database):
    id_ = kept(database, role="legal", targets=("ULEE",))
    with database.begin() as session:
        slot = f"draft_asked:{id_}:ULEE"
        outgoing.stand(session, slot, channel="D1", ts="1.2", thread=None, body="{}", at=NOW)
    answered(database, id_, note="Leave out the day.")
    assert sent(database)[1:] == [("D1", "draft_asked"), ("UADA", "draft_answered")]
    with database.begin() as session:
        readings.delete(session, id_, ADA[0], NOW)
    with pytest.raises(readings.CannotKeep, match="taken back"):
        answered(database, id_)


def test_only_whoever_wrote_it_sees_it_and_can_delete_it(database):
    id_ = kept(database)
    with database.begin() as session, pytest.raises(readings.CannotKeep, match="no such draft of yours"):
        readings.delete(session, id_, LEE[0], NOW)
    with database.read() as session:
        assert [row.id for row in readings.of(session, ADA[0])] == [id_]
        assert readings.of(session, LEE[0]) == []


def test_an_answer_is_new_until_it_was_seen_and_in_slack_it_is_told_at_once(database):
    on_web, in_slack = kept(database, ("web:ada", "Ada"), role="legal", targets=("ULEE",)), kept(database)
    answered(database, on_web)
    answered(database, in_slack)
    with database.begin() as session:
        assert (readings.unseen(session, "web:ada"), readings.unseen(session, ADA[0])) == (1, 0)
        readings.see(session, "web:ada", NOW)
    with database.read() as session:
        assert readings.unseen(session, "web:ada") == 0


def test_one_person_keeps_so_many_and_no_more(database):
    with database.begin() as session:
        for n in range(readings.MOST):
            readings.keep(session, ADA, Draft(f"Draft {n}."), "", 0, NOW)
        with pytest.raises(readings.CannotKeep, match="Delete one first"):
            readings.keep(session, ADA, Draft("One more."), "", 0, NOW)


def test_a_role_can_be_reached_where_a_person_or_a_channel_is_set_down_and_slack_is_on():
    on = {"slack_bot_token": "xoxb-1", "slack_app_token": "xapp-1"}
    told = {"slack_tell_legal": "U1", "slack_tell_dpo": "S1", "slack_tell_hr": "C1"}
    settings = Settings(_env_file=None, **on, **told)
    reached = {role: readings.reachable(settings, role) for role in ("legal", "dpo", "hr", "comms")}
    assert reached == {"legal": "U1", "dpo": "", "hr": "C1", "comms": ""}
    assert readings.reachable(Settings(_env_file=None, **told), "legal") == ""
