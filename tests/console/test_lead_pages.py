"""Evidence, the conversation, the story, the review and the sign-off, as pages for leads."""

import hashlib
import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from amends.access import audit
from amends.conversation import evidence
from amends.conversation.replies import TextReply
from amends.incidents import deliveries, trail
from amends.incidents import record as incident_record
from amends.incidents.models import Evidence
from amends.incidents.trail import Kind
from amends.leads import acts
from amends.review.tables import FollowUp
from tests.console.filled import Filled
from tests.console.leads import signed_in
from tests.console.test_lead_incident import by_hand, do, entries_of, form_of, state_of, words
from tests.console.whole import ADA, PNG, SETTINGS, THAT_DAY, WHEN, WORDS, whole_incident
from tests.console.workshop import NOW, field, give_name
from tests.waiting import LONGEST

LEAD = acts.Actor("slack:T1:U9", "Lena", "slack", NOW)


def keep(database, reference, name, media_type="text/html", content=b"<script>alert(1)</script>"):
    given = {"key": name, "name": name, "media_type": media_type, "content": content}
    with database.begin() as session:
        incident = incident_record.find(session, reference)
        return evidence.keep(session, SETTINGS, incident, actor=LEAD, at=NOW, **given).id


def test_a_file_comes_as_it_was_kept_to_be_saved_and_not_shown(grace, record, incident):
    answer = grace.get(f"/incidents/{incident}/evidence/1")
    assert answer.content == PNG
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-content-sha256"] == hashlib.sha256(PNG).hexdigest()
    with record.read() as session:
        assert [each.what for each in audit.entries(session, reference=incident)] == ["took_file"]


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "..\\..\\boot.ini", 'a"; filename="x.exe', "a\r\nSet-Cookie: x=1", "\u202egnp.exe", "."],
)
def test_a_name_that_wants_to_escape_a_folder_does_not(name, grace, record, incident):
    number = keep(record, incident, name)
    answer = grace.get(f"/incidents/{incident}/evidence/{number}")
    assert answer.status_code == 200
    said = answer.headers["content-disposition"]
    file = said.split('filename="')[1].split('"')[0]
    assert not set(file) & set('/\\"\r\n\u202e')
    assert not file.startswith(".")
    assert said.count("filename=") == 1


@pytest.mark.parametrize("number", ["999", "0", "-1", "x", "1 OR 1=1", "9" * 30, "1.0"])
def test_a_file_that_there_is_none_of_is_a_clear_page(number, grace, incident):
    answer = grace.get(f"/incidents/{incident}/evidence/{number}")
    assert answer.status_code == 404
    assert "There is no such file" in answer.text


def test_a_file_of_another_incident_is_not_there(grace, record, incident):
    other = whole_incident(record, reporter="web:bo", name="Bo")
    with record.read() as session:
        theirs = session.query(Evidence.id).filter_by(key=f"{other}:shot").scalar()
    assert grace.get(f"/incidents/{incident}/evidence/{theirs}").status_code == 404
    assert grace.get(f"/incidents/{other}/evidence/{theirs}").status_code == 200


def test_a_file_that_is_not_what_was_kept_is_not_given_out(grace, record, incident):
    with record.begin() as session:
        session.get_one(Evidence, 1).content = b"other"
    answer = grace.get(f"/incidents/{incident}/evidence/1")
    assert answer.status_code == 409
    assert "What is stored is not what was kept" in answer.text


def test_the_conversation_is_shown_as_it_looked_and_cannot_be_pressed(grace, incident):
    page = grace.get(f"/incidents/{incident}/conversation")
    main = page.text.partition("<main")[2].partition("</main>")[0]
    assert f"Ada Okafor, {THAT_DAY} at {WHEN.astimezone(SETTINGS.zone):%H:%M} {WORDS}" in words(page)
    assert "First, keep the evidence." in main
    assert "The advice" in main
    assert "<form" not in main
    assert "<button" not in main


def test_what_was_said_about_something_else_is_not_shown(grace, record, incident):
    at = WHEN + timedelta(minutes=7)
    how = {"conversation_id": ADA, "person": (ADA, "Ada Okafor"), "source": "web", "at": at}
    deliveries.receive(record, "else", text="What is for lunch?", **how)
    deliveries.finish(record, "else", [TextReply(text="Soup.").model_dump(mode="json")], at + timedelta(seconds=2))
    assert "lunch" not in grace.get(f"/incidents/{incident}/conversation").text


