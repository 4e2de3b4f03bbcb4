"""A lead holds an incident or erases its words; an administrator gives out, holds or erases a person; a real desk."""

import io
import subprocess
import sys
import zipfile

import pytest

from amends.access import audit
from amends.incidents import record as incidents
from amends.incidents import trail
from amends.incidents.verify import verify
from tests.browsing import fits, violations
from tests.console.filled import Filled
from tests.console.leads import sign_in, signed_in
from tests.console.whole import ADA, WORDS


@pytest.fixture
def admin(desk, record):
    with signed_in(desk, record, "Kim Admin", ("admin",)) as client:
        yield client


@pytest.fixture
def closed(incident, grace):
    assert Filled(grace.get(f"/incidents/{incident}"), "close-form").send(grace).status_code == 200
    return incident


def entries(record, reference):
    with record.read() as session:
        return trail.entries(session, incidents.find(session, reference))


def erase(client, reference, confirm=None):
    form = Filled(client.get(f"/incidents/{reference}/privacy"), "erase-form")
    form["ground"], form["request"], form["confirm"] = "objected", "DSR-7", confirm or reference
    return form.send(client)


def person_form(client, action, **filled):
    page = client.get("/privacy", params={"who": "Ada Okafor"})
    token = page.text.split('name="csrf" value="')[1].split('"')[0]
    return client.post(f"/privacy/{action}", data={"csrf": token, "person": ADA, **filled})


def test_a_lead_erases_the_words_and_every_page_still_opens(closed, grace, record):
    assert WORDS in grace.get(f"/incidents/{closed}").text
    page = erase(grace, closed)
    assert "The words are erased" in page.text
    for end in ("", "/conversation", "/story", "/review", "/sign-off", "/privacy"):
        page = grace.get(f"/incidents/{closed}{end}")
        assert page.status_code == 200
        assert WORDS not in page.text
    page = grace.get(f"/incidents/{closed}").text
    assert "What was said here has been erased." in page
    assert "Words erased" in page
    assert WORDS not in grace.get("/all").text
    assert "No incident" in grace.get("/all", params={"q": "annoyed"}).text
    with record.read() as session:
        assert verify(session).damage == ()


def test_an_export_says_what_was_erased_and_its_verifier_agrees(closed, grace, tmp_path):
    erase(grace, closed)
    bundle = grace.get(f"/incidents/{closed}/bundle.zip")
    with zipfile.ZipFile(io.BytesIO(bundle.content)) as inside:
        inside.extractall(tmp_path)
        folder = tmp_path / inside.namelist()[0].split("/")[0]
    assert WORDS not in (folder / "trail.json").read_text("utf-8")
    done = subprocess.run([sys.executable, folder / "verify.py"], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert "was erased before the bundle was made" in done.stdout


def test_it_is_not_erased_by_a_slip(closed, grace, record):
    before = len(entries(record, closed))
    page = erase(grace, closed, confirm="yes")
    assert page.status_code == 409
    assert f"Write {closed} to say that you mean it" in page.text
    assert 'value="DSR-7"' in page.text
    assert len(entries(record, closed)) == before


def test_a_hold_stands_in_the_way_until_it_is_lifted(closed, grace):
    form = Filled(grace.get(f"/incidents/{closed}/privacy"), "hold-form")
    form["reason"] = "The union has written to us."
    page = form.send(grace)
    assert "The union has written to us." in page.text
    assert "A legal hold of" in page.text
    assert 'id="erase-form"' not in page.text
    token, key = (page.text.split(f'name="{name}" value="')[1].split('"')[0] for name in ("csrf", "key"))
    seen, hold = (page.text.split(f'name="{name}" value="')[1].split('"')[0] for name in ("seen", "hold"))
    sent = {"csrf": token, "key": key, "seen": seen, "hold": hold}
    assert "The hold is lifted." in grace.post(f"/incidents/{closed}/lift", data=sent).text
    assert erase(grace, closed).status_code == 200


def test_an_open_incident_says_that_it_has_to_be_closed_first(incident, grace):
    page = grace.get(f"/incidents/{incident}/privacy")
    assert "is still open" in page.text
    assert 'id="erase-form"' not in page.text


def test_an_administrator_erases_a_person(closed, admin, record):
    page = admin.get("/privacy", params={"who": "ada okafor"})
    assert "1 that you may not see" in page.text
    assert closed not in page.text
    filled = {"ground": "withdrawn", "request": "DSR-8"}
    assert "Write web:ada" in person_form(admin, "erase", **filled, confirm="yes").text
    assert "The person is erased" in person_form(admin, "erase", **filled, confirm=ADA).text
    assert "Nobody of this name" in admin.get("/privacy", params={"who": "Ada Okafor"}).text
    with record.read() as session:
        assert incidents.find(session, closed).title == "(erased)"
        assert verify(session).damage == ()
        whats = [each.what for each in audit.entries(session)]
    assert {"erased", "erased_person", "looked_up_person"} <= set(whats)


def test_an_administrator_gives_out_what_is_kept_and_the_audit_knows(incident, admin, record):
    given = person_form(admin, "export")
    assert given.headers["content-disposition"].startswith('attachment; filename="personal-data-')
    with zipfile.ZipFile(io.BytesIO(given.content)) as inside:
        assert WORDS in inside.read("messages.json").decode()
        assert incident in inside.read("incidents.json").decode()
    with record.read() as session:
        entry = next(each for each in audit.entries(session) if each.what == "subject_export")
    assert entry.name == "Kim Admin"


def test_an_administrator_holds_a_person(closed, admin, grace):
    assert "Nothing that this person wrote is erased" in person_form(admin, "hold", reason="Ada sues us").text
    assert "A person who takes part is held" in grace.get(f"/incidents/{closed}/privacy").text
    assert "Ada sues us" not in grace.get(f"/incidents/{closed}/privacy").text
    assert "A legal hold" in person_form(admin, "erase", ground="duty", confirm=ADA).text
    page = admin.get("/privacy").text
    hold = page.split('name="hold" value="')[1].split('"')[0]
    assert "The hold is lifted" in person_form(admin, "lift", hold=hold).text
    assert "There is no such hold" in person_form(admin, "lift", hold="99").text


def test_what_is_past_its_time_is_counted_when_asked(admin):
    assert "Count what is due" in admin.get("/privacy").text
    page = admin.get("/privacy", params={"count": "1"}).text
    assert "0 incidents whose words are past their time (kept for ever)" in page
    assert "0 messages and drafts that belong to no incident (kept for 90 days)" in page


@pytest.mark.parametrize("fields", [{"person": "web:nobody"}, {"person": ""}])
def test_who_is_not_there_is_a_sentence(incident, admin, fields):  # noqa: ARG001 - there is somebody else
    for action in ("export", "hold", "erase"):
        page = person_form(admin, action, **{"ground": "duty", "reason": "x", **fields})
        assert page.status_code == 409
        assert "not in the record any more" in page.text


def test_the_pages_are_for_everybody_to_use(open_page, record, closed, screenshot):
    page = open_page(viewport={"width": 320, "height": 800})
    sign_in(page, record, "Grace Hopper", ("lead", "admin"))
    for address, name in ((f"/incidents/{closed}/privacy", "erase-or-hold"), ("/privacy?who=Ada Okafor", "privacy")):
        assert page.goto(address).status == 200
        for details in page.locator("main details").all():
            details.evaluate("each => each.open = true")
        assert violations(page) == []
        assert fits(page)
        screenshot(page, name, full_page=True)
