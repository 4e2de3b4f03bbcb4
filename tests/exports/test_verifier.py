"""The verifier of a bundle finds whatever was damaged, and names it. It needs nothing but Python."""

import ast
import csv
import hashlib
import io
import json
import os
import random
import shutil
import subprocess
import sys
import zipfile

import pytest

from amends.exports.verifier import Check, Unreadable, keys_in, main, opened
from amends.incidents import record
from amends.incidents.trail import FIRST
from amends.leads import acts
from amends.settings import ROOT
from tests.exports.conftest import as_json, full, made_of, to_json, unpacked
from tests.leads.conftest import GRACE, LIN, NOW


def seal(folder):
    """Make the manifest fit the files again, as somebody would who knows how."""
    manifest = as_json(folder / "manifest.json")
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "manifest.json")
    manifest["files"] = [
        {
            "path": path.relative_to(folder).as_posix(),
            "size": path.stat().st_size,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        }
        for path in files
    ]
    to_json(folder / "manifest.json", manifest)


def changed(folder, change, file="trail.json"):
    """Change a JSON file of a bundle, and make the manifest fit again."""
    whole = as_json(folder / file)
    change(whole)
    to_json(folder / file, whole)
    seal(folder)


def damage_of(folder):
    return Check(opened(folder)).damage


def found(folder, *words):
    """The damage that is named with all of these words; there is some."""
    damage = damage_of(folder)
    named = [sentence for sentence in damage if all(word in sentence for word in words)]
    assert named, damage
    return named


def test_nothing_is_found_in_a_whole_bundle_nor_in_one_that_was_sealed_anew(bundle):
    assert damage_of(bundle) == []
    seal(bundle)
    assert damage_of(bundle) == []


FILES = (
    *("README.txt", "record.pdf", "incident.json", "trail.json", "trail.csv", "evidence.csv", "verify.py"),
    *("seals.json", "files/0002-shot _1_.png", "rules", "clauses"),
)


def file_of(bundle, name):
    path = bundle / name
    return next(path.iterdir()) if path.is_dir() else path


@pytest.mark.parametrize("name", FILES)
def test_a_file_in_which_one_bit_was_changed_is_found(bundle, name):
    path = file_of(bundle, name)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    found(bundle, path.relative_to(bundle).as_posix(), "was changed")


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_missing_is_found(bundle, name):
    path = file_of(bundle, name)
    path.unlink()
    found(bundle, path.relative_to(bundle).as_posix(), "is missing")


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_was_cut_or_made_longer_is_found(bundle, name):
    path = file_of(bundle, name)
    content = path.read_bytes()
    for other in (content[:-1], content + b" "):
        path.write_bytes(other)
        found(bundle, path.relative_to(bundle).as_posix(), "was changed")


def test_any_bit_of_any_file_that_is_changed_is_found(bundle):
    """But in manifest.json, for which there is --manifest."""
    dice = random.Random(7)
    files = [path for path in sorted(bundle.rglob("*")) if path.is_file() and path.name != "manifest.json"]
    for _ in range(150):
        path = dice.choice(files)
        whole = path.read_bytes()
        content = bytearray(whole)
        content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
        path.write_bytes(content)
        found(bundle, path.relative_to(bundle).as_posix(), "was changed")
        path.write_bytes(whole)
    assert damage_of(bundle) == []


def test_any_bit_of_the_trail_that_is_changed_is_found_although_the_manifest_fits(bundle):
    """What the chain does not hold of trail.json is only the space between its parts."""
    dice = random.Random(8)
    path = bundle / "trail.json"
    whole = path.read_bytes()
    trail = as_json(path)
    for _ in range(150):
        content = bytearray(whole)
        content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
        path.write_bytes(content)
        seal(bundle)
        try:
            same = as_json(path) == trail
        except ValueError:
            same = False
        assert bool(damage_of(bundle)) != same
    path.write_bytes(whole)


