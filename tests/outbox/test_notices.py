"""Whatever happens in an incident reaches those who have to see it, once, in the transaction in which it happened."""

import json
import subprocess
import sys

import pytest

from amends.incidents import record
from amends.incidents.trail import Kind
from amends.outbox.tables import SlackUser
from tests.outbox.incident import ADA, Story, step


@pytest.fixture
def story(box):
    box.drawings["lead_card"] = lambda _session, args, _now: {"text": f"card {'<!here>' if args['here'] else 'quiet'}"}
    return Story(box)


def card_rows(story):
    return [(row.action, row.to, row.slot, json.loads(row.body)) for row in story.rows("lead_card")]


@pytest.mark.parametrize("level", [1, 2])
def test_leads_see_an_incident_as_soon_as_its_level_is_known(story, level):
    story.happens()
    assert card_rows(story) == []
    story.advised(level)
    wanted = {"incident": story.id, "here": False}
    assert card_rows(story) == [("update", "CLEADS", f"lead:{story.id}", wanted)]


@pytest.mark.parametrize(("level", "settled"), [(None, {}), (0, {})])
def test_small_incidents_wait_for_the_digest(story, level, settled):
    story.happens(level=level, **settled)
    assert story.rows() == []


@pytest.mark.parametrize("changes", [{"lead_id": ADA}, {"override": '{"steps": []}'}])
def test_an_incident_that_a_lead_has_a_hand_in_has_a_card(story, changes):
    story.happens(level=0, **changes)
    assert len(card_rows(story)) == 1


def test_somebody_in_danger_is_shown_to_leads_at_once_and_other_wishes_for_a_person_are_not(story):
    story.happens(Kind.HANDOVER_REQUESTED, {"role": "legal", "contact": "Zoe"})
    assert card_rows(story) == []
    story.happens(Kind.HANDOVER_REQUESTED, {"role": "emergency", "contact": "Zoe"})
    assert len(card_rows(story)) == 1


def test_somebody_in_danger_calls_here_before_any_level_is_known(story, box):
    story.happens(Kind.HANDOVER_REQUESTED, {"role": "emergency", "contact": "Zoe"})
    box.send()
    assert box.line.texts("CLEADS") == ["card <!here>"]


def test_a_card_that_stands_follows_the_incident_also_when_it_becomes_small(story, box):
    story.advised(1)
    box.send()
    story.advised(0)
    box.send()
    assert box.line.called() == ["chat.postMessage", "chat.update"]


def test_a_serious_incident_calls_here_with_its_first_card_and_never_again(story, box):
    story.advised(3)
    box.send()
    assert box.line.texts("CLEADS") == ["card <!here>"]
    story.happens()
    story.happens()
    box.send()
    assert box.line.called() == ["chat.postMessage", "chat.update"]


def test_an_incident_that_becomes_serious_calls_here_in_the_thread_of_its_card_once(story, box):
    story.advised(2)
    box.send()
    (card,) = box.line.messages["CLEADS"].values()
    for level in (3, 2, 3):
        story.advised(level)
        box.send()
    called = [message for message in box.line.messages["CLEADS"].values() if message["ts"] != card["ts"]]
    assert [(each["text"], each["thread_ts"]) for each in called] == [
        ("<!here> INC-2026-0001 is now level 3.", card["ts"])
    ]
    assert card["text"] == "card quiet"


def test_it_calls_here_with_a_card_that_still_waits(story, box):
    story.advised(2)
    story.advised(3)
    box.send()
    assert box.line.texts("CLEADS") == ["card <!here>"]


def test_it_calls_here_beside_a_card_that_is_being_sent_at_that_moment(story, box):
    story.advised(2)
    real = box.line._chat_postmessage

    def post(**arguments):
        box.line._chat_postmessage = real
        story.advised(3)
        return real(**arguments)

    box.line._chat_postmessage = post
    box.send()
    assert (
        sum("<!here>" in call.get("text", "") for method, call in box.line.calls if method == "chat.postMessage") == 1
    )


def test_nobody_is_called_when_the_setting_says_so(box):
    box.drawings["lead_card"] = lambda _session, args, _now: {"text": str(args["here"])}
    story = Story(box, slack_here_from_level=None)
    story.advised(3)
    box.send()
    assert box.line.texts("CLEADS") == ["False"]


