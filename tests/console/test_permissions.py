"""Every address as every role, on open, restricted, signed-off and drill incidents; and what another site sends."""

import json
import re
import shutil
from datetime import UTC, datetime

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from amends.access.permissions import OF_ROLE, Permission
from amends.access.tables import AuditEntry
from amends.console.app import create_app
from amends.console.routes import NOT_DECLARED, Page, Part, declared, page
from amends.conversation import recording
from amends.flows import load_flow, parse_answers, recommend
from amends.incidents import record
from amends.incidents.actor import Actor
from amends.incidents.database import Database
from amends.incidents.trail import Kind
from amends.settings import ROOT, Settings
from tests.access.signing import session_for
from tests.console.addresses import MAY, NEEDS
from tests.console.fake_bot import settings_for
from tests.leads.conftest import SLIP
from tests.waiting import at_last

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
FLOW = load_flow(ROOT / "data" / "flows" / "problem_post.yml")
KINDS = ("open", "restricted", "signed_off", "drill")
MARK, SECRET = "zebracrossing", "quaggaherd"
NONE = "INC-2031-9999"
PEOPLE = {
    "nobody": None,
    "staff": ("staff", "web:other"),
    "reporter": ("staff", "web:reporter"),
    "lead": ("lead", "web:lead"),
    "named_lead": ("lead", "web:named"),
    "policy_owner": ("policy_owner", "web:owner"),
    "auditor": ("auditor", "web:auditor"),
    "admin": ("admin", "web:admin"),
}
FILLED = {
    "section:section": "rows",
    "id": "P14",
    "clause": "SM-2.3",
    "version": "abcdef1234",
    "request:int": "1",
    "number": "1",
    "number:int": "1",
    "kind": "csv",
    "way": "oidc",
    "secret": "x" * 43,
}


class World:
    """A desk with four incidents and everybody signed in; each is asked by a client of their own."""

    def __init__(self, app, database, references):
        self.app, self.database, self.references = app, database, references
        self.clients = {who: self.client(who) for who in PEOPLE}

    def client(self, who):
        here = ("127.0.0.1", 50000)
        client = TestClient(self.app, base_url="http://127.0.0.1", client=here, follow_redirects=False)
        if PEOPLE[who] is not None:
            role, id_ = PEOPLE[who]
            _, secret = session_for(self.database, role, name=f"Person {who}", id=id_)
            client.cookies.set("amends-in", secret)
        return client

    def ask(self, who, address, reference="", **more):
        method, path = address.split(" ")
        client = self.clients[who]
        if path in {"/sign-out", "/leave", "/people/sign-out"}:
            client = self.client(who)
        if method == "POST" and "data" not in more:
            page_ = client.get("/sign-in/unknown")
            token = re.search(r'name="csrf"[^>]*value="([^"]*)"', page_.text) or re.search(
                r'name="csrf"[^>]*value="([^"]*)"', client.get("/who").text
            )
            more["data"] = {"csrf": token[1], "key": "0" * 32}
        return client.request(method, self.path(path, reference), **more)

    @staticmethod
    def path(path, reference):
        name = "social_media" if path.startswith("/policies") else "problem_post"
        filled = {**FILLED, "name": name, "reference": reference}
        return re.sub(r"{([^}]+)}", lambda found: filled[found[1]], path)


def report(database, words, marks):
    """An advised incident of the reporter's, as the conversation writes it."""
    settings, actor = Settings(_env_file=None), Actor("web:reporter", "Rea Reporter", "web", NOW)
    with database.begin() as session:
        record.ensure_participant(session, actor.id, actor.name, NOW)
        talk = record.ensure_conversation(session, actor.id, actor.id, NOW)
        incident = record.open_incident(session, talk, FLOW, words, "web", NOW, 2026)
        recording.write(session, settings, incident, Kind.REPORTED, {"text": words}, actor=actor, at=NOW)
        advice = recommend(FLOW, parse_answers(FLOW, SLIP)).as_json()
        incident.answers, incident.decision = json.dumps(SLIP), json.dumps(advice)
        incident.state, incident.level = record.State.ADVISED, advice["level"]
        recording.write(session, settings, incident, Kind.RECOMMENDED, {"decision": advice}, actor=actor, at=NOW)
        for name, value in marks.items():
            setattr(incident, name, value)
        recording.write(session, settings, incident, Kind.NOTE_ADDED, {"text": words}, actor=actor, at=NOW)
        return incident.reference