def test_a_file_that_was_added_is_found(bundle):
    (bundle / "files" / "0009-more.txt").write_text("more")
    assert damage_of(bundle)[0] == "files/0009-more.txt was added: manifest.json does not list it."


def test_what_an_operating_system_leaves_is_named_and_is_no_damage(bundle):
    (bundle / "files" / ".DS_Store").write_text("")
    (bundle / "desktop.ini").write_text("")
    check = Check(opened(bundle))
    assert [each for each in check.damage if "DS_Store" not in each or "trail" not in each] == []
    assert len([each for each in check.remarks if "operating system" in each]) == 2


@pytest.mark.parametrize(
    "field",
    [
        *("kind", "actor_id", "source", "said_at", "recorded_at", "flow_version"),
        *("payload_digest", "previous_hash", "hash"),
    ],
)
def test_a_changed_field_of_an_entry_is_found_although_the_manifest_fits(bundle, field):
    changed(bundle, lambda trail: trail["entries"][2].update({field: "note_added2"}))
    found(bundle, "Trail, entry 3:")


@pytest.mark.parametrize(("field", "value"), [("supersedes", 1), ("clauses", '["A@b"]'), ("sequence", 7)])
def test_a_changed_number_or_list_is_found_although_the_manifest_fits(bundle, field, value):
    changed(bundle, lambda trail: trail["entries"][2].update({field: value}))
    found(bundle, "Trail, entry")


def test_words_that_were_changed_are_found_although_the_manifest_fits(bundle):
    changed(bundle, lambda trail: trail["entries"][2].update(body='{"text": "We said nothing."}'))
    found(bundle, "Trail, entry 3: what was said in it was changed or exchanged.")


def test_words_that_were_exchanged_between_two_entries_are_found(bundle):
    def exchange(trail):
        one, other = trail["entries"][1:3]
        one["body"], other["body"], one["salt"], other["salt"] = other["body"], one["body"], other["salt"], one["salt"]

    changed(bundle, exchange)
    found(bundle, "Trail, entry 2: what was said in it was changed or exchanged.")


def test_words_that_were_taken_out_are_found_and_those_that_were_erased_are_told(bundle):
    changed(bundle, lambda trail: trail["entries"][1].update(body=None, salt=None))
    found(bundle, "Trail, entry 2: what was said in it is missing.")
    changed(bundle, lambda manifest: manifest["erased"].append(2), "manifest.json")
    table(bundle, lambda rows: rows[2].__setitem__(rows[0].index("body"), ""))
    check = Check(opened(bundle))
    assert check.damage == []
    assert "What was said in entry 2 was erased before the bundle was made." in check.remarks


def test_an_entry_that_was_taken_out_is_found(bundle):
    changed(bundle, lambda trail: trail["entries"].pop(4))
    found(bundle, "Trail, entry 6: entry 5 should stand here.")


def test_an_entry_that_was_taken_out_and_the_others_numbered_anew_is_found(bundle):
    def take_out(trail):
        del trail["entries"][4]
        for place, entry in enumerate(trail["entries"], start=1):
            entry["sequence"] = place

    changed(bundle, take_out)
    found(bundle, "Trail, entry 5: it does not follow the entry before it.")


def test_entries_that_changed_places_are_found(bundle):
    def swap(trail):
        trail["entries"][3], trail["entries"][4] = trail["entries"][4], trail["entries"][3]

    changed(bundle, swap)
    found(bundle, "Trail, entry 5: entry 4 should stand here.")


def test_an_entry_that_was_put_in_is_found(bundle):
    changed(bundle, lambda trail: trail["entries"].insert(3, {**trail["entries"][2], "sequence": 4}))
    found(bundle, "Trail, entry 4:")


def test_a_trail_that_was_cut_is_found(bundle):
    changed(bundle, lambda trail: trail["entries"].pop())
    found(bundle, "The trail had", "when the bundle was made")


