"""An evidence bundle holds all of an incident and can be checked without Amends."""

import csv
import hashlib
import io
import json
import zipfile

from sqlalchemy import text

from amends.exports.verifier import Check, opened
from amends.incidents import record, seals
from amends.incidents.verify import verify
from tests.exports.conftest import ASKED, FILES, FORMULA, WORDS, as_json, made_of, unpacked
from tests.leads.conftest import ADA, GRACE


def test_a_bundle_is_whole_and_its_verifier_says_so(room, tmp_path):
    content, made = made_of(room)
    check = Check(opened(unpacked(content, tmp_path)))
    assert check.damage == []
    assert (check.reference, check.entries, check.head) == (room.reference, len(room.trail), room.last.hash)
    assert (check.manifest, check.head, check.entries) == (made.manifest, made.head, made.entries)
    assert made.name == "INC-2026-0001-evidence.zip"
    with room.database.read() as session:
        end = seals.head(session)
    assert check.record == made.record == f"{end.number}:{end.seal}"
    assert made.for_audit() == {
        "entries": made.entries,
        "head": made.head,
        "manifest": made.manifest,
        "record": made.record,
    }


def test_everything_lies_in_one_folder_under_names_that_are_safe(packed_bundle):
    with zipfile.ZipFile(io.BytesIO(packed_bundle)) as bundle:
        names = bundle.namelist()
        assert bundle.testzip() is None
    assert {name.split("/")[0] for name in names} == {"INC-2026-0001"}
    inside = [name.partition("/")[2] for name in names]
    assert [name for name in inside if name.startswith("files/")] == [
        "files/0001-passwd",
        "files/0002-shot _1_.png",
        "files/0003-CON",
    ]
    assert len([name for name in inside if name.startswith("rules/")]) == 1
    assert len([name for name in inside if name.startswith("clauses/")]) == 1
    assert {name for name in inside if "/" not in name} == {
        *("README.txt", "record.pdf", "incident.json", "trail.json", "trail.csv", "evidence.csv"),
        *("manifest.json", "seals.json", "verify.py"),
    }


def test_the_files_are_those_that_were_kept(bundle):
    contents = [path.read_bytes() for path in sorted((bundle / "files").iterdir())]
    assert contents == list(FILES.values())
    rows = list(csv.DictReader(io.StringIO((bundle / "evidence.csv").read_text("utf-8-sig"))))
    assert [row["name"] for row in rows] == list(FILES)
    assert [row["sha256"] for row in rows] == [hashlib.sha256(each).hexdigest() for each in FILES.values()]
    assert {row["kept_by"] for row in rows} == {"Grace"}


def test_the_manifest_says_who_made_it_when_and_of_what(bundle):
    manifest = as_json(bundle / "manifest.json")
    assert manifest["made_by"] == {"id": ASKED.id, "name": "Lin"}
    assert manifest["made_at"] == "2026-03-03T08:00:05.000000+00:00"
    assert (manifest["organisation"], manifest["reference"]) == ("Example Council", "INC-2026-0001")
    assert (manifest["erased"], manifest["damage"]) == ([], [])
    for each in manifest["files"]:
        content = (bundle / each["path"]).read_bytes()
        assert (each["size"], each["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())


def test_the_incident_is_there_as_it_stood(bundle):
    incident = as_json(bundle / "incident.json")
    assert (incident["state"], incident["lead_id"], incident["restricted"]) == ("closed", GRACE.id, False)
    assert incident["decided_by_lead"]["reason"] == "It hurt."
    assert incident["people"][ADA] == "Ada"
    assert incident["evidence"][0]["path"] == "files/0001-passwd"


def test_the_table_of_the_trail_has_its_columns_and_no_formulas(bundle):
    raw = (bundle / "trail.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    assert rows[0] == [
        *("sequence", "kind", "actor_id", "actor_name", "source", "said_at", "recorded_at"),
        *("supersedes", "clauses", "hash", "body"),
    ]
    assert rows[3][3] == "Bo"
    assert json.loads(rows[3][10])["text"] == WORDS
    assert json.loads(rows[4][10])["text"] == FORMULA
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]


def test_the_readme_tells_how_to_check_and_how_the_trail_ended(bundle):
    said = (bundle / "README.txt").read_text("utf-8")
    assert as_json(bundle / "manifest.json")["chain"]["head"] in said
    assert "Made by Lin, Tuesday 3 March 2026 at 08:00:05 GMT" in said
    assert "{" not in said
    listed = [line.split("  ")[0] for line in said.splitlines() if "  " in line]
    assert {each.name for each in bundle.iterdir()} - {"README.txt"} <= set(listed)


def test_two_bundles_of_one_state_differ_in_nothing_but_the_pdf(room, tmp_path):
    one, other = (made_of(room)[0] for _ in range(2))
    first, second = unpacked(one, tmp_path / "one"), unpacked(other, tmp_path / "other")
    for path in sorted(first.rglob("*")):
        if path.is_file() and path.name not in {"record.pdf", "manifest.json"}:
            assert path.read_bytes() == (second / path.relative_to(first)).read_bytes(), path.name


def test_the_bundle_of_a_damaged_record_is_made_and_says_what_is_wrong(room, tmp_path):
    """The damage is evidence too."""
    with room.database.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.execute(text("DROP TRIGGER trail_payload_no_update"))
        else:
            connection.execute(text("ALTER TABLE trail_payload DISABLE TRIGGER ALL"))
        connection.execute(text('UPDATE trail_payload SET body = \'{"text": "other"}\' WHERE entry_id = 3'))
    with room.database.read() as session:
        assert verify(session).damage
    folder = unpacked(made_of(room)[0], tmp_path)
    sentence = "Entry 3: What was said in it was changed or exchanged."
    assert as_json(folder / "manifest.json")["damage"] == [sentence]
    check = Check(opened(folder))
    assert check.damage == ["Trail, entry 3: what was said in it was changed or exchanged."]
    assert check.remarks == [f"When the bundle was made, the record was damaged: {sentence}"]


def test_an_incident_that_was_only_just_reported_can_be_exported_too(room, tmp_path):
    room.reference = room.report(state="confirming", conversation="slack:T1:C1:9.9")
    folder = unpacked(made_of(room)[0], tmp_path)
    assert Check(opened(folder)).damage == []
    assert as_json(folder / "incident.json")["decision"] is None
    with room.database.read() as session:
        assert record.find(session, room.reference).state == "confirming"
