"""The page of an incident for leads: what it shows, to whom, and what can be done there."""

import re

import httpx
import pytest

from amends.access import audit
from amends.console.trail_words import GROUPS, TITLES
from amends.incidents import record as incident_record
from amends.incidents import trail
from amends.incidents.models import Participant
from amends.incidents.verify import verify
from amends.leads import acts
from tests.console.filled import Filled
from tests.console.leads import signed_in
from tests.console.whole import SETTINGS, THAT_DAY, WORDS, whole_incident
from tests.console.workshop import NOW, field, give_name
from tests.waiting import LONGEST

CHRIS = acts.Actor("slack:T1:U7", "Chris", "slack", NOW)


@pytest.fixture
def auditor(desk, record):
    with signed_in(desk, record, "Alan", ["auditor"]) as client:
        yield client


def words(answer):
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))
    return text.replace("&#39;", "'").replace("&#34;", '"')


def form_of(client, reference, act, end=""):
    return Filled(client.get(f"/incidents/{reference}{end}"), f"{act}-form" if act else "form")


def do(client, reference, act, **fields):
    form = form_of(client, reference, act)
    for name, value in fields.items():
        form[name] = value
    return form.send(client)


def by_hand(database, reference, act, *given, **more):
    with database.begin() as session:
        return act(session, SETTINGS, incident_record.find(session, reference), *given, at=NOW, **more)


def state_of(database, reference):
    with database.read() as session:
        return incident_record.find(session, reference)


def entries_of(database, reference):
    with database.read() as session:
        return trail.entries(session, incident_record.find(session, reference))


def test_every_kind_of_entry_belongs_to_one_filter():
    grouped = [kind for _, kinds in GROUPS.values() for kind in kinds]
    assert sorted(grouped) == sorted(TITLES)


def test_the_page_says_what_was_decided_on_which_ground(grace, incident):
    page = words(grace.get(f"/incidents/{incident}"))
    assert "Comms lead nobody yet" in page
    assert f"Reported by Ada Okafor, {THAT_DAY} at" in page
    assert "Clock: Look at it again" in page
    assert "Why: the rules that had their say" in page
    assert "Rests on:" in page
    assert "The clauses, in the wording that was shown" in page
    assert "Decided by the rules of problem_post, version" in page


def test_clauses_stand_in_the_wording_that_was_shown(grace, record, incident):
    shown = next(each for each in entries_of(record, incident) if each.clauses).clauses
    page = grace.get(f"/incidents/{incident}").text
    assert page.count('<details class="clause">') == len(shown)
    for clause in shown:
        name, _, version = clause.partition("@")
        assert f"<summary>{name}:" in page
        assert f"Version {version[:12]}." in page


def test_the_trail_has_said_and_recorded_times_and_corrections_beside_what_they_correct(grace, incident):
    page = grace.get(f"/incidents/{incident}").text
    third = page[page.index('id="entry-3"') : page.index('id="entry-4"')]
    assert "Said <time" in third
    assert "recorded <time" in third
    assert 'aria-label="Correction of entry 3"' in third
    assert f'href="/incidents/{incident}#entry-4"' in third


@pytest.mark.parametrize(("group", "titles"), [("evidence", ["Evidence kept"]), ("steps", ["Step done", "Step done"])])
def test_the_trail_is_filtered_by_kind(group, titles, grace, incident):
    page = grace.get(f"/incidents/{incident}", params={"show": group}).text
    shown = re.findall(r'<li id="entry-\d+"><h3>\d+\. ([^<]+)</h3>', page)
    assert shown == titles
    assert "Show all" in page
    assert f'value="{group}" checked' in page


def test_a_filter_that_there_is_none_of_shows_everything(grace, record, incident):
    page = grace.get(f"/incidents/{incident}", params={"show": "<script>"}).text
    assert page.count('<li id="entry-') == len(entries_of(record, incident))


def test_who_reported_sees_their_own_page_and_can_do_nothing_else(desk, record):
    with httpx.Client(base_url=desk.url, follow_redirects=True, timeout=LONGEST) as ada:
        give_name(ada)
        with record.read() as session:
            id_ = session.query(Participant.id).filter_by(name="Ada Okafor").scalar()
        reference = whole_incident(record, reporter=id_)
        page = ada.get(f"/incidents/{reference}")
        assert page.status_code == 200
        assert "What you can do" not in page.text
        token = field(page, "csrf")
        for end in ("conversation", "story", "story/edit", "review", "sign-off"):
            assert ada.get(f"/incidents/{reference}/{end}").status_code == 403, end
        acts_ = ("note", "take-over", "override", "after", "promise", "restrict", "drill", "close", "reopen")
        for end in (*acts_, "story/edit", "sign-off"):
            sent = ada.post(f"/incidents/{reference}/{end}", data={"csrf": token, "key": "0" * 32, "seen": "99"})
            assert sent.status_code == 403, end
    assert state_of(record, reference).lead_id is None