def test_a_trail_of_another_incident_is_found(bundle):
    for file in ("trail.json", "incident.json", "manifest.json"):
        changed(bundle, lambda whole: whole.update(reference="INC-2026-0099"), file)
    found(bundle, "Trail, entry 1: it was changed after it was written.")


@pytest.mark.parametrize("file", ["trail.json", "incident.json", "manifest.json"])
def test_a_reference_that_differs_in_one_place_is_found(bundle, file):
    changed(bundle, lambda whole: whole.update(reference="INC-2026-0099"), file)
    found(bundle, "INC-2026-0001" if file == "incident.json" else "INC-2026-0099")


def test_a_file_that_was_exchanged_is_found_although_the_manifest_fits(bundle):
    (bundle / "files" / "0002-shot _1_.png").write_bytes(b"another picture")
    seal(bundle)
    found(bundle, "the file 'shot <1>.png' is missing or was changed")
    found(bundle, "The trail does not know files/0002-shot _1_.png.")


def test_a_file_that_was_taken_out_is_found_although_the_manifest_fits(bundle):
    (bundle / "files" / "0003-CON").unlink()
    seal(bundle)
    found(bundle, "the file 'CON' is missing or was changed")


@pytest.mark.parametrize(("folder", "words"), [("rules", "the rules"), ("clauses", "clause ")])
def test_rules_and_clauses_that_were_changed_are_found_although_the_manifest_fits(bundle, folder, words):
    path = file_of(bundle, folder)
    path.write_text(path.read_text("utf-8").replace("e", "3", 1), "utf-8")
    seal(bundle)
    found(bundle, words, "missing or")


def table(bundle, change):
    """Change the rows of trail.csv, and make the manifest fit again."""
    path = bundle / "trail.csv"
    rows = list(csv.reader(io.StringIO(path.read_text("utf-8-sig", newline=""), newline="")))
    change(rows)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows(rows)
    seal(bundle)


@pytest.mark.parametrize("column", ["kind", "actor_id", "said_at", "recorded_at", "hash", "body"])
def test_a_table_that_says_something_else_than_the_trail_is_found(bundle, column):
    table(bundle, list)
    assert damage_of(bundle) == []
    table(bundle, lambda rows: rows[3].__setitem__(rows[0].index(column), "x"))
    assert found(bundle, "trail.csv and trail.json differ in entry 3") == [
        f"trail.csv and trail.json differ in entry 3: {column}."
    ]


def test_a_table_with_fewer_lines_or_that_is_none_is_found(bundle):
    table(bundle, lambda rows: rows.pop())
    found(bundle, "trail.csv has 14 entries, and trail.json 15.")
    (bundle / "trail.csv").write_bytes(b"\xff\xfe\x00")
    seal(bundle)
    found(bundle, "trail.csv cannot be read.")


def test_a_trail_that_was_wholly_written_anew_is_found_only_with_a_hash_from_elsewhere(bundle, capsys):
    head = as_json(bundle / "manifest.json")["chain"]["head"]
    manifest = hashlib.sha256((bundle / "manifest.json").read_bytes()).hexdigest()
    assert main([str(bundle), "--head", head.upper(), "--manifest", f" {manifest}"]) == 0
    trail = as_json(bundle / "trail.json")
    first = trail["entries"][0]
    first["body"] = '{"text": "We said nothing."}'
    first["payload_digest"] = hashlib.sha256((first["salt"] + first["body"]).encode()).hexdigest()
    chain_anew(trail)
    to_json(bundle / "trail.json", trail)
    whole = as_json(bundle / "manifest.json")
    whole["chain"]["head"] = trail["entries"][-1]["hash"]
    to_json(bundle / "manifest.json", whole)

    def same(rows):
        for row, entry in zip(rows[1:], trail["entries"], strict=True):
            row[rows[0].index("hash")] = entry["hash"]
        rows[1][rows[0].index("body")] = first["body"]

    table(bundle, same)
    capsys.readouterr()
    assert main([str(bundle)]) == 0
    assert main([str(bundle), "--head", head]) == 1
    assert "WRONG: The end of the trail is not the one that you were given" in capsys.readouterr().out
    assert main([str(bundle), "--manifest", manifest]) == 1
    assert "WRONG: manifest.json is not the one that you were given" in capsys.readouterr().out