def test_a_message_that_tells_of_a_restricted_incident_too_is_left_out(grace, record, incident):
    secret = whole_incident(record, words="Something about one person")
    by_hand(record, secret, acts.restrict, LEAD, ())
    at = WHEN + timedelta(minutes=8)
    how = {"conversation_id": ADA, "person": (ADA, "Ada Okafor"), "source": "web", "at": at}
    for n, (text, answer) in enumerate([("Here?", f"You have {secret} as well."), (f"Go to {secret}", "Yes.")]):
        deliveries.receive(record, f"both{n}", text=text, **how)
        deliveries.finish(
            record, f"both{n}", [TextReply(text=answer).model_dump(mode="json")], at + timedelta(seconds=2)
        )
    with record.begin() as session:
        locked = incident_record.lock(session, incident_record.find(session, incident).id)
        said = at + timedelta(seconds=1)
        trail.append(
            session, locked, Kind.NOTE_ADDED, {"text": "x"}, actor_id=ADA, source="web", said_at=said, recorded_at=said
        )
    page = grace.get(f"/incidents/{incident}/conversation").text
    assert secret not in page
    assert page.count("which you may not see. It is not shown here.") == 2
    assert "Here?" in page


def test_a_story_is_put_together_moved_and_saved_without_script(grace, record, incident):
    before = entries_of(record, incident)
    assert "Nobody has told it yet." in grace.get(f"/incidents/{incident}/story").text
    form = form_of(grace, incident, "", "/story/edit")
    form["option"] = ["1", "5", "6"]
    form = Filled(form.send(grace, "add"))
    form = Filled(form.send(grace, "up-6"))
    form = Filled(form.send(grace, "out-1"))
    assert form["order"] == "6,5"
    form["introduction"] = "How a wrong date was put right."
    form["title-6"], form["context-6"] = "The <post> is saved", "Before anything else."
    page = form.send(grace, "save")
    assert "The story is saved." in page.text
    assert page.text.index("The &lt;post&gt; is saved") < page.text.index("<h2>Advice given</h2>")
    assert "How a wrong date was put right." in page.text
    assert "Put together by Grace Hopper, today at" in words(page)
    assert entries_of(record, incident) == before


def test_the_second_to_save_a_story_sees_the_firsts_and_saves_both(grace, lin, incident):
    mine, theirs = form_of(lin, incident, "", "/story/edit"), form_of(grace, incident, "", "/story/edit")
    theirs["introduction"] = "Grace wrote this."
    theirs.send(grace, "save")
    mine["introduction"] = "Lin wrote that."
    answer = mine.send(lin, "save")
    assert answer.status_code == 409
    assert "Grace Hopper saved the story since you opened it" in words(answer)
    assert "Grace wrote this." in answer.text
    again = Filled(answer)
    assert again["introduction"] == "Lin wrote that."
    again["introduction"] = "Grace wrote this. Lin wrote that."
    page = again.send(lin, "save")
    assert page.status_code == 200
    assert "Grace wrote this. Lin wrote that." in page.text


@pytest.mark.parametrize("order", ["99", "1,x", "0", "-3", "1" * 50])
def test_a_story_of_entries_that_there_are_none_of_is_refused(order, grace, incident):
    form = form_of(grace, incident, "", "/story/edit")
    form["order"] = order
    assert form.send(grace, "save").status_code in {400, 409}
    assert "Nobody has told it yet." in grace.get(f"/incidents/{incident}/story").text


def test_a_review_is_written_and_the_second_to_save_sees_the_firsts(grace, lin, incident):
    late = form_of(lin, incident, "", "/review")
    form = form_of(grace, incident, "", "/review")
    form["went_well"], form["to_change"] = "It was down in ten minutes.", "Two people look at dates."
    assert "The review is saved." in form.send(grace).text
    late["went_well"] = "Nobody panicked."
    answer = late.send(lin)
    assert answer.status_code == 409
    assert "Grace Hopper saved the review since you opened it" in words(answer)
    assert "It was down in ten minutes." in answer.text
    again = Filled(answer)
    assert again["went_well"] == "Nobody panicked."
    assert "The review is saved." in again.send(lin).text


