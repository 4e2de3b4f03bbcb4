"""Checks an evidence bundle: that every file is as it was when the bundle was made, and that the trail holds together.

It needs Python 3.9 or newer and nothing else. It changes nothing and asks no network. In the bundle it is `verify.py`:

    python3 verify.py                     checks the folder that it lies in
    python3 verify.py BUNDLE.zip          checks a bundle that was not unpacked
    python3 verify.py --head HASH         also holds the end of the trail against a hash that you got elsewhere
    python3 verify.py --manifest HASH     also holds manifest.json against a SHA-256 that you got elsewhere
    python3 verify.py --keys FILE         also checks the seals, for whoever has the organisation's keys

The exit code is 0 when nothing is wrong, 1 when something is, and 2 when there is nothing that could be checked.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import hmac
import io
import json
import sys
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import IO, Any

FORMAT = "amends evidence bundle 1"
FIRST = "0" * 64
CHAINED = (
    *("sequence", "kind", "actor_id", "source", "said_at", "recorded_at", "flow_version"),
    *("clauses", "supersedes", "payload_digest", "previous_hash"),
)
SEALED = ("number", "of", "entry", "key", "seal", "previous")
IN_TABLE = ("sequence", "kind", "actor_id", "source", "said_at", "recorded_at", "supersedes", "hash", "body")
LITTER = {".DS_Store", "Thumbs.db", "desktop.ini", "__MACOSX"}
"""What operating systems leave in folders; it is passed over."""
MOST = 500_000_000
"""So many bytes of a text are read."""


class Unreadable(Exception):  # noqa: N818 - it reads as what it says
    """There is no bundle here, or a part of it cannot be read. The message says what."""


_BROKEN = (OSError, EOFError, ValueError, RuntimeError, zipfile.BadZipFile, zlib.error, csv.Error, Unreadable)


class Folder:
    """A bundle that was unpacked."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def names(self) -> list[str]:
        """All files, as paths with slashes; a link counts as a file."""
        found = (each for each in sorted(self._path.rglob("*")) if each.is_symlink() or not each.is_dir())
        return [each.relative_to(self._path).as_posix() for each in found]

    def open(self, name: str) -> IO[bytes]:
        """A file, to be read."""
        path = self._path.joinpath(name)
        if path.is_symlink():
            raise Unreadable("it is a link to somewhere else, not a file")
        return path.open("rb")


class Packed:
    """A bundle that is still a ZIP file: everything in it lies in one folder."""

    def __init__(self, path: Path) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
        except zipfile.BadZipFile:
            raise Unreadable(f"{path.name} is not a whole ZIP file.") from None
        self._inside = [name for name in self._zip.namelist() if not name.endswith("/")]
        tops = {name.split("/")[0] for name in self._inside} - LITTER
        self._top = f"{tops.pop()}/" if len(tops) == 1 else ""

    def names(self) -> list[str]:
        """All files, without the folder that they lie in; one that is there twice is named twice."""
        top = self._top
        return [name[len(top) :] if name.startswith(top) else f"../{name}" for name in self._inside]

    def open(self, name: str) -> IO[bytes]:
        """A file, to be read."""
        return self._zip.open(self._top + name)