@pytest.fixture
def keys(tmp_path):
    """A file with the keys of the record that the bundle was made from, behind another key."""
    file = tmp_path / "keys.txt"
    file.write_text(f"{'x' * 40}\n{os.environ['TRAIL_KEYS']}\n")
    return file


def test_with_the_keys_the_seals_are_checked_also_by_the_file_alone(bundle, keys, tmp_path):
    alone = shutil.move(bundle, tmp_path / "alone")
    said = run(alone, "--keys", str(keys)).stdout.decode()
    assert "Note: The seals were checked with the keys." in said
    assert said.endswith("Nothing is wrong.\n")
    assert "The seals were not checked" in run(alone).stdout.decode()
    (tmp_path / "others.txt").write_text("y" * 40)
    other = run(alone, "--keys", str(tmp_path / "others.txt"))
    assert other.returncode == 1
    assert "which was not given" in other.stdout.decode()
    assert run(alone, "--keys", str(tmp_path / "nowhere.txt")).returncode == 2


def test_a_trail_that_was_wholly_written_anew_is_found_with_the_keys(bundle, keys):
    trail = as_json(bundle / "trail.json")
    trail["entries"][3]["said_at"] = "2020-01-01T00:00:00.000000+00:00"
    chain_anew(trail)
    to_json(bundle / "trail.json", trail)
    seal(bundle)
    assert not [each for each in damage_of(bundle) if "seal" in each]
    damage = Check(opened(bundle), keys_in(keys)).damage
    assert "Trail, entry 4: its seal was not made for it: it was written anew by somebody without the key." in damage


@pytest.mark.parametrize(
    "change",
    [
        lambda sealed: sealed["seals"].pop(),
        lambda sealed: sealed["seals"][2].update(entry=1),
        lambda sealed: sealed["seals"][2].update(number="3"),
        lambda sealed: sealed["seals"][2].pop("previous"),
        lambda sealed: sealed.update(record={}),
        lambda sealed: sealed.update(seals=None),
    ],
)
def test_seals_that_are_not_complete_are_found_without_a_key(bundle, change):
    changed(bundle, change, "seals.json")
    found(bundle, "seals.json does not have a seal for each entry of the trail.")


@pytest.mark.parametrize("part", ["number", "of", "entry", "seal", "previous"])
def test_a_changed_seal_is_found_with_the_keys(bundle, keys, part):
    def change(sealed):
        one, other = sealed["seals"][2], sealed["seals"][3]
        one[part] = other[part] = {"number": 900, "of": "INC-2026-0009", "entry": 4}.get(part, "0" * 64)

    changed(bundle, change, "seals.json")
    assert [each for each in Check(opened(bundle), keys_in(keys)).damage if "seal" in each]


def test_without_its_seals_a_bundle_is_not_whole_for_whoever_has_the_keys(bundle, keys):
    (bundle / "seals.json").unlink()
    seal(bundle)
    assert damage_of(bundle) == []
    assert Check(opened(bundle), keys_in(keys)).damage == ["There are no seals in it that could be checked."]


@pytest.fixture
def signed(sqlite_database, tmp_path):
    """The bundle of a drill that was signed off, with a note after that."""
    room = full(sqlite_database)
    with sqlite_database.begin() as session:
        acts.mark_drill(session, room.settings, record.find(session, room.reference), LIN, NOW, on=True)
    room.do(acts.sign_off, LIN, "The record is complete.")
    room.do(acts.add_note, GRACE, "A word after the sign-off.")
    return unpacked(made_of(room)[0], tmp_path / "signed")


