"""Each address of the API as each role, with its scope and without, on open, restricted, signed-off and drill ones."""

import json

import pytest
from fastapi.routing import APIRoute
from starlette.routing import Mount
from starlette.testclient import TestClient

from amends.access.tokens import NEEDS as NEEDED_FOR
from amends.access.tokens import Scope
from amends.console.api.addresses import Address, declared
from amends.console.api.described import Described
from amends.console.api.problems import handlers
from amends.console.routes import NOT_DECLARED, Part
from amends.exports import paper
from tests.api.addresses import NEEDS
from tests.api.world import PEOPLE, bearer, token_for
from tests.console.addresses import MAY
from tests.console.test_permissions import KINDS, MARK, SECRET, sees

OF_INCIDENTS = [address for address in NEEDS if "{reference}" in address]
OTHERS = [address for address in NEEDS if "{reference}" not in address]


@pytest.fixture(scope="module", autouse=True)
def _one_pdf():
    """One PDF is drawn, and lies in every bundle: here it is asked who gets one. Others look at what is in it."""
    drawn = paper.press.draw("<p>A record")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paper.press, "draw", lambda _html: drawn)
        yield


def api_of(world):
    (part,) = [each for each in world.client.app.routes if isinstance(each, Part) and each.path == "/api/v1"]
    return part.app


def may(who, address):
    return NEEDS[address][0] in MAY[PEOPLE[who][0]]


def problem_of(answer, status, kind):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert set(body) == {"type", "title", "status", "detail"}
    assert (body["type"], body["status"]) == (f"urn:amends:problem:{kind}", status)
    assert answer.headers["cache-control"] == "no-store"
    assert "set-cookie" not in answer.headers
    return body["detail"]


def test_every_address_asks_for_what_is_written_down(world):
    routes = api_of(world).routes
    assert all(isinstance(each, Address) for each in routes)
    assert all(each.methods == {"GET"} for each in routes)
    assert {each.path: (str(each.may), each.scope and str(each.scope)) for each in routes} == NEEDS


def test_a_token_gets_no_scope_that_its_roles_could_not_use():
    for address, (needs, scope) in NEEDS.items():
        if scope is not None and needs != "see_all":
            assert str(NEEDED_FOR[Scope(scope)]) == needs, address


def test_an_address_that_says_nothing_is_refused_even_with_a_token(world):
    async def hello():
        return "hello"

    routes = declared([APIRoute("/quiet", hello), Mount("/inside", routes=[])])
    other = Described(openapi_url=None, routes=routes, exception_handlers=handlers())
    with TestClient(other) as client:
        for path in ("/quiet", "/inside/deeper"):
            for headers in ({}, bearer(world.secrets["auditor"])):
                answer = client.get(path, headers=headers)
                assert answer.status_code == 403
                assert answer.json()["detail"] == NOT_DECLARED


@pytest.mark.parametrize("address", [address for address in NEEDS if address != "/openapi.json"])
def test_without_a_good_token_nothing_is_told(world, address):
    for headers in ({}, bearer(""), bearer("amends_" + "x" * 43), bearer("x" * 5000), {"Authorization": "Basic eDp4"}):
        answer = world.client.get(world.path(address), headers=headers)
        problem_of(answer, 401, "no-token")
        assert answer.headers["www-authenticate"].startswith('Bearer realm="Amends"')


def test_a_cookie_is_no_token(world):
    from tests.access.signing import session_for

    _, secret = session_for(world.database, "auditor")
    answer = world.client.get("/api/v1/audit", headers={"Cookie": f"amends-in={secret}"})
    problem_of(answer, 401, "no-token")


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("address", OTHERS)
def test_who_may_is_answered_and_nobody_else(world, address, who):
    answer = world.ask(who, address)
    if may(who, address) or address == "/openapi.json":
        assert answer.status_code == 200, answer.text
    else:
        problem_of(answer, 403, "not-allowed")


@pytest.mark.parametrize("address", [address for address, (_, scope) in NEEDS.items() if scope])
def test_a_token_reaches_only_its_scopes(world, address):
    scope = NEEDS[address][1]
    others = [each for each in Scope if each != scope]
    for role in ("lead", "auditor"):
        secret = token_for(world.database, role, scopes=others, id=f"web:{role}")
        answer = world.client.get(world.path(address), headers=bearer(secret))
        problem_of(answer, 403, "no-scope")
        assert f'scope="{scope}"' in answer.headers["www-authenticate"]


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("address", OF_INCIDENTS)
def test_each_incident_is_there_for_those_who_may_see_it(world, address, who):
    for kind in KINDS:
        answer = world.ask(who, address, kind)
        if not may(who, address):
            assert SECRET not in problem_of(answer, 403, "not-allowed")
        elif not sees(who, kind):
            detail = problem_of(answer, 404, "not-found")
            none = problem_of(world.ask(who, address, "INC-2031-9999"), 404, "not-found")
            assert none == detail.replace(world.references[kind], "INC-2031-9999"), kind
        else:
            assert answer.status_code == 200, (kind, answer.text)
            assert answer.headers["cache-control"] == "no-store"
            assert "set-cookie" not in answer.headers


def test_a_file_is_not_reached_through_another_incident(world):
    for number in (world.files["restricted"], 0, 10**8, "1e3", "x", "..%2f..%2fetc"):
        answer = world.get("lead", f"/incidents/{world.references['open']}/evidence/{number}")
        problem_of(answer, 404, "not-found")


@pytest.mark.parametrize("who", PEOPLE)
def test_a_restricted_incident_is_in_no_list_count_or_file_for_those_who_may_not_see_it(world, who):
    reference = world.references["restricted"]
    for address in OTHERS:
        queries = [{}]
        if address == "/incidents" or address.startswith("/exports"):
            queries += [{"q": MARK}, {"q": MARK, "restricted": "yes"}, {"restricted": "yes"}, {"drill": "any"}]
        for query in queries:
            answer = world.ask(who, address, params=query)
            if not sees(who, "restricted"):
                assert reference not in answer.text, (address, query)
                assert f"{SECRET} restricted" not in answer.text, (address, query)
            elif address == "/incidents":
                assert reference in answer.text, query


def test_who_may_not_see_it_does_not_count_it(world):
    counts = {who: world.get(who, "/incidents", params={"q": MARK}).json()["count"] for who in PEOPLE}
    assert counts == {
        "staff": 0,
        "reporter": 3,
        "lead": 2,
        "named_lead": 3,
        "policy_owner": 0,
        "auditor": 3,
        "admin": 0,
    }


def test_what_an_entry_holds_as_it_is_stored_is_for_those_who_see_all(world):
    for who, there in (("reporter", False), ("lead", True), ("auditor", True)):
        entries = world.ask(who, "/incidents/{reference}/trail").json()["entries"]
        assert {entry["payload"] is not None for entry in entries} == {there}, who
        assert SECRET in json.dumps(entries)
    assert world.ask("reporter", "/incidents/{reference}").json()["involved"] is None


def test_the_api_changes_nothing(world):
    for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"):
        for address in NEEDS:
            answer = world.client.request(method, world.path(address), headers=bearer(world.secrets["lead"]))
            assert answer.status_code == 405, (method, address)
            assert answer.headers["allow"] == "GET"


def test_the_description_is_open_and_names_every_address_with_its_scope(world):
    described = world.client.get("/api/v1/openapi.json").json()
    found = {path: item["get"]["security"] for path, item in described["paths"].items()}
    assert found == {
        path: [{"token": [scope] if scope else []}] for path, (_, scope) in NEEDS.items() if path != "/openapi.json"
    }