class Check:
    """One check of a bundle. `damage` and `remarks` are sentences; the others are what was found in it."""

    def __init__(self, bundle: Folder | Packed, keys: dict[str, bytes] | None = None) -> None:
        self._bundle = bundle
        self._keys = keys or {}
        self._names = bundle.names()
        self._digests: dict[str, str] = {}
        self.damage: list[str] = []
        self.remarks: list[str] = []
        self.reference = self.head = self.manifest = self.record = self.about_seals = ""
        self.entries = self.files = 0
        listed = self._listed()
        if listed is not None:
            self._check_files(listed["files"])
        trail = self._trail()
        if trail is not None:
            self._check_chain(trail, set(listed["erased"]) if listed else set())
            self._check_names(trail, listed)
            self._check_seals(trail, listed)
            self._check_grounds(trail["entries"])
            self._check_table(trail["entries"])

    def hold_against(self, what: str, found: str, given: str) -> None:
        """Compare with what somebody was given by another way."""
        if given and given.strip().lower() != found:
            self.damage.append(f"{what} is not the one that you were given: it has {found or 'no hash'}.")

    def _listed(self) -> dict[str, Any] | None:
        listed = self._object("manifest.json")
        if listed is None:
            return None
        self.manifest = self._digest("manifest.json")
        if listed.get("format") != FORMAT:
            self.damage.append(f"manifest.json is not of the kind that this program knows, '{FORMAT}'.")
            return None
        try:
            whole = all(
                isinstance(each["path"], str) and isinstance(each["size"], int) and isinstance(each["sha256"], str)
                for each in listed["files"]
            )
            whole = whole and {type(each) for each in listed["erased"]} <= {int}
            self.reference = str(listed["reference"])
            whole = whole and isinstance(listed["chain"]["entries"], int) and isinstance(listed["chain"]["head"], str)
            whole = whole and isinstance(listed["damage"], list) and isinstance(listed["erased"], list)
        except (KeyError, TypeError):
            whole = False
        if not whole:
            self.damage.append("manifest.json is not complete.")
            return None
        self.remarks += [f"When the bundle was made, the record was damaged: {each}" for each in listed["damage"]]
        return listed

    def _check_files(self, listed: list[dict[str, Any]]) -> None:
        paths = [each["path"] for each in listed]
        for path in _doubled(self._names):
            self.damage.append(f"{path} is there twice.")
        for path in _doubled(paths):
            self.damage.append(f"manifest.json lists {path} twice.")
        for name in sorted(set(self._names) - {*paths, "manifest.json"}):
            if LITTER.isdisjoint(PurePosixPath(name).parts):
                self.damage.append(f"{name} was added: manifest.json does not list it.")
            else:
                self.remarks.append(f"{name} was left by an operating system and was passed over.")
        for each in listed:
            path = each["path"]
            if path.startswith("/") or "\\" in path or ":" in path or ".." in path.split("/"):
                self.damage.append(f"manifest.json lists {path}, which is outside of the bundle.")
            elif path not in self._names:
                self.damage.append(f"{path} is missing.")
            elif self._digest(path, each["size"]) != each["sha256"]:
                self.damage.append(f"{path} was changed.")
            self.files += 1

    def _trail(self) -> dict[str, Any] | None:
        """The trail if it is whole."""
        trail = self._object("trail.json")
        if trail is None:
            return None
        try:
            clauses = [json.loads(each["clauses"]) for each in trail["entries"]]
            whole = isinstance(trail["reference"], str) and all(
                isinstance(each, str) for several in clauses for each in several
            )
            for each in trail["entries"]:
                texts = {type(each[name]) for name in ("kind", "hash", "flow_version", *CHAINED[2:6])}
                whole = whole and texts == {str} and {*CHAINED, "salt", "body"} <= set(each)
        except (KeyError, TypeError, ValueError):
            whole = False
        if not whole or not trail["entries"]:
            self.damage.append("trail.json is not complete.")
            return None
        return trail

    def _check_chain(self, trail: dict[str, Any], erased: set[int]) -> None:
        previous, entries = FIRST, trail["entries"]
        for place, entry in enumerate(entries, start=1):
            wrong = _wrong(trail["reference"], entry, previous, place, erased)
            if wrong:
                self.damage.append(f"Trail, entry {entry['sequence']}: {wrong}")
                break
            if entry["body"] is None:
                self.remarks.append(f"What was said in entry {place} was erased before the bundle was made.")
            previous = entry["hash"]
        for place in sorted(erased - {entry["sequence"] for entry in entries if entry["body"] is None}):
            self.damage.append(f"manifest.json says that entry {place} was erased, which it was not.")
        self.head, self.entries = entries[-1]["hash"], len(entries)
        for place, entry in enumerate(entries, start=1):
            if entry["kind"] == "signed_off":
                self._check_sign_off(place, _said(entry), entries)

    def _check_seals(self, trail: dict[str, Any], listed: dict[str, Any] | None) -> None:
        """Every entry has its seal; with the keys, each seal is one that only whoever has the key could make."""
        listed_paths = [each["path"] for each in listed["files"]] if listed else []
        if "seals.json" not in self._names and "seals.json" not in listed_paths:
            self.about_seals = "This bundle is from before entries were sealed."
            if self._keys:
                self.damage.append("There are no seals in it that could be checked.")
            return
        sealed = self._object("seals.json")
        if sealed is None:
            return
        try:
            seals = {each["entry"]: [each[name] for name in SEALED] for each in sealed["seals"]}
            self.record = f"{int(sealed['record']['number'])}:{sealed['record']['seal']}"
            whole = all([type(part) for part in seal] == [int, str, int, str, str, str] for seal in seals.values())
        except (KeyError, TypeError, ValueError):
            seals, whole = {}, False
        if not whole or set(seals) != {entry["sequence"] for entry in trail["entries"]}:
            self.damage.append("seals.json does not have a seal for each entry of the trail.")
        elif self._keys:
            self._check_with_keys(trail, seals)
        else:
            self.about_seals = "The seals were not checked: that needs the keys of the organisation (--keys FILE)."

    def _check_with_keys(self, trail: dict[str, Any], seals: dict[int, list[Any]]) -> None:
        for entry in trail["entries"]:
            number, of, sequence, id_, seal, previous = seals[entry["sequence"]]
            key = self._keys.get(id_)
            if key is None:
                self.damage.append(f"Trail, entry {sequence}: it was sealed with the key {id_}, which was not given.")
                return
            fields = [number, trail["reference"], sequence, _hash(trail["reference"], entry), id_, previous]
            made = hmac.new(key, _written(fields), "sha256").hexdigest()
            if of != trail["reference"] or not hmac.compare_digest(made, seal):
                wrong = "its seal was not made for it: it was written anew by somebody without the key."
                self.damage.append(f"Trail, entry {sequence}: {wrong}")
                return
        self.about_seals = "The seals were checked with the keys."

    def _check_sign_off(self, place: int, said: dict[str, Any], entries: list[dict[str, Any]]) -> None:
        """The sign-off names the entry up to which the trail was accepted, and that entry's hash."""
        later = len(entries) - place
        self.remarks.append(f"Signed off in entry {place}. Entries after that: {later}.")
        accepted = said.get("head_sequence")
        if accepted is None:
            return
        known = isinstance(accepted, int) and 0 < accepted < place
        if not known or entries[accepted - 1]["hash"] != said.get("head"):
            self.damage.append(f"Trail, entry {place}: what was signed off is not what the trail has up to there.")

    def _check_names(self, trail: dict[str, Any], listed: dict[str, Any] | None) -> None:
        """The reference and the end of the trail are the same wherever they are named."""
        if listed is not None:
            if trail["reference"] != self.reference:
                self.damage.append(f"manifest.json is of {self.reference}, and trail.json of {trail['reference']}.")
            chain = listed["chain"]
            if (chain["entries"], chain["head"]) != (self.entries, self.head):
                self.damage.append(
                    f"The trail had {chain['entries']} entries when the bundle was made and ended with "
                    f"{chain['head']}. It has {self.entries} and ends with {self.head}."
                )
        incident = self._object("incident.json")
        if incident is not None and incident.get("reference") != trail["reference"]:
            self.damage.append(f"incident.json is not of {trail['reference']}.")

    def _check_grounds(self, entries: list[dict[str, Any]]) -> None:
        """What the trail names by its SHA-256 is there: files, rules and clauses. No other files are."""
        kept = {self._digest(name): name for name in self._names if name.startswith("files/")}
        used = {self._digest(name) for name in self._names if name.startswith(("rules/", "clauses/"))}
        wanted = set()
        for entry in entries:
            at = f"Trail, entry {entry['sequence']}:"
            said = _said(entry)
            if entry["kind"] == "evidence_kept" and entry["body"] is not None:
                wanted.add(said.get("sha256"))
                if said.get("sha256") not in kept:
                    self.damage.append(f"{at} the file '{said.get('name')}' is missing or was changed.")
            if entry["flow_version"] not in used:
                self.damage.append(f"{at} the rules that it names are missing or were changed.")
            for clause, _, version in (each.partition("@") for each in json.loads(entry["clauses"])):
                if version not in used:
                    self.damage.append(f"{at} clause {clause} as it stood then is missing or was changed.")
        if all(entry["body"] is not None for entry in entries):
            self.damage += [f"The trail does not know {kept[digest]}." for digest in kept if digest not in wanted]

    def _check_table(self, entries: list[dict[str, Any]]) -> None:
        """trail.csv says the same as trail.json; a cell that a spreadsheet could compute begins with an apostrophe."""
        try:
            with self._bundle.open("trail.csv") as file:
                text = io.StringIO(file.read(MOST).decode("utf-8-sig"), newline="")
            csv.field_size_limit(MOST)
            rows = list(csv.DictReader(text))
        except (KeyError, *_BROKEN):
            self.damage.append("trail.csv cannot be read.")
            return
        if len(rows) != len(entries):
            self.damage.append(f"trail.csv has {len(rows)} entries, and trail.json {len(entries)}.")
        for row, entry in zip(rows, entries):  # noqa: B905 - Python 3.9 knows no `strict`
            for name in IN_TABLE:
                value = "" if entry[name] is None else str(entry[name])
                if row.get(name) not in (value, f"'{value}"):
                    self.damage.append(f"trail.csv and trail.json differ in entry {entry['sequence']}: {name}.")

    def _object(self, name: str) -> dict[str, Any] | None:
        """What a JSON file holds: an object, in which no name stands twice."""
        try:
            with self._bundle.open(name) as file:
                found = json.loads(file.read(MOST).decode("utf-8"), object_pairs_hook=_once)
        except (FileNotFoundError, KeyError):
            self.damage.append(f"{name} is missing.")
        except _BROKEN as error:
            self.damage.append(f"{name} cannot be read: {error}")
        else:
            if isinstance(found, dict):
                return found
            self.damage.append(f"{name} is not complete.")
        return None

    def _digest(self, name: str, most: int = MOST) -> str:
        """The SHA-256 of a file, or nothing; one that is larger than it should be is not read to its end."""
        if name not in self._digests:
            self._digests[name] = ""
            try:
                with self._bundle.open(name) as file:
                    self._digests[name] = _digest_of(file, most)
            except (KeyError, *_BROKEN) as error:
                self.damage.append(f"{name} cannot be read: {error}")
        return self._digests[name]