def test_it_is_told_what_was_signed_off_and_what_came_after(signed):
    check = Check(opened(signed))
    assert check.damage == []
    assert check.remarks == ["Signed off in entry 17. Entries after that: 1."]
    assert as_json(signed / "incident.json")["drill"] is True


@pytest.mark.parametrize(
    "named", [{"head": "0" * 64}, {"head_sequence": 15}, {"head_sequence": 18}, {"head_sequence": "x"}]
)
def test_a_sign_off_that_names_something_else_than_the_trail_has_is_found(signed, named):
    """As when what was signed off was exchanged and all was hashed anew."""
    trail = as_json(signed / "trail.json")
    entry = trail["entries"][16]
    entry["body"] = json.dumps({**json.loads(entry["body"]), **named})
    entry["payload_digest"] = hashlib.sha256((entry["salt"] + entry["body"]).encode()).hexdigest()
    chain_anew(trail)
    to_json(signed / "trail.json", trail)
    seal(signed)
    found(signed, "Trail, entry 17: what was signed off is not what the trail has up to there.")


def chain_anew(trail):
    """Hash a trail as the module `amends.incidents.trail` says, written once more."""
    previous = FIRST
    for entry in trail["entries"]:
        entry["previous_hash"] = previous
        names = "sequence kind actor_id source said_at recorded_at flow_version clauses supersedes payload_digest"
        fields = [trail["reference"], *(entry[name] for name in names.split()), previous]
        text = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
        previous = entry["hash"] = hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("name", ["manifest.json", "trail.json", "incident.json"])
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"{}",
        b'"x"',
        b"\xff",
        b"[" * 100_000,
        b'{"a": 1, "a": 2}',
        b'{"reference": "\\ud800"}',
    ],
)
def test_a_part_that_cannot_be_read_is_named_and_breaks_nothing(bundle, name, content):
    (bundle / name).write_bytes(content)
    if name != "manifest.json":
        seal(bundle)
    found(bundle, name)


KINDS = (None, 7, "x", {}, True, [], [7], [None], ["x"], [{}])
OTHER = [
    *(("manifest.json", name, wrong) for name in ("format", "files", "chain", "reference") for wrong in KINDS),
    *(("trail.json", name, wrong) for name in ("entries", "reference") for wrong in KINDS),
    *(("manifest.json", "erased", wrong) for wrong in KINDS if wrong != []),
    *(("manifest.json", "damage", wrong) for wrong in KINDS if not isinstance(wrong, list)),
]


@pytest.mark.parametrize(("file", "name", "wrong"), OTHER)
def test_a_part_of_another_kind_is_named_and_breaks_nothing(bundle, file, name, wrong):
    whole = as_json(bundle / file)
    whole[name] = wrong
    to_json(bundle / file, whole)
    found(bundle, "")


@pytest.mark.parametrize("path", ["../outside.txt", "/etc/passwd", "files/../../x", "C:\\x", "a\\b"])
def test_a_manifest_that_reaches_outside_is_found_and_nothing_there_is_read(bundle, path):
    (bundle.parent / "outside.txt").write_text("x")
    changed(bundle, dict)
    manifest = as_json(bundle / "manifest.json")
    manifest["files"].append({"path": path, "size": 1, "sha256": hashlib.sha256(b"x").hexdigest()})
    to_json(bundle / "manifest.json", manifest)
    assert damage_of(bundle) == [f"manifest.json lists {path}, which is outside of the bundle."]


def test_a_file_that_is_listed_twice_is_found(bundle):
    manifest = as_json(bundle / "manifest.json")
    manifest["files"].append(manifest["files"][0])
    to_json(bundle / "manifest.json", manifest)
    found(bundle, "manifest.json lists", "twice")


