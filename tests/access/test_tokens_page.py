"""The page of the tokens: made by an administrator, shown once, taken back; with and without a provider."""

import re

import pytest
from playwright.sync_api import expect

from amends.access import audit, tokens
from amends.access.links import person_id
from amends.access.tokens import Tokens
from tests.access.conftest import with_oidc
from tests.access.signing import cookie_for, sign_in
from tests.access.test_browser import open_at  # noqa: F401 - a fixture
from tests.access.test_links import field
from tests.browsing import fits, press, violations
from tests.console.conftest import browser, screenshot  # noqa: F401 - fixtures

WHERE = "/people/tokens"


@pytest.fixture
def desk(desk_with):
    return desk_with()


@pytest.fixture
def admin(desk, visit, record):
    client = visit(desk)
    sign_in(client, record, "admin", name="Ad Min")
    return client


def make(client, **more):
    sent = {
        "name": "Nightly report",
        "person": "Grace Hopper",
        "role": "lead",
        "option": "exports",
        "days": "90",
        **more,
    }
    return client.post(WHERE, data={"csrf": field(client.get(WHERE), "csrf"), **sent})


def secret_in(page):
    return re.search(r"<code>(amends_[\w-]{43})</code>", page.text)[1]


def test_a_token_is_made_shown_once_used_and_taken_back(admin, desk, visit, record):
    page = make(admin, option=["exports", "incidents"])
    secret = secret_in(page)
    found = Tokens(record).find(secret)
    assert (found.person.id, found.person.name) == (person_id("Grace Hopper"), "Grace Hopper")
    assert found.scopes == {"exports", "incidents"}
    assert secret not in admin.get(WHERE).text
    assert "Nightly report" in admin.get(WHERE).text
    headers = {"Authorization": f"Bearer {secret}"}
    program = visit(desk)
    assert program.get("/api/v1/open", headers=headers).status_code == 200
    token = field(admin.get(WHERE), "csrf")
    assert "is refused from now on" in admin.post(f"{WHERE}/1/revoke", data={"csrf": token}).text
    assert program.get("/api/v1/open", headers=headers).status_code == 401
    assert "taken back" in admin.get(WHERE).text
    assert admin.post(f"{WHERE}/1/revoke", data={"csrf": token}).status_code == 422
    with record.read() as session:
        what = [(each.what, each.name) for each in audit.entries(session)]
    assert what[:2] == [("token_revoked", "Ad Min"), ("token_made", "Ad Min")]


WRONG = (
    ({"name": ""}, "what the token is for"),
    ({"person": " "}, "as whom the token acts"),
    ({"person": "a\x07b"}, "as whom the token acts"),
    ({"role": "boss"}, "as whom the token acts"),
    ({"option": "audit"}, "cannot have the scope audit"),
    ({"option": []}, "There is no scope"),
    ({"option": "everything"}, "There is no scope everything"),
    ({"days": "4000"}, "how long the token is good"),
)


def test_a_token_that_cannot_be_is_not_made_and_what_was_typed_stays(admin, record):
    for wrong, says in WRONG:
        page = make(admin, **wrong)
        assert page.status_code == 422, wrong
        assert says in page.text, wrong
        assert wrong.get("name", "Nightly report") in page.text
    with record.read() as session:
        assert tokens.all_of(session) == []


def test_where_people_sign_in_an_administrator_makes_tokens_of_themselves_only(desk_with, provider, visit, record):
    desk = desk_with(provider, **with_oidc(provider, role_admin="admins"))
    client = visit(desk)
    me = sign_in(client, record, "admin", name="Ad Min", id="oidc:admin")
    assert "It acts as you" in client.get(WHERE).text
    page = make(client, option="incidents", person="Grace Hopper", role="auditor")
    found = Tokens(record).find(secret_in(page))
    assert (found.person, found.person.roles) == (me, me.roles)
    assert "cannot have the scope exports" in make(client, option="exports", role="auditor").text


@pytest.mark.parametrize("width", [320, 1280])
def test_the_page_has_no_violations_fits_and_works_by_keyboard(desk, record, open_at, screenshot, width):  # noqa: F811
    page = open_at(desk, cookie_for(record, desk.url, "admin", name="Ad Min"), viewport={"width": width, "height": 900})
    page.goto("/people")
    page.get_by_role("link", name="Tokens of programs").focus()
    press(page, "Enter")
    page.get_by_label("What it is for").fill("Nightly report")
    page.get_by_label("As whom it acts").fill("Grace Hopper")
    page.get_by_label("What they are").select_option("lead")
    page.get_by_label("Exports").press("Space")
    assert violations(page) == []
    page.get_by_role("button", name="Make the token").focus()
    press(page, "Enter")
    expect(page.get_by_text("It is shown only now")).to_be_visible()
    assert violations(page) == []
    assert fits(page)
    if width == 1280:
        page.goto(WHERE)
        screenshot(page, "tokens")