def _digest_of(file: IO[bytes], most: int) -> str:
    digest = hashlib.sha256()
    while piece := file.read(1 << 20):
        digest.update(piece)
        most -= len(piece)
        if most < 0:
            return ""
    return digest.hexdigest()


def _wrong(reference: str, entry: dict[str, Any], previous: str, place: int, erased: set[int]) -> str:
    if entry["sequence"] != place:
        return f"entry {place} should stand here. One was removed, added or put elsewhere."
    if entry["previous_hash"] != previous:
        return "it does not follow the entry before it. One was changed, removed, added or put elsewhere."
    if _hash(reference, entry) != entry["hash"]:
        return "it was changed after it was written."
    if entry["body"] is None or entry["salt"] is None:
        return "" if place in erased else "what was said in it is missing."
    if _sha256(f"{entry['salt']}{entry['body']}") != entry["payload_digest"]:
        return "what was said in it was changed or exchanged."
    return ""


def _hash(reference: str, entry: dict[str, Any]) -> str:
    return hashlib.sha256(_written([reference, *(entry[name] for name in CHAINED)])).hexdigest()


def _written(fields: list[Any]) -> bytes:
    text = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace")


def _said(entry: dict[str, Any]) -> dict[str, Any]:
    try:
        said = json.loads(entry["body"] or "{}")
    except (TypeError, ValueError):
        said = {}
    return said if isinstance(said, dict) else {}