@pytest.fixture(scope="module")
def world(migrated_sqlite, tmp_path_factory):
    path = tmp_path_factory.mktemp("permissions") / "record.db"
    shutil.copy(migrated_sqlite, path)
    database = Database(f"sqlite:///{path}")
    marks = {"restricted": {"restricted": True}, "signed_off": {"signed_off_at": NOW}, "drill": {"drill": True}}
    references = {}
    for kind in KINDS:
        references[kind] = report(database, f"{MARK} {SECRET} {kind}", marks.get(kind, {}))
    with database.begin() as session:
        record.ensure_participant(session, "web:named", "Nam Ed", NOW)
        record.involve(session, record.find(session, references["restricted"]), "web:named", NOW)
    limits = {"sign_ins_a_minute": 100_000, "searches_a_minute": 100_000}
    app = create_app(settings_for(9, f"sqlite:///{path}", policy_owners="Nobody", **limits), catch_up_every=3600)
    with TestClient(app, base_url="http://127.0.0.1"):
        yield World(app, database, references)
    database.dispose()


def role_of(who):
    return "staff" if PEOPLE[who] is None else PEOPLE[who][0]


def sees(who, kind):
    """Whether this person may see the incident of this kind."""
    if who in {"reporter", "auditor"}:
        return True
    if who == "named_lead":
        return True
    return who == "lead" and kind != "restricted"


def addresses(*, incident):
    return sorted(address for address in NEEDS if ("{reference}" in address) is incident)


def test_every_address_asks_for_what_is_written_down(world):
    found = {}
    for route in world.app.routes:
        if isinstance(route, Part):
            continue
        assert isinstance(route, Page), route
        for method in route.methods - {"HEAD"}:
            found[f"{method} {route.path}"] = str(route.may)
    assert found == NEEDS


def test_parts_of_their_own_say_what_they_ask_for(world):
    parts = {route.path: route.may for route in world.app.routes if isinstance(route, Part)}
    assert parts.pop("/static") is Permission.NONE_NEEDED
    assert set(parts) <= {"/api/v1"}


def test_roles_may_what_is_written_down():
    assert {str(role): set(map(str, may)) for role, may in OF_ROLE.items()} == MAY


def test_an_address_that_says_nothing_is_refused_for_everybody(world):
    async def hello(_request):
        return PlainTextResponse("hello")

    app = create_app(settings_for(9, str(world.database.engine.url)))
    routes = declared([Route("/quiet", hello), page("/said", hello, Permission.NONE_NEEDED)])
    other = FastAPI(routes=routes, exception_handlers=app.exception_handlers)
    other.user_middleware = app.user_middleware
    with TestClient(app), TestClient(other, base_url="http://127.0.0.1") as client:
        assert client.get("/said").text == "hello"
        for who in PEOPLE:
            client.cookies = world.client(who).cookies
            answer = client.get("/quiet")
            assert answer.status_code == 403
            assert NOT_DECLARED in answer.text


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("address", addresses(incident=False))
def test_who_may_comes_in_and_nobody_else(world, address, who):
    answer = world.ask(who, address)
    needs = NEEDS[address]
    if needs in MAY[role_of(who)]:
        if who == "nobody" and needs != "none_needed":
            assert answer.status_code in {200, 204, 303, 404, 403, 422}
        else:
            assert answer.status_code not in {401, 403, 500}, answer.text
            assert not answer.headers.get("Location", "").startswith("/sign-in?")
    elif who == "nobody" and address.startswith("GET"):
        assert answer.status_code == 303
        assert re.match(r"/(sign-in\?to=|who\?back=)", answer.headers["Location"])
    else:
        assert answer.status_code == 403, answer.text
        assert "csrf" not in answer.headers


@pytest.mark.parametrize("who", [who for who in PEOPLE if who != "nobody"])
@pytest.mark.parametrize("address", addresses(incident=True))
def test_each_incident_is_there_for_those_who_may_see_it(world, address, who):
    for kind in KINDS:
        answer = world.ask(who, address, world.references[kind])
        what = (kind, answer.status_code)
        if NEEDS[address] not in MAY[role_of(who)]:
            assert answer.status_code == 403, what
            assert SECRET not in answer.text, what
        elif not sees(who, kind):
            assert answer.status_code == 404 or (answer.status_code in {400, 422} and "POST" in address), what
            assert SECRET not in answer.text, what
            none = world.ask(who, address, NONE)
            assert none.status_code == answer.status_code, what
            assert text_of(none) == text_of(answer).replace(world.references[kind], NONE), what
        else:
            assert answer.status_code not in {403, 500}, what
            if address.startswith("GET"):
                assert answer.status_code == (404 if "/evidence/" in address else 200), what