def test_follow_ups_are_agreed_moved_and_done(grace, record, incident):
    form = form_of(grace, incident, "follow-up", "/review")
    day = datetime.now(UTC).date() + timedelta(days=3)
    form["what"], form["owner"], form["due"] = "Write the rule down", ADA, day.isoformat()
    page = form.send(grace)
    assert "The follow-up is agreed." in page.text
    assert f"Ada Okafor, by {day.day} {day:%B %Y}" in words(page)
    listed = grace.get("/follow-ups")
    assert "Write the rule down" in listed.text
    assert f'href="/incidents/{incident}/review#follow-up-1"' in listed.text
    assert "Overdue" not in listed.text

    past = datetime.now(UTC).date() - timedelta(days=1)
    change = _follow_up(page)
    assert grace.post(change["action"], data={**change, "press": "move", "due": past.isoformat()}).status_code == 200
    assert "Overdue." in grace.get("/follow-ups").text
    assert "1 follow-up of somebody else is overdue." in words(grace.get("/open"))
    assert "is overdue." not in words(grace.get("/follow-ups"))
    stale = grace.post(change["action"], data={**change, "key": "b" * 32, "press": "done"})
    assert stale.status_code == 409
    now = _follow_up(stale)
    assert "Done. Grace Hopper said so" in words(grace.post(now["action"], data={**now, "press": "done"}))
    assert "Nothing is waiting." in grace.get("/follow-ups").text
    assert "overdue" not in words(grace.get("/open"))
    kinds = [each.kind for each in entries_of(record, incident)][-3:]
    assert kinds == ["follow_up_set", "follow_up_set", "follow_up_done"]


def _follow_up(page):
    """The fields of the form of the first follow-up, with its address."""
    part = page.text[page.text.index("/review/follow-up/1") :]
    fields = {name: part.split(f'name="{name}" value="')[1].split('"')[0] for name in ("csrf", "key", "revision")}
    reference = page.text.split("/incidents/")[1].split("/")[0].split('"')[0]
    return {**fields, "action": f"/incidents/{reference}/review/follow-up/1"}


def test_who_it_is_for_sees_it_and_says_that_it_is_done(desk, grace, lin, record):
    with httpx.Client(base_url=desk.url, follow_redirects=True, timeout=LONGEST) as ada:
        give_name(ada)
        reference = whole_incident(record, reporter=_id_of(record, "Ada Okafor"))
        for what, owner in (("Write the rule down", _id_of(record, "Ada Okafor")), ("Not hers", "")):
            form = form_of(grace, reference, "follow-up", "/review")
            form["what"], form["owner"], form["owner_name"], form["due"] = what, owner, "Bo", "2099-12-01"
            form.send(grace)
        assert "1 follow-up is for you." in ada.get("/incidents").text
        assert "1 follow-up is for you to do now." not in words(ada.get("/incidents"))
        page = ada.get("/follow-ups")
        assert "Write the rule down" in page.text
        assert "Not hers" not in page.text
        token = field(page, "csrf")
        for number in (2, 99, 10**12):
            given = {"csrf": token, "key": "c" * 32, "revision": "1"}
            assert "that is for you" in ada.post(f"/follow-ups/{number}", data=given).text
        sent = {"csrf": token, "key": field(page, "key"), "revision": field(page, "revision")}
        given = {**sent, "csrf": field(lin.get("/follow-ups"), "csrf")}
        assert lin.post("/follow-ups/1", data=given).status_code == 409
        for _ in range(2):
            assert "That is done. Thank you." in ada.post("/follow-ups/1", data=sent).text
        assert ada.get("/follow-ups").text.count("Nothing is waiting.") == 1
        assert "Not hers" in grace.get("/follow-ups").text
    done = [each for each in entries_of(record, reference) if each.kind == "follow_up_done"]
    assert [each.payload["follow_up"] for each in done] == ["Write the rule down"]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"what": "x", "due": "soon"}, "The date cannot be read."),
        ({"what": "x", "due": "2999-13-01"}, "The date cannot be read."),
        ({"what": "x", "due": "2026-12-01", "owner": "", "owner_name": " "}, "Say who does it"),
        ({"what": " ", "due": "2026-12-01", "owner_name": "Bo"}, "What is to be done is empty"),
    ],
)
def test_a_follow_up_that_lacks_something_says_what(fields, sentence, grace, record, incident):
    form = form_of(grace, incident, "follow-up", "/review")
    for name, value in fields.items():
        form[name] = value
    answer = form.send(grace)
    assert answer.status_code == 409
    assert sentence in words(answer)
    with record.read() as session:
        assert session.query(FollowUp).count() == 0


@pytest.mark.parametrize("number", ["99", "9" * 30])
def test_a_follow_up_that_there_is_none_of_is_a_clear_page(number, grace, incident):
    form = form_of(grace, incident, "follow-up", "/review")
    answer = form.send(grace, "done", to=f"/incidents/{incident}/review/follow-up/{number}")
    assert answer.status_code == 409
    assert "There is no such follow-up" in answer.text


def test_follow_ups_of_restricted_incidents_are_not_listed_for_others(grace, lin, record, incident):
    form = form_of(grace, incident, "follow-up", "/review")
    form["what"], form["owner_name"], form["due"] = "Secret thing", "Bo", "2026-12-01"
    form.send(grace)
    assert "Secret thing" in lin.get("/follow-ups").text
    by_hand(record, incident, acts.restrict, acts.Actor(_id_of(record, "Grace Hopper"), "Grace", "web", NOW), ())
    assert "Secret thing" not in lin.get("/follow-ups").text
    assert "Secret thing" in grace.get("/follow-ups").text