def test_an_auditor_reads_everything_and_changes_nothing(auditor, record, incident):
    before = entries_of(record, incident)
    for end in ("", "/conversation", "/story", "/review", "/sign-off"):
        page = auditor.get(f"/incidents/{incident}{end}")
        assert page.status_code == 200, end
        assert 'method="post" action="/incidents' not in page.text, end
    token = field(auditor.get(f"/incidents/{incident}"), "csrf")
    for end in ("note", "close", "review", "sign-off", "story/edit", "review/follow-up"):
        sent = auditor.post(f"/incidents/{incident}/{end}", data={"csrf": token, "key": "0" * 32, "seen": "99"})
        assert sent.status_code == 403, end
    assert entries_of(record, incident) == before


def test_a_note_is_kept_once_however_often_it_is_sent(grace, record, incident):
    form = form_of(grace, incident, "note")
    form["text"] = "The <council> rang."
    for _ in range(2):
        answer = form.send(grace)
        assert "Your note is in the record." in answer.text
    notes = [each.payload for each in entries_of(record, incident) if each.kind == "note_added"]
    assert notes == [{"text": "The <council> rang."}]
    assert "The &lt;council&gt; rang." in answer.text


def test_a_form_that_a_browser_went_back_to_and_that_says_something_else_is_another_one(grace, record, incident):
    form = form_of(grace, incident, "note")
    for text in ("One.", "Two.", "Two."):
        form["text"] = text
        form.send(grace)
    assert [each.payload["text"] for each in entries_of(record, incident) if each.kind == "note_added"] == [
        "One.",
        "Two.",
    ]


def test_taking_over_deciding_otherwise_closing_and_opening_again(grace, record, incident):
    assert "You lead this incident from now on." in do(grace, incident, "take-over").text
    page = do(grace, incident, "override", option=["hold"], reason="It is over already.")
    assert "Decided by Grace Hopper, comms lead, today at" in words(page)
    assert "Reason: It is over already." in words(page)
    assert "hold" in state_of(record, incident).override
    page = do(grace, incident, "close")
    assert state_of(record, incident).state == "closed"
    assert 'id="close-form"' not in page.text
    page = do(grace, incident, "reopen", reason="The council rang again.")
    assert state_of(record, incident).state == "advised"
    kinds = [each.kind for each in entries_of(record, incident)][-4:]
    assert kinds == ["taken_over", "lead_decided", "closed", "reopened"]
    assert {each.source for each in entries_of(record, incident)[-4:]} == {"web"}
    with record.read() as session:
        assert verify(session).damage == ()


def test_a_drill_is_marked_on_top_and_can_be_real_again(grace, record, incident):
    assert '<span class="tag">drill</span>' in do(grace, incident, "drill").text
    assert state_of(record, incident).drill is True
    assert '<span class="tag">drill</span>' not in do(grace, incident, "drill").text.partition("</h1>")[0]


def test_who_reported_is_told_on_their_page_that_it_is_a_drill(desk, record):
    with httpx.Client(base_url=desk.url, follow_redirects=True, timeout=LONGEST) as ada:
        give_name(ada)
        with record.read() as session:
            id_ = session.query(Participant.id).filter_by(name="Ada Okafor").scalar()
        reference = whole_incident(record, reporter=id_)
        assert "This is practice" not in ada.get(f"/incidents/{reference}").text
        by_hand(record, reference, acts.mark_drill, CHRIS)
        assert "This is practice, not a real incident." in ada.get(f"/incidents/{reference}").text