@pytest.mark.parametrize("address", addresses(incident=True))
def test_who_has_said_no_name_sees_no_incident(world, address):
    for kind in KINDS:
        answer = world.ask("nobody", address, world.references[kind])
        assert answer.status_code in {303, 403}, kind
        assert SECRET not in answer.text


def text_of(answer):
    return re.sub(r'value="[^"]*"', "", answer.text)


@pytest.mark.parametrize("who", PEOPLE)
def test_a_restricted_incident_is_in_no_list_search_count_or_file_for_those_who_may_not_see_it(world, who):
    reference = world.references["restricted"]
    for address in addresses(incident=False):
        if not address.startswith("GET") or address in {"GET /healthz", "GET /readyz"}:
            continue
        for query in ("", f"?q={MARK}", f"?q={MARK}&restricted=yes", "?restricted=yes"):
            answer = world.clients[who].get(world.path(address.split(" ")[1], "") + query)
            if not sees(who, "restricted"):
                assert reference not in answer.text, address + query
                assert f"{SECRET} restricted" not in answer.text, address + query


def test_a_replay_knows_nothing_of_it_for_those_who_may_not_see_it(world):
    path = "/flows/problem_post/replay"
    client = world.client("policy_owner")
    token = re.search(r'name="csrf"[^>]*value="([^"]*)"', client.get(path).text)[1]
    assert client.post(path, data={"csrf": token, "of-version": "live"}).status_code == 303

    def done():
        answer = client.get(f"{path}/incidents.csv", params={"of-version": "live"})
        return answer if answer.status_code == 200 else None

    answer = at_last(done)
    assert world.references["open"] in answer.text
    assert world.references["restricted"] not in answer.text
    assert world.references["drill"] not in answer.text  # its answers were invented
    page_ = client.get(path, params={"of-version": "live"}).text
    assert world.references["restricted"] not in page_
    assert re.search(r">\s*2\s*<|\b2 incidents", page_), page_
    assert not re.search(r"\b[34] incidents", page_)


def test_the_same_lists_hold_it_for_those_who_may_see_it(world):
    reference = world.references["restricted"]
    for who in ("reporter", "named_lead", "auditor"):
        assert reference in world.clients[who].get("/incidents/" + reference).text, who
    for path in ("/all", "/exports/incidents.csv"):
        for who, there in (("named_lead", True), ("auditor", True), ("lead", False)):
            assert (reference in world.clients[who].get(path).text) is there, (path, who)


FORMS = [
    (address, who)
    for address in sorted(NEEDS)
    for who in ("staff", "lead", "policy_owner", "admin")
    if address.startswith("POST") and NEEDS[address] in MAY[who]
]
"""Each form with those who may send it."""


@pytest.mark.parametrize(("address", "who"), FORMS)
def test_a_form_without_its_token_does_nothing(world, address, who):
    before = trail_of(world)
    for data in ({}, {"csrf": "made up", "key": "0" * 32, "text": "x", "note": "x", "reason": "x"}):
        answer = world.ask(who, address, world.references["open"], data=data)
        expected = {403, 422} if address == "POST /who" else {403}
        assert answer.status_code in expected, (address, answer.status_code, answer.text)
    foreign = world.ask(who, address, world.references["open"], headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 403
    assert trail_of(world) == before


def trail_of(world):
    from amends.incidents.models import TrailEntry
    from amends.workshop.tables import DraftRow, PolicyTrailEntry

    with world.database.read() as session:
        return [
            session.scalar(select(func.count()).select_from(each)) for each in (TrailEntry, PolicyTrailEntry, DraftRow)
        ]


def test_an_auditor_changes_nothing(world):
    before = trail_of(world)
    for address in sorted(NEEDS):
        if address.startswith("POST") and NEEDS[address] not in {"none_needed", "read_policy"}:
            assert world.ask("auditor", address, world.references["open"]).status_code == 403, address
    assert trail_of(world) == before


@pytest.mark.parametrize("who", ["reporter", "lead", "auditor"])
def test_looking_at_an_incident_stands_in_the_audit(world, who):
    reference = world.references["open"]

    def looks():
        with world.database.read() as session:
            query = select(func.count()).where(
                AuditEntry.reference == reference,
                AuditEntry.participant_id == PEOPLE[who][1],
                AuditEntry.what == "viewed_incident",
            )
            return session.scalar(query)

    before = looks()
    assert world.clients[who].get(f"/incidents/{reference}").status_code == 200
    assert looks() == before + 1
