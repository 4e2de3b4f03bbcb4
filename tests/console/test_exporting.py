"""What is taken out through the pages: who may, what is in it, and that the audit has it before it is sent."""

import csv
import html
import io
import json
import os
import signal
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from amends.access import audit
from amends.exports import lists, paper
from amends.exports.press import FAILED, Press
from amends.exports.verifier import Check, opened
from amends.incidents import record as incident_record
from amends.incidents import seals
from amends.leads import acts
from amends.review.story import Chapter, save_story
from tests.console.leads import sign_in, signed_in
from tests.console.whole import SETTINGS, WHEN, WORDS, whole_incident

AUDITOR = ("auditor",)


@pytest.fixture
def reference(desk, record):  # noqa: ARG001 - the desk publishes the flow
    return whole_incident(record)


def restricted(record, reference):
    with record.begin() as session:
        incident = incident_record.find(session, reference)
        acts.restrict(session, SETTINGS, incident, acts.Actor("web:ada", "Ada Okafor", "web", WHEN), (), WHEN)


def audited(record, what):
    with record.read() as session:
        assert audit.verify(session).damage == ""
        return [entry for entry in reversed(audit.entries(session)) if entry.what == what]


def checked(answer, tmp_path):
    path = tmp_path / "b.zip"
    path.write_bytes(answer.content)
    return Check(opened(path))


@pytest.mark.parametrize("roles", [("lead",), AUDITOR])
def test_a_bundle_is_taken_out_is_whole_and_is_in_the_audit(desk, record, reference, roles, tmp_path):
    with signed_in(desk, record, "Grace Hopper", roles) as client:
        answer = client.get(f"/incidents/{reference}/bundle.zip")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"] == f'attachment; filename="{reference}-evidence.zip"'
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    check = checked(answer, tmp_path)
    assert check.damage == []
    (entry,) = audited(record, "exported_incident")
    assert (entry.reference, entry.name) == (reference, "Grace Hopper")
    hashes = {"head": check.head, "manifest": check.manifest, "record": check.record}
    assert json.loads(entry.details) == {"entries": check.entries, **hashes}
    with zipfile.ZipFile(io.BytesIO(answer.content)) as bundle:
        manifest = json.loads(bundle.read(f"{reference}/manifest.json"))
        assert manifest["made_by"]["name"] == "Grace Hopper"
        assert WORDS in bundle.read(f"{reference}/trail.json").decode()


def test_what_leads_wrote_afterwards_is_in_the_bundle(desk, record, reference, tmp_path):
    now = datetime.now(UTC)
    with record.begin() as session:
        incident = incident_record.find(session, reference)
        incident_record.ensure_participant(session, "web:grace", "Grace", now)
        actor = acts.Actor("web:grace", "Grace", "web", now)
        save_story(session, incident, actor, "It began on a Monday.", [Chapter(1, "The post")], 0, now)
    with signed_in(desk, record, "Grace Hopper") as client:
        (tmp_path / "b.zip").write_bytes(client.get(f"/incidents/{reference}/bundle.zip").content)
    with zipfile.ZipFile(tmp_path / "b.zip") as bundle:
        written = json.loads(bundle.read(f"{reference}/afterwards.json"))
    assert list(written) == ["story"]
    assert (written["story"]["introduction"], written["story"]["saved_by"]) == ("It began on a Monday.", "Grace")
    assert written["story"]["chapters"] == [{"entry": 1, "title": "The post", "context": ""}]
    check = Check(opened(tmp_path / "b.zip"))
    assert check.damage == []


def test_lists_are_taken_out_with_the_filter_of_the_page_and_are_in_the_audit(desk, record, reference):
    with signed_in(desk, record, "Grace Hopper") as client:
        as_csv = client.get("/exports/incidents.csv?level=1&level=0&level=2&level=3&sort=oldest")
        as_json = client.get("/exports/incidents.json?state=closed")
    assert as_csv.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert as_csv.headers["content-disposition"].startswith('attachment; filename="incidents-')
    (row,) = csv.DictReader(io.StringIO(as_csv.content.decode("utf-8-sig"), newline=""))
    assert tuple(row) == lists.COLUMNS
    assert row["reference"] == reference
    whole = as_json.json()
    assert (whole["incidents"], whole["count"], whole["made_by"]) == ([], 0, "Grace Hopper")
    assert whole["filter"] == "state=closed&sort=newest"
    with record.read() as session:
        end = seals.head(session)
    assert whole["record"] == f"{end.number}:{end.seal}"
    first, second = audited(record, "exported_list")
    assert (first.reference, json.loads(first.details)["rows"]) == ("csv", 1)
    assert json.loads(second.details) == {"filter": "state=closed&sort=newest", "rows": 0}


