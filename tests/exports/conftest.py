"""An incident with a bit of everything, and its evidence bundle."""

import io
import json
import shutil
import zipfile
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from amends.console.book import Book
from amends.conversation import evidence
from amends.exports.bundle import Asked, write_bundle
from amends.exports.paper import Look
from amends.flows import parse_answers, recommend
from amends.incidents import record, trail
from amends.incidents.database import Database
from amends.leads import acts
from amends.policies import load_library
from amends.settings import ROOT
from tests.leads.conftest import ADA, BO, GRACE, LIN, NOW, SLIP, Room

LOOK = Look("Example Council", ZoneInfo("Europe/London"))
ASKED = Asked(LIN.id, LIN.name, datetime(2026, 3, 3, 8, 0, 5, tzinfo=UTC))
FORMULA = '=HYPERLINK("https://example.invalid","click")'
WORDS = "We said «gross», naïve, 日本語, 😢 <b>bold</b> & a \u0007 bell"
FILES = {
    "../../etc/passwd": b"root:x:0:0\n",
    "shot <1>.png": b"\x89PNG" + bytes(range(256)) * 20,
    "CON": b"a name that Windows keeps for itself",
}


def write(session, incident, kind, payload, actor_id=ADA, minute=0, **more):
    at = NOW + timedelta(minutes=minute)
    return trail.append(
        session, incident, kind, payload, actor_id=actor_id, source="slack", said_at=at, recorded_at=at, **more
    )


def clause_shown(session, at):
    clause = next(iter(load_library(ROOT / "data" / "policies").clauses.values()))
    record.remember_clauses(session, [(clause.id, clause.version, clause.body())], at)
    return f"{clause.id}@{clause.version}"


def full(database):
    """A room whose incident was answered, corrected, advised, overridden, closed and signed off, with files."""
    room = Room(database)
    with database.begin() as session:
        incident = record.lock(session, record.find(session, room.reference).id)
        write(session, incident, trail.Kind.NOTE_ADDED, {"text": WORDS}, BO, 1)
        write(session, incident, trail.Kind.NOTE_ADDED, {"text": FORMULA}, minute=2)
        write(session, incident, trail.Kind.ANSWERED, {"question": "harm", "value": "annoyance"}, minute=3)
        said = {"question": "harm", "before": "annoyance", "value": "upset"}
        write(session, incident, trail.Kind.CORRECTED, said, minute=4, supersedes=5)
        name = clause_shown(session, NOW)
        decision = recommend(room.flow, parse_answers(room.flow, SLIP))
        payload = {"decision": decision.as_json(), "answers": SLIP, "settings": []}
        write(session, incident, trail.Kind.RECOMMENDED, payload, minute=5, clauses=(name,))
    for number, (name, content) in enumerate(FILES.items()):
        room.do(evidence.keep, key=f"f{number}", name=name, media_type="text/plain", content=content, actor=GRACE)
    with database.begin() as session:
        incident = record.find(session, room.reference)
        room.flow = record.flow_of(session, incident.flow_version)
        acts.decide_otherwise(session, room.settings, room.flow, incident, GRACE, ("apologise",), "It hurt.", NOW)
    room.do(acts.take_over, GRACE)
    room.do(acts.close, GRACE)
    room.do(acts.add_note, LIN, "A word after it was closed.")
    return room


def made_of(room, file=None):
    """The bundle as bytes, and what was made."""
    file = file or io.BytesIO()
    with room.database.read() as session:
        incident = record.find(session, room.reference)
        told = Book(session, incident, LOOK.clock).page()
        made = write_bundle(session, incident, file, told, ASKED, LOOK)
    return file.getvalue(), made


def unpacked(content, folder):
    """The folder that the bundle's files lie in."""
    with zipfile.ZipFile(io.BytesIO(content)) as bundle:
        bundle.extractall(folder)
        return folder / bundle.namelist()[0].split("/")[0]


@pytest.fixture
def room(database):
    return full(database)


@pytest.fixture(scope="module")
def packed_bundle(migrated_sqlite, tmp_path_factory):
    """The bytes of a bundle, made once."""
    path = tmp_path_factory.mktemp("record") / "record.db"
    shutil.copy(migrated_sqlite, path)
    database = Database(f"sqlite:///{path}")
    content, _made = made_of(full(database))
    database.dispose()
    return content


@pytest.fixture
def bundle(packed_bundle, tmp_path):
    """An unpacked bundle, to be damaged."""
    return unpacked(packed_bundle, tmp_path / "out")


def as_json(path):
    return json.loads(path.read_text("utf-8"))


def to_json(path, what):
    path.write_text(json.dumps(what, ensure_ascii=False, indent=1), "utf-8")