def _doubled(names: list[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Unreadable("a name stands in it twice")
    return found


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()


def opened(path: Path) -> Folder | Packed:
    """The bundle at a path: a folder, or a ZIP file.

    Raises:
        Unreadable: there is none.
    """
    if path.is_dir():
        return Folder(path)
    if not path.is_file():
        raise Unreadable(f"There is nothing called {path}.")
    return Packed(path)


def keys_in(file: Path) -> dict[str, bytes]:
    """The keys in a file, one a line or with commas between, by their ids.

    Raises:
        OSError: the file cannot be read.
        Unreadable: there is none in it.
    """
    lines = file.read_text("utf-8").replace(",", "\n").split("\n")
    keys = [line.strip() for line in lines if line.strip()]
    if not keys:
        raise Unreadable(f"There is no key in {file}.")
    return {_sha256(f"amends trail key {key}")[:12]: key.encode("utf-8") for key in keys}


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(description="Check an evidence bundle.", epilog="README.txt says more.")
    parser.add_argument("bundle", nargs="?", type=Path, default=Path(__file__).resolve().parent)
    parser.add_argument("--head", default="", help="the hash of the last entry of the trail, from elsewhere")
    parser.add_argument("--manifest", default="", help="the SHA-256 of manifest.json, from elsewhere")
    parser.add_argument("--keys", type=Path, help="a file with the keys that the record was sealed with")
    given = parser.parse_args(arguments)
    try:
        check = Check(opened(given.bundle), keys_in(given.keys) if given.keys else None)
    except (OSError, UnicodeError, Unreadable) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    check.hold_against("The end of the trail", check.head, given.head)
    check.hold_against("manifest.json", check.manifest, given.manifest)
    lines = [
        *(f"WRONG: {each}" for each in check.damage),
        *(f"Note: {each}" for each in [*check.remarks, check.about_seals] if each),
        *([f"End of the whole record then: {check.record}"] if check.record else []),
        f"Checked {check.reference}: {check.files} files, and {check.entries} entries of the trail.",
        f"End of the trail: {check.head}",
        f"SHA-256 of manifest.json: {check.manifest}",
        f"Wrong: {len(check.damage)}." if check.damage else "Nothing is wrong.",
    ]
    text = "".join(f"{line}\n" for line in lines)
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
    return 1 if check.damage else 0


if __name__ == "__main__":
    sys.exit(main())