def _id_of(database, name):
    from amends.incidents.models import Participant

    with database.read() as session:
        return session.query(Participant.id).filter_by(name=name).scalar()


def test_a_sign_off_lists_first_what_is_missing_and_each_has_to_be_explained(grace, record, incident):
    do(grace, incident, "close")
    page = grace.get(f"/incidents/{incident}/sign-off")
    assert "Nobody said when it was posted." in page.text
    assert "Not done: Apologise." in page.text
    assert page.text.index("What is missing") < page.text.index("What you sign")
    head = entries_of(record, incident)[-1]
    assert head.hash in page.text
    form = Filled(page)
    form["statement"], form["explain-time"] = "I read all of it.", "The log was lost."
    answer = form.send(grace)
    assert answer.status_code == 409
    assert "is not explained yet" in words(answer)
    assert answer.text.count('aria-invalid="true"') == 1
    again = Filled(answer)
    assert (again["statement"], again["explain-time"]) == ("I read all of it.", "The log was lost.")
    again["explain-steps"] = "They had seen it and laughed."
    page = again.send(grace)
    assert "The record is signed off." in page.text
    assert "That entry is still the same." in page.text
    assert "Nothing was added since." in page.text
    assert state_of(record, incident).signed_off_at is not None
    said = entries_of(record, incident)[-1].payload
    assert (said["head"], said["head_sequence"]) == (head.hash, head.sequence)
    assert json.dumps(said["missing"]).count("explained") == 2


def test_what_comes_after_the_sign_off_is_shown_as_after_it(grace, record, incident):
    do(grace, incident, "close")
    by_hand(record, incident, acts.sign_off, LEAD, "Seen.")
    do(grace, incident, "note", text="One more thing.")
    page = grace.get(f"/incidents/{incident}")
    last = len(entries_of(record, incident))
    assert "1 later entry" in page.text
    after = page.text[page.text.index('id="after"') :]
    assert f'id="entry-{last}"' in after
    assert f'id="entry-{last - 1}"' not in after
    assert after.count("after sign-off</span>") == 1
    assert "1 later entry" in grace.get(f"/incidents/{incident}/sign-off").text
    do(grace, incident, "reopen", reason="There is more.")
    assert "opened again since" in grace.get(f"/incidents/{incident}").text
    assert "opened again since" in grace.get(f"/incidents/{incident}/sign-off").text


def test_who_reported_is_told_that_another_lead_signs(desk, record):
    with signed_in(desk, record, "Ada Okafor") as ada:
        reference = whole_incident(record)
        do(ada, reference, "close")
        page = ada.get(f"/incidents/{reference}/sign-off")
        assert "You reported" in page.text
        assert "<textarea" not in page.text
        form = form_of(ada, reference, "note")
        form["statement"] = "Fine."
        answer = form.send(ada, to=f"/incidents/{reference}/sign-off")
        assert answer.status_code == 409
        assert "so another lead has to sign it off" in words(answer)
    assert state_of(record, reference).signed_off_at is None


def test_a_sign_off_of_what_has_changed_since_is_not_given(grace, lin, record, incident):
    do(grace, incident, "close")
    late = form_of(lin, incident, "", "/sign-off")
    late["statement"], late["explain-time"], late["explain-steps"] = "Fine.", "Lost.", "None."
    do(grace, incident, "note", text="Wait, there is a second post.")
    answer = late.send(lin)
    assert answer.status_code == 409
    assert "Grace Hopper changed" in words(answer)
    assert state_of(record, incident).signed_off_at is None
    assert Filled(answer)["statement"] == "Fine."
    assert "The record is signed off." in Filled(answer).send(lin).text


def test_an_open_incident_is_not_signed_off(grace, incident):
    page = grace.get(f"/incidents/{incident}/sign-off")
    assert "It is still open." in page.text
    assert 'id="form"' not in page.text


def test_a_trail_that_does_not_hold_says_so_and_cannot_be_signed(grace, record, incident):
    do(grace, incident, "close")
    with record.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER trail_payload_no_update")
        connection.exec_driver_sql("UPDATE trail_payload SET body = '{}' WHERE entry_id = 3")
    page = grace.get(f"/incidents/{incident}/sign-off")
    assert "The trail does not hold." in page.text
    form = Filled(page)
    form["statement"], form["explain-time"], form["explain-steps"] = "Fine.", "Lost.", "None."
    assert form.send(grace).status_code == 409
    assert state_of(record, incident).signed_off_at is None
