"""A desk with four incidents, and programs that act as everybody."""

import re
from datetime import UTC, datetime

from starlette.testclient import TestClient

from amends.access import tokens
from amends.access.links import OPERATOR
from amends.access.people import SignedIn, with_staff
from amends.access.tokens import Scope
from amends.console.app import create_app
from amends.conversation import evidence, recording
from amends.incidents import record
from amends.incidents.actor import Actor
from amends.incidents.trail import Kind
from amends.settings import Settings
from tests.console.fake_bot import settings_for
from tests.console.test_permissions import KINDS, MARK, NOW, PEOPLE, SECRET, report

PEOPLE = {who: person for who, person in PEOPLE.items() if person is not None}
"""Who a program acts as: the role and the id."""
SETTINGS = Settings(_env_file=None)
CLAUSE = "SM-2.3"
MARKS = {"restricted": {"restricted": True}, "signed_off": {"signed_off_at": NOW}, "drill": {"drill": True}}


def token_for(database, *roles, scopes=tuple(Scope), id="web:lead", name="Lea Lead", **more):  # noqa: A002
    """A token with these scopes, also where the roles would not be given one."""
    with database.begin() as session:
        person = SignedIn(id, name, with_staff(roles))
        row, secret = tokens.make(session, person, "A test", ["incidents"], datetime.now(UTC), by=OPERATOR, **more)
        row.scopes = " ".join(scopes)
    return secret


def bearer(secret):
    return {"Authorization": f"Bearer {secret}"}


class World:
    """The desk, its record, the four incidents, and the secrets of who may be asked as."""

    def __init__(self, client, database):
        self.client, self.database = client, database
        self.references = {kind: report(database, f"{MARK} {SECRET} {kind}", MARKS.get(kind, {})) for kind in KINDS}
        with database.begin() as session:
            record.ensure_participant(session, "web:named", "Nam Ed", NOW)
            restricted = record.lock(session, record.find(session, self.references["restricted"]).id)
            record.involve(session, restricted, "web:named", NOW)
            actor = Actor("web:reporter", "Rea Reporter", "web", NOW)
            recording.write(session, SETTINGS, restricted, Kind.NOTE_ADDED, {"text": "Named"}, actor=actor, at=NOW)
        self.files = {kind: self.keep_file(kind) for kind in KINDS}
        self.secrets = {
            who: token_for(database, role, id=id_, name=f"Person {who}") for who, (role, id_) in PEOPLE.items()
        }
        flow, policy = ({each["name"]: each for each in self.get("admin", f"/{kind}").json()[kind]} for kind in KIND)
        self.versions = {
            "/flows": flow["problem_post"]["version"],
            "/policies": policy["social_media"]["version"],
        }

    def keep_file(self, kind):
        """The number of a file that is kept for one of the incidents."""
        actor = Actor("web:reporter", "Rea Reporter", "web", NOW)
        with self.database.begin() as session:
            incident = record.find(session, self.references[kind])
            how = {"key": f"file {kind}", "name": "../../the post.png", "media_type": "image/png", "actor": actor}
            return evidence.keep(session, SETTINGS, incident, content=b"\x89PNG", at=NOW, **how).id

    def path(self, address, kind="open"):
        """The address with everything filled in."""
        part = "/policies" if address.startswith("/policies") else "/flows"
        filled = {
            "clause": CLAUSE,
            "number": str(self.files.get(kind, 1)),
            "name": "social_media" if part == "/policies" else "problem_post",
            "version": self.versions[part],
            "reference": self.references.get(kind, kind),
        }
        return "/api/v1" + re.sub(r"{([^}]+)}", lambda found: filled[found[1]], address)

    def ask(self, who, address, kind="open", **more):
        """The answer to a program that acts as somebody."""
        return self.client.get(self.path(address, kind), headers=bearer(self.secrets[who]), **more)

    def get(self, who, path, **more):
        """The same, for an address that is filled in."""
        return self.client.get(f"/api/v1{path}", headers=bearer(self.secrets[who]), **more)


KIND = ("flows", "policies")


def client_for(database, **more):
    """A desk over a record that is migrated."""
    limits = {"sign_ins_a_minute": 10**5, "searches_a_minute": 10**5, "api_calls_a_minute": 10**6, **more}
    url = database.engine.url.render_as_string(hide_password=False)
    app = create_app(settings_for(9, url, policy_owners="Nobody", **limits), catch_up_every=3600)
    return TestClient(app, base_url="http://127.0.0.1")