def test_without_a_channel_for_leads_there_is_no_card(box):
    story = Story(box, slack_leads_channel="")
    story.advised(3)
    assert story.rows() == []


def test_without_slack_nothing_is_written(box):
    story = Story(box, slack_bot_token="")
    story.advised(3, [step("hold")])
    assert story.rows() == []
    assert story.reminders() == {}


def test_the_advice_is_drawn_again_wherever_it_stands(story):
    story.posted(f"advice:{story.id}:one", "D1")
    story.posted(f"advice:{story.id}:two", "C1", thread="1.0")
    story.posted(f"advice:{story.id}9:other", "C1")
    story.happens()
    drawn = [(row.to, row.slot, json.loads(row.body)) for row in story.rows("advice")]
    assert drawn == [
        ("D1", f"advice:{story.id}:one", {"slot": f"advice:{story.id}:one"}),
        ("C1", f"advice:{story.id}:two", {"slot": f"advice:{story.id}:two"}),
    ]


def test_the_home_tabs_of_those_who_take_part_are_drawn_again_if_they_opened_them(story):
    story.happens()
    assert story.rows("home") == []
    story.posted(f"home:{ADA}", "U1", body={"participant": ADA, "lead": False})
    story.posted("home:slack:T1:U2", "U2", body={"participant": "slack:T1:U2"})
    story.happens()
    ((row),) = story.rows("home")
    assert (row.action, row.to, json.loads(row.body)) == ("home", "U1", {"participant": ADA, "lead": False})


def test_who_has_become_a_guest_is_not_shown_their_incidents_any_more(story, box):
    with box.database.begin() as session:
        guest = SlackUser(id="U1", team="T1", name="Ada", zone="UTC", standing="guest", fetched_at=box.clock())
        session.add(guest)
    story.posted(f"home:{ADA}", "U1")
    story.happens()
    assert story.rows("home") == []


def test_when_it_is_settled_anew_who_sees_an_incident_all_home_tabs_are_drawn_again(story):
    story.posted(f"home:{ADA}", "U1")
    story.posted("home:slack:T1:U2", "U2")
    story.happens(Kind.RESTRICTED, restricted=True)
    assert [row.to for row in story.rows("home")] == ["U1", "U2"]


def test_many_things_in_one_transaction_are_one_notice(story, box):
    with box.database.begin() as session:
        incident = record.lock(session, story.id)
        for kind in (Kind.ANSWERED, Kind.ANSWERED, Kind.RECOMMENDED):
            story.write(session, incident, kind, {})
        incident.level = 2
    assert len(story.rows()) == 1


def test_what_happens_inside_a_savepoint_is_noticed_when_the_whole_is_kept(story, box):
    with box.database.begin() as session:
        incident = record.lock(session, story.id)
        with session.begin_nested():
            story.write(session, incident, Kind.NOTE_ADDED, {})
        incident.level = 2
    assert len(story.rows()) == 1


def test_what_is_not_kept_is_not_noticed(story, box):
    with pytest.raises(RuntimeError), box.database.begin() as session:
        incident = record.lock(session, story.id)
        incident.level = 3
        story.write(session, incident, Kind.NOTE_ADDED, {})
        raise RuntimeError
    assert story.rows() == []


def test_two_transactions_of_one_session_each_have_their_notice(story, box):
    from sqlalchemy.orm import Session

    with Session(box.database.engine) as session:
        for _ in range(2):
            with session.begin():
                incident = record.lock(session, story.id)
                story.write(session, incident, Kind.NOTE_ADDED, {})
                incident.level = 2
    assert len(story.rows("lead_card")) == 1  # the second found the first waiting


def test_changes_by_many_at_once_leave_one_card_with_the_newest_state(story, box):
    from concurrent.futures import ThreadPoolExecutor

    story.advised(1)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: story.happens(), range(12)))
    assert len(story.rows("lead_card")) == 1
    box.send()
    assert len(box.line.texts("CLEADS")) == 1


def test_noticing_needs_no_library_of_slack():
    code = (
        "import sys, amends.outbox.notices, amends.outbox.sender, amends.outbox.clerk; "
        "print([name for name in sys.modules if name.startswith(('slack', 'aiohttp'))])"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "[]"