def test_a_restricted_incident_is_taken_out_only_by_those_who_may_see_it(desk, record, reference):
    restricted(record, reference)
    with signed_in(desk, record, "Grace Hopper") as client:
        assert client.get(f"/incidents/{reference}/bundle.zip").status_code == 404
        assert reference not in client.get("/exports/incidents.csv").text
        assert client.get("/exports/incidents.json").json()["count"] == 0
    assert audited(record, "exported_incident") == []
    with signed_in(desk, record, "Ann Auditor", AUDITOR) as client:
        assert client.get(f"/incidents/{reference}/bundle.zip").status_code == 200
        assert reference in client.get("/exports/incidents.csv").text


@pytest.mark.parametrize("roles", [(), ("policy_owner",), ("admin",)])
def test_others_take_nothing_out(desk, record, reference, roles):
    with signed_in(desk, record, "Sam Staff", roles or ("staff",)) as client:
        for path in (f"/incidents/{reference}/bundle.zip", "/exports/incidents.csv", "/exports/incidents.json"):
            answer = client.get(path)
            assert answer.status_code == 403
            assert reference not in answer.text.replace(path, "")
    assert audited(record, "exported_incident") == audited(record, "exported_list") == []


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/incidents/INC-1999-0001/bundle.zip", 404),
        ("/incidents/..%2f..%2fetc/bundle.zip", 404),
        ("/incidents/%00/bundle.zip", 404),
        ("/exports/incidents.csv?level=9", 400),
        ("/exports/incidents.json?sort=prettiest", 400),
        ("/exports/incidents.csv?from=yesterday", 400),
        ("/exports/incidents.csv?q=" + "x" * 500, 400),
        ("/exports/incidents.xml", 404),
    ],
)
def test_what_is_not_there_or_cannot_be_read_gets_a_page(desk, record, path, status):
    with signed_in(desk, record, "Grace Hopper") as client:
        answer = client.get(path)
    assert answer.status_code == status
    assert "content-disposition" not in answer.headers
    assert "<h1>" in answer.text
    assert "Traceback" not in answer.text


def test_a_pdf_that_cannot_be_drawn_is_said_and_nothing_is_taken_out(desk, record, reference, monkeypatch):
    monkeypatch.setattr(paper, "press", Press(longest=0.01))  # no interpreter starts within that
    with signed_in(desk, record, "Grace Hopper") as client:
        answer = client.get(f"/incidents/{reference}/bundle.zip")
    assert answer.status_code == 503
    assert FAILED in html.unescape(answer.text)
    assert "content-disposition" not in answer.headers
    assert audited(record, "exported_incident") == []


def test_others_are_answered_while_a_pdf_is_drawn(desk, record, reference):
    paper.press.draw("<p>So that there is a process")
    os.kill(paper.press.pid, signal.SIGSTOP)
    try:
        with signed_in(desk, record, "Grace Hopper") as client, ThreadPoolExecutor(1) as beside:
            bundle = beside.submit(client.get, f"/incidents/{reference}/bundle.zip")
            for _ in range(20):
                assert client.get("/incidents").status_code == 200
            assert not bundle.done()
            os.kill(paper.press.pid, signal.SIGCONT)
            assert bundle.result(60).status_code == 200
    finally:
        paper.press.close()


def test_a_list_that_breaks_off_half_way_is_a_broken_download(desk, record, reference, monkeypatch):  # noqa: ARG001
    """Not a short list that looks whole."""
    import httpx

    whole = lists.parts

    def breaks(*given):
        yield next(whole(*given))
        raise OSError

    monkeypatch.setattr(lists, "parts", breaks)
    with signed_in(desk, record, "Grace Hopper") as client, pytest.raises(httpx.RemoteProtocolError):
        client.get("/exports/incidents.csv")


def test_a_lead_takes_the_bundle_out_with_the_button_of_the_page(open_page, record, reference, tmp_path, screenshot):
    page = open_page()
    sign_in(page, record, "Grace Hopper")
    page.goto(f"/incidents/{reference}")
    button = page.get_by_role("link", name="Export the evidence bundle")
    button.scroll_into_view_if_needed()
    screenshot(page, "incident-export")
    with page.expect_download() as waiting:
        button.press("Enter")
    waiting.value.save_as(tmp_path / "b.zip")
    assert waiting.value.suggested_filename == f"{reference}-evidence.zip"
    assert Check(opened(tmp_path / "b.zip")).damage == []


def test_a_lead_takes_the_list_out_that_the_page_shows(open_page, record, reference):
    page = open_page()
    sign_in(page, record, "Grace Hopper")
    page.goto("/all?state=asking")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Export as JSON").press("Enter")
    assert json.loads(waiting.value.path().read_text("utf-8"))["count"] == 0
    page.goto("/all")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Export as CSV").press("Enter")
    assert reference in waiting.value.path().read_text("utf-8-sig")


def test_the_buttons_are_not_drawn_for_who_may_not_export(desk, record):
    reference = whole_incident(record)
    with signed_in(desk, record, "Sam Staff", ("staff",)) as client:
        assert "bundle.zip" not in client.get(f"/incidents/{reference}").text
        assert "/exports/" not in client.get("/incidents").text