def test_what_is_restricted_is_only_there_for_those_who_are_named(grace, lin, auditor, record, incident):
    by_hand(record, incident, acts.add_note, CHRIS, "I saw it, too.")
    page = do(grace, incident, "restrict", restricted="yes", option=[], others="Chris")
    assert "Seen by" in page.text
    assert "Chris" in words(page)
    for end in ("", "/conversation", "/story", "/story/edit", "/review", "/sign-off", "/evidence/1"):
        answer = lin.get(f"/incidents/{incident}{end}")
        assert answer.status_code == 404, end
        assert WORDS not in answer.text
    token = field(lin.get("/incidents/none"), "csrf")
    sent = lin.post(f"/incidents/{incident}/note", data={"csrf": token, "key": "0" * 32, "text": "x", "seen": "9"})
    assert sent.status_code == 404
    assert auditor.get(f"/incidents/{incident}").status_code == 200
    do(grace, incident, "restrict", restricted="no")
    assert lin.get(f"/incidents/{incident}").status_code == 200


@pytest.mark.parametrize("name", ["Nobody At All", "Ada Okafor\nAda Okafor <x>"])
def test_a_name_that_is_nobodys_is_refused_and_what_was_typed_stays(name, grace, record, incident):
    answer = do(grace, incident, "restrict", restricted="yes", others=name)
    assert answer.status_code == 409
    assert "Nobody here is called" in words(answer)
    assert state_of(record, incident).restricted is False
    assert "Nobody At All" in answer.text or "Ada Okafor &lt;x&gt;" in answer.text


def test_an_id_that_nobody_has_is_refused(grace, record, incident):
    answer = do(grace, incident, "restrict", restricted="yes", option=["slack:T:EVIL"])
    assert answer.status_code == 409
    assert state_of(record, incident).restricted is False


def test_the_second_of_two_leads_sees_the_firsts_change_and_loses_no_words(grace, lin, record, incident):
    late = form_of(lin, incident, "override")
    late["option"], late["reason"] = ["respond"], "People are waiting."
    do(grace, incident, "override", option=["hold"], reason="It is over already.")
    answer = late.send(lin)
    assert answer.status_code == 409
    page = words(answer)
    assert f"Grace Hopper changed {incident} since you looked, so nothing was done yet." in page
    assert "new since you looked" in page
    assert "Reason: It is over already." in page
    assert "People are waiting." in page, "what was typed stays in the form"
    assert "Decided by Grace Hopper" in page

    again = Filled(answer, "override-form")
    assert again["reason"] == "People are waiting."
    assert "Decided by Lin Wu" in words(again.send(lin))
    decided = [each.payload["reason"] for each in entries_of(record, incident) if each.kind == "lead_decided"]
    assert decided == ["It is over already.", "People are waiting."]


def test_notes_of_two_leads_are_both_kept(grace, lin, record, incident):
    first, second = form_of(grace, incident, "note"), form_of(lin, incident, "note")
    first["text"], second["text"] = "One.", "Two."
    assert first.send(grace).status_code == 200
    assert second.send(lin).status_code == 200
    assert [each.payload["text"] for each in entries_of(record, incident)[-2:]] == ["One.", "Two."]


def test_an_act_that_makes_no_sense_any_more_says_so(grace, record, incident):
    form = form_of(grace, incident, "close")
    do(grace, incident, "close")
    form["key"] = "a" * 32
    answer = form.send(grace)
    assert answer.status_code == 409
    assert "is closed already, so nothing was changed" in words(answer)
    assert [each.kind for each in entries_of(record, incident)].count("closed") == 1


@pytest.mark.parametrize(
    ("change", "status"),
    [({"csrf": "x"}, 403), ({"key": "x"}, 400), ({"seen": "-1"}, 400), ({"seen": ""}, 400), ({"seen": "٣"}, 400)],
)
def test_a_form_that_is_not_ours_does_nothing(change, status, grace, record, incident):
    form = form_of(grace, incident, "close")
    for name, value in change.items():
        form[name] = value
    assert form.send(grace).status_code == status
    assert state_of(record, incident).state == "advised"


@pytest.mark.parametrize("reference", ["INC-1999-0001", "none", "%2e%2e", "INC-2026-0001'--", "x" * 300])
@pytest.mark.parametrize("end", ["", "/conversation", "/story", "/story/edit", "/review", "/sign-off", "/evidence/1"])
def test_an_unknown_reference_is_a_clear_page(reference, end, grace):
    answer = grace.get(f"/incidents/{reference}{end}")
    assert answer.status_code == 404
    assert "Traceback" not in answer.text


def test_that_somebody_looked_is_in_the_audit(grace, record, incident):
    grace.get(f"/incidents/{incident}")
    grace.get(f"/incidents/{incident}/conversation")
    with record.read() as session:
        looked = [(each.name, each.what) for each in audit.entries(session, reference=incident)]
    assert looked == [("Grace Hopper", "viewed_incident")] * 2
