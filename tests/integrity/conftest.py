"""A record with something of everything, and an intruder who may do anything in the database but has no key."""

import hashlib
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from amends.access.audit import What, viewed
from amends.access.people import SignedIn
from amends.incidents import chain, guards, record
from amends.incidents.models import Evidence
from amends.incidents.trail import Kind
from amends.integrity import whole
from amends.integrity.anchors import AnchorFile
from amends.workshop import trail as policy
from amends.workshop import versions
from amends.workshop.documents import Document, Owner
from tests.conftest import copied_postgres, copied_sqlite
from tests.incidents.test_record import add, report

NOW = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
ADA = SignedIn("oidc:ada", "Ada Okafor", frozenset({"lead"}))
FLOW, OLGA = Document("flow", "problem_post"), Owner("web:olga", "Olga")
PICTURE = b"\x89PNG a picture"
SHA256 = hashlib.sha256(PICTURE).hexdigest()
FIRST, SECOND, THIRD = (f"INC-2026-000{n}" for n in (1, 2, 3))


def note(database, reference, payload=None, kind=Kind.NOTE_ADDED):
    with database.begin() as session:
        add(session, record.lock(session, record.find(session, reference).id), kind, payload)


def fill(database):
    """Three incidents whose entries lie between each other, a file, three steps of an owner, three looks."""
    for n in range(3):
        report(database, f"c{n}", f"web:{n}")
    for n in range(3):
        for reference in (FIRST, SECOND):
            note(database, reference, {"text": f"note {n} of {reference}"})
        with database.begin() as session:
            viewed(session, ADA, What.VIEWED_INCIDENT, FIRST, NOW)
            policy.lock(session)
            if n < 2:
                policy.append(session, policy.Kind.DRAFT_SAVED, FLOW, OLGA, at=NOW, note=f"step {n}")
            else:
                version = versions.keep(session, FLOW, "the rules", NOW)
                policy.append(session, policy.Kind.PUBLISHED, FLOW, OLGA, at=NOW, version=version)
    with database.begin() as session:
        incident = record.find(session, SECOND)
        about = {"name": "shot.png", "media_type": "image/png", "size": len(PICTURE), "sha256": SHA256}
        kept = {**about, "key": "file:1", "content": PICTURE, "stored_at": NOW}
        session.add(Evidence(incident_id=incident.id, participant_id="web:1", **kept))
        add(session, incident, Kind.EVIDENCE_KEPT, about)


class Intruded:
    """The record, and what is found after somebody changed it; each change is taken back."""

    def __init__(self, database, file):
        self.database = database
        self.file = file
        self.on_sqlite = database.engine.dialect.name == "sqlite"

    def found(self, *changes, guarded=False):
        """What the check says after the changes: SQL, or functions of the session. The guards are left out."""
        with self.database.begin() as session:
            if not guarded:
                self._let_in(session)
            for change in changes:
                if callable(change):
                    change(session)
                else:
                    assert session.execute(text(change)).rowcount != 0, change
            found = whole.check(session, self.database.keys(), self.file)
            session.rollback()
        return [each for each in found.damage if guarded or each.kind is not chain.Harm.GUARD_MISSING]

    def _let_in(self, session):
        for table in guards.TABLES:
            if self.on_sqlite:
                for what in guards.ON_SQLITE:
                    session.execute(text(f"DROP TRIGGER {table}_{what}"))
        if self.on_sqlite:
            session.execute(text("PRAGMA defer_foreign_keys = ON"))
            return
        tables = session.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")).all()
        for table in tables:
            session.execute(text(f'ALTER TABLE "{table}" DISABLE TRIGGER ALL'))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def intruded(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("record")
    if request.param == "sqlite":
        copied = copied_sqlite(request.getfixturevalue("migrated_sqlite"), folder)
    else:
        copied = copied_postgres(request.getfixturevalue("migrated_postgres"))
    with copied as database:
        fill(database)
        yield Intruded(database, AnchorFile(folder / "anchors.jsonl"))
