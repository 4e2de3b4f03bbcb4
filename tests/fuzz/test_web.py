"""Every page and every form of the desk, on both databases: an answer that says what is wrong, no error of ours."""

import re
from urllib.parse import quote, urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from amends.console.app import create_app
from amends.settings import ROOT
from tests.access.signing import session_for
from tests.console.addresses import NEEDS, PARTS
from tests.console.fake_bot import running_bot, settings_for
from tests.console.whole import whole_incident
from tests.fuzz.made_up import texts
from tests.fuzz.trying import often, one

DRAWN = "\n".join(file.read_text("utf-8") for file in (ROOT / "amends" / "console" / "templates").rglob("*.html"))
NAMES = sorted(
    {*re.findall(r'name="([^"{}]+)"', DRAWN), "after", "page", "sort", "to", "back", "option"} - {"csrf", "key"}
)
"""The fields of all forms."""
GETS = sorted(address[4:] for address in NEEDS if address.startswith("GET ") and "{way}" not in address)
POSTS = sorted(address[5:] for address in NEEDS if address.startswith("POST "))
ENDS_A_SESSION = {"/sign-out", "/leave", "/people/sign-out"}
EXPECTED = {200, 204, 303, 400, 403, 404, 405, 409, 411, 413, 422}


class Visited:
    """The desk, and somebody who may do everything there."""

    def __init__(self, app, database, reference):
        self.app, self.database, self.reference = app, database, reference
        self.client = TestClient(app, base_url="http://127.0.0.1", follow_redirects=False, raise_server_exceptions=True)
        self.sign_in()

    def sign_in(self):
        self.client.cookies.clear()
        _, secret = session_for(self.database, "lead", "policy_owner", "auditor", "admin", name="Lea Lead")
        self.client.cookies.set("amends-in", secret)
        self.token = re.search(r'name="csrf"[^>]*value="([^"]*)"', self.client.get("/people").text)[1]

    def ask(self, method, address, **more):
        answer = self.client.request(method, address, **more)
        moved = {307} if address.partition("?")[0].endswith(("/", "%2F")) else set()
        assert answer.status_code in EXPECTED | moved, (method, address, answer.status_code, answer.text[:400])
        assert "Content-Security-Policy" in answer.headers
        if any(address.startswith(each) for each in ENDS_A_SESSION):
            self.sign_in()
        return answer


@pytest.fixture
def desk(database):
    limits = {"sign_ins_a_minute": 10_000_000, "searches_a_minute": 10_000_000}
    url = database.engine.url.render_as_string(hide_password=False)
    with running_bot() as bot:
        app = create_app(settings_for(bot.port, url, **limits), catch_up_every=3600)
        with TestClient(app):
            yield Visited(app, database, whole_incident(database))


@st.composite
def addresses(draw, of, *, broken):
    """An address with its parts filled in: rightly, or with anything."""
    path = draw(st.sampled_from(of))

    def filled(found):
        name = found[1]
        right = "social_media" if path.startswith("/policies") else "problem_post"
        anything = draw(texts.filter(bool)) if broken and draw(st.booleans()) else PARTS.get(name, right)
        return quote(anything, safe="", errors="surrogatepass")

    return re.sub(r"{([^}]+)}", filled, path)


pairs = st.lists(st.tuples(st.one_of(st.sampled_from(NAMES), texts), texts), max_size=8)


@often(5, short=40)
@given(address=addresses(GETS, broken=True), query=pairs)
@example(address="/flows/%00", query=[])
@example(address="/flows/problem_post/compare", query=[("of-version", "a\x00b")])
@example(address="/flows/problem_post/try", query=[("load-incident", "a\x00b")])
@example(address="/privacy", query=[("who", "a\x00b")])
@example(address=f"/flows/problem_post/requests/{2**31}", query=[])
@example(address="/flows/problem_post/history/%2F", query=[])
def test_a_page_at_any_address_with_any_question_is_an_answer(desk, address, query):
    with one("pages"):
        desk.ask("GET", f"{address}?{urlencode(query, errors='surrogatepass')}")


@often(5, short=40)
@given(address=st.one_of(addresses(POSTS, broken=False), addresses(POSTS, broken=True)), fields=pairs)
def test_a_form_with_anything_in_it_is_an_answer(desk, address, fields):
    sent = [*fields, ("csrf", desk.token), ("key", "0" * 32)]
    body = urlencode(sent, errors="surrogatepass").encode()
    with one("forms"):
        desk.ask("POST", address, content=body, headers={"Content-Type": "application/x-www-form-urlencoded"})


@often(1, short=10)
@given(address=addresses(POSTS, broken=False), body=st.binary(max_size=200), kind=st.sampled_from(range(4)))
def test_a_form_that_is_no_form_is_an_answer(desk, address, body, kind):
    kinds = ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json", "")
    with one("forms"):
        desk.ask("POST", address, content=body, headers={"Content-Type": kinds[kind]})