def test_a_link_in_the_place_of_a_file_is_found(bundle):
    content = (bundle / "record.pdf").read_bytes()
    (bundle / "record.pdf").unlink()
    (bundle.parent / "elsewhere").write_bytes(content)
    (bundle / "record.pdf").symlink_to(bundle.parent / "elsewhere")
    found(bundle, "record.pdf", "link to somewhere else")


def packed(folder, path, *more):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as into:
        for each in sorted(folder.rglob("*")):
            into.write(each, f"{folder.name}/{each.relative_to(folder)}")
        for name, content in more:
            into.writestr(name, content)
    return path


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_bundle_that_is_still_packed_is_checked_as_it_is(bundle, tmp_path):
    assert damage_of(packed(bundle, tmp_path / "whole.zip")) == []
    double = packed(bundle, tmp_path / "double.zip", (f"{bundle.name}/trail.csv", "other"))
    found(double, "trail.csv is there twice.")
    beside = packed(bundle, tmp_path / "beside.zip", ("evil.txt", "x"))
    assert damage_of(beside)
    bomb = packed(bundle, tmp_path / "bomb.zip")
    (bundle / "README.txt").write_bytes(b"\0" * 60_000_000)
    bomb = packed(bundle, tmp_path / "bomb.zip")
    assert bomb.stat().st_size < 1_000_000
    assert damage_of(bomb) == ["README.txt was changed."]


def contents(path):
    with zipfile.ZipFile(path) as bundle:
        return {name: bundle.read(name) for name in bundle.namelist()}


def test_a_packed_bundle_that_was_cut_or_hit_is_found_and_breaks_nothing(bundle, tmp_path):
    content = packed(bundle, tmp_path / "whole.zip").read_bytes()
    cut = tmp_path / "cut.zip"
    cut.write_bytes(content[: len(content) // 2])
    with pytest.raises(Unreadable, match=r"cut\.zip is not a whole ZIP file"):
        opened(cut)
    hit = tmp_path / "hit.zip"
    for place in range(200, len(content) - 3000, max(1, len(content) // 60)):
        hit.write_bytes(content[:place] + bytes([content[place] ^ 0x55]) + content[place + 1 :])
        assert damage_of(hit) or contents(hit) == contents(tmp_path / "whole.zip"), place


def run(folder, *arguments, **how):
    return subprocess.run(
        [how.get("python", sys.executable), "-I", "-W", "error", "verify.py", *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
    )


def test_the_verifier_in_the_bundle_runs_alone_and_says_what_it_found(bundle, tmp_path):
    shutil.move(bundle, tmp_path / "alone")
    whole = run(tmp_path / "alone")
    assert (whole.returncode, whole.stderr) == (0, b"")
    lines = whole.stdout.decode().splitlines()
    head = as_json(tmp_path / "alone" / "manifest.json")["chain"]["head"]
    assert lines[-4:] == [
        "Checked INC-2026-0001: 13 files, and 15 entries of the trail.",
        f"End of the trail: {head}",
        f"SHA-256 of manifest.json: {hashlib.sha256((tmp_path / 'alone' / 'manifest.json').read_bytes()).hexdigest()}",
        "Nothing is wrong.",
    ]
    (tmp_path / "alone" / "files" / "0003-CON").write_text("other")
    broken = run(tmp_path / "alone")
    assert broken.returncode == 1
    assert "WRONG: files/0003-CON was changed." in broken.stdout.decode().splitlines()
    assert run(tmp_path / "alone", "nowhere").returncode == 2


def test_the_verifier_runs_on_the_older_python_too(bundle):
    older = ROOT / ".venv-bot" / "bin" / "python"
    assert run(bundle, python=older).returncode == 0


def test_the_verifier_imports_only_what_comes_with_python(bundle):
    tree = ast.parse((bundle / "verify.py").read_text("utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert names
    assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names
