"""What goes around every answer of the desk at every address, allowed or refused: headers and cookies."""

import re
from http.cookies import SimpleCookie

import pytest
from starlette.testclient import TestClient

from amends.console.app import create_app
from amends.console.guard import HEADERS
from tests.access.signing import session_for
from tests.console.addresses import NEEDS, PARTS
from tests.console.fake_bot import settings_for
from tests.console.whole import whole_incident

FILES = {
    "/incidents/{reference}/evidence/{number}": "application/octet-stream",
    "/incidents/{reference}/bundle.zip": "application/zip",
    "/exports/incidents.csv": "text/csv; charset=utf-8; header=present",
    "/exports/incidents.json": "application/json",
}
SIGN_IN = {"oidc_issuer": "https://sign-in.example.org", "oidc_client_id": "amends"}


def path_of(address):
    right = "social_media" if address.startswith("/policies") else "problem_post"
    return re.sub(r"{([^}]+)}", lambda found: PARTS.get(found[1], right), address)


def client_for(app, database, address, cookie, *roles):
    client = TestClient(app, base_url=address, follow_redirects=False)
    if roles:
        client.cookies.set(cookie, session_for(database, *roles)[1])
    return client


@pytest.fixture
def local(sqlite_database):
    limits = {"sign_ins_a_minute": 10_000, "searches_a_minute": 10_000}
    app = create_app(settings_for(9, str(sqlite_database.engine.url), **limits), catch_up_every=3600)
    with TestClient(app):
        whole_incident(sqlite_database)
        yield app


@pytest.fixture
def public(sqlite_database):
    settings = settings_for(9, str(sqlite_database.engine.url), desk_url="https://amends.example.org", **SIGN_IN)
    app = create_app(settings, catch_up_every=3600)
    with TestClient(app):
        yield app


def test_every_answer_at_every_address_carries_the_headers(local, sqlite_database):
    everything = ("lead", "policy_owner", "auditor", "admin")
    for roles in ((), everything):
        client = client_for(local, sqlite_database, "http://127.0.0.1", "amends-in", *roles)
        for address in sorted(NEEDS):
            method, path = address.split(" ")
            answer = client.request(method, path_of(path), data={} if method == "POST" else None)
            assert answer.status_code != 500, address
            for name, value in HEADERS.items():
                assert answer.headers.get_list(name) == [value], (address, name)
            assert answer.headers["Cache-Control"] == "no-store", address
            assert "Server" not in answer.headers, address
            assert "Strict-Transport-Security" not in answer.headers


def test_what_is_not_there_or_not_allowed_carries_them_too(local, sqlite_database):
    client = client_for(local, sqlite_database, "http://127.0.0.1", "amends-in")
    for method, path in (("GET", "/nothing"), ("PUT", "/"), ("GET", "/static/nothing"), ("POST", "/say")):
        answer = client.request(method, path)
        assert 400 <= answer.status_code < 500
        for name, value in HEADERS.items():
            assert answer.headers.get_list(name) == [value], (path, name)


def test_no_script_style_or_picture_can_come_from_elsewhere_or_from_inside_a_page():
    policy = dict(part.strip().partition(" ")[::2] for part in HEADERS["Content-Security-Policy"].split(";"))
    assert policy.pop("default-src") == "'none'"
    assert set(policy.values()) <= {"'self'", "'none'"}
    assert {"frame-ancestors", "base-uri", "form-action"} <= set(policy)


@pytest.mark.parametrize(("address", "media_type"), FILES.items())
def test_every_file_is_something_to_be_saved_and_never_shown(address, media_type, local, sqlite_database):
    client = client_for(local, sqlite_database, "http://127.0.0.1", "amends-in", "lead", "auditor")
    answer = client.get(path_of(address))
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="')
    assert answer.headers["Content-Type"] == media_type
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_each_cookie_is_out_of_reach_of_scripts_and_of_other_sites(local, public, sqlite_database):
    for app, base, secure in ((local, "http://127.0.0.1", False), (public, "https://amends.example.org", True)):
        answer = client_for(app, sqlite_database, base, "none").get("/sign-in")
        cookies = [SimpleCookie(each) for each in answer.headers.get_list("set-cookie")]
        assert cookies, base
        for cookie in cookies:
            for name, morsel in cookie.items():
                assert morsel["httponly"], name
                assert morsel["samesite"].lower() == "lax", name
                assert bool(morsel["secure"]) is secure, name
                assert (morsel["path"], morsel["domain"]) == ("/", ""), name


def test_where_people_come_by_https_browsers_are_told_never_to_come_without(public, sqlite_database):
    client = client_for(public, sqlite_database, "https://amends.example.org", "none")
    for path in ("/sign-in", "/", "/nothing", "/healthz"):
        assert client.get(path).headers["Strict-Transport-Security"] == "max-age=31536000"
