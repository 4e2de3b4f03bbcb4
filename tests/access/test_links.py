"""One-time links, sessions that end, signing out here and everywhere: at a desk where nobody has to sign in."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from amends.access import audit, links
from amends.access.permissions import Role
from amends.access.tables import SessionRow, SignInLink
from tests.access.signing import session_for, sign_in


def field(page, name):
    return re.search(rf'name="{name}"[^>]*value="([^"]*)"', page.text)[1]


def make(record, *roles, name="Lea Lead", minutes=15, at=None):
    with record.begin() as session:
        return links.make(session, roles or ("lead",), at or datetime.now(UTC), name=name, minutes=minutes)


def use(client, secret, **more):
    page = client.get(f"/sign-in/{secret}")
    return client.post(f"/sign-in/{secret}", data={"csrf": field(page, "csrf"), **more})


@pytest.fixture
def desk(desk_with):
    return desk_with(sign_ins_a_minute=1000)


def rows(record, of=SessionRow):
    with record.read() as session:
        return list(session.scalars(select(of)))


def test_a_link_signs_in_once(desk, visit, record):
    secret = make(record, "lead", "admin")
    lea, eve = visit(desk), visit(desk)
    page = lea.get(f"/sign-in/{secret}")
    assert "as Lea Lead" in page.text
    assert "as comms lead and administrator" in page.text
    answer = use(lea, secret)
    assert answer.status_code == 200
    assert "Lea Lead" in answer.text
    assert [row.roles for row in rows(record)] == ["admin lead staff"]
    late = eve.get(f"/sign-in/{secret}")
    assert late.status_code == 404
    assert "was used already" in late.text
    assert eve.post(f"/sign-in/{secret}", data={"csrf": field(eve.get("/"), "csrf")}).status_code == 404
    assert len(rows(record)) == 1


def test_looking_at_a_link_does_not_use_it_up(desk, visit, record):
    secret = make(record)
    for _ in range(3):
        visit(desk).get(f"/sign-in/{secret}")
    assert visit(desk).head(f"/sign-in/{secret}").status_code == 200
    assert use(visit(desk), secret).status_code == 200


def test_a_form_of_another_visit_does_not_use_a_link(desk, visit, record):
    secret = make(record)
    assert visit(desk).post(f"/sign-in/{secret}", data={"csrf": "made up"}).status_code == 403
    assert rows(record) == []


def test_a_link_that_is_too_old(desk, visit, record):
    secret = make(record, at=datetime.now(UTC) - timedelta(minutes=16))
    assert visit(desk).get(f"/sign-in/{secret}").status_code == 404


def test_a_link_without_a_name_asks_for_it(desk, visit, record):
    secret = make(record, name="")
    client = visit(desk)
    answer = use(client, secret, name="  ")
    assert answer.status_code == 422
    assert "your name stands in the record" in answer.text
    assert "Grace Hopper" in use(client, secret, name=" Grace  Hopper ").text
    assert [row.name for row in rows(record)] == ["Grace Hopper"]


def test_the_secret_of_a_link_or_a_session_is_not_in_the_record(desk, visit, record):
    secret, client = make(record), visit(desk)
    use(client, secret)
    kept = [*(row.hash for row in rows(record)), *(row.hash for row in rows(record, SignInLink))]
    assert secret not in kept
    assert client.cookies["amends-in"] not in kept


def test_there_are_links_only_for_roles_that_exist(record):
    with record.begin() as session, pytest.raises(ValueError, match="no role boss"):
        links.make(session, ["boss"], datetime.now(UTC), name="Eve")


def test_the_same_name_is_the_same_person(desk, visit, record):
    for name in ("Lea Lead", "lea  lead"):
        use(visit(desk), make(record, name=name))
    assert len({row.participant_id for row in rows(record)}) == 1


def test_a_new_signing_in_ends_the_old_session_and_the_old_forms(desk, visit, record):
    client = visit(desk)
    before = field(client.get("/"), "csrf")
    use(client, make(record))
    first = client.cookies["amends-in"]
    use(client, make(record))
    assert client.cookies["amends-in"] != first
    assert len(rows(record)) == 1
    other = visit(desk, cookies={"amends-in": first})
    assert "Lea Lead" not in other.get("/flows").text
    assert client.post("/sign-out", data={"csrf": before}).status_code == 403


def test_signing_out_holds_for_a_cookie_that_was_copied(desk, visit, record):
    client = visit(desk)
    use(client, make(record))
    copied = visit(desk, cookies={"amends-in": client.cookies["amends-in"]})
    assert "You are Lea Lead" in copied.get("/me").text
    client.post("/sign-out", data={"csrf": field(client.get("/me"), "csrf")})
    assert copied.get("/me").url.path == "/sign-in"
    assert "amends-in" not in client.cookies


def test_signing_out_everywhere(desk, visit, record):
    here, there, other = visit(desk), visit(desk), visit(desk)
    use(here, make(record))
    use(there, make(record))
    use(other, make(record, name="Olga Orr"))
    assert here.get("/me").text.count("In another browser") == 1
    here.post("/sign-out", data={"csrf": field(here.get("/me"), "csrf"), "everywhere": "yes"})
    for client in (here, there):
        assert client.get("/me").url.path == "/sign-in"
    assert "You are Olga Orr" in other.get("/me").text
    with record.read() as session:
        assert audit.entries(session)[0].what == "signed_out_everywhere"


@pytest.mark.parametrize(("field_", "minutes"), [("seen_at", 121), ("begun_at", 0)])
def test_a_session_ends_when_idle_and_in_any_case(desk, visit, record, field_, minutes):
    client = visit(desk)
    sign_in(client, record, "lead")
    assert "You are Lea Lead" in client.get("/me").text
    with record.begin() as session:
        row = session.scalars(select(SessionRow)).one()
        if field_ == "seen_at":
            row.seen_at = datetime.now(UTC) - timedelta(minutes=minutes)
        else:
            row.ends_at = datetime.now(UTC)
    assert client.get("/me").url.path == "/sign-in"


def test_using_the_desk_keeps_a_session_alive(desk, visit, record):
    client = visit(desk)
    sign_in(client, record, "lead")
    with record.begin() as session:
        session.scalars(select(SessionRow)).one().seen_at = datetime.now(UTC) - timedelta(minutes=100)
    client.get("/me")
    assert datetime.now(UTC) - rows(record)[0].seen_at < timedelta(minutes=1)


@pytest.mark.parametrize("cookie", ["", "x" * 5000, "a b", '"', "0" * 43])
def test_cookies_that_are_nonsense_are_nobody(desk, visit, cookie):
    assert visit(desk, headers={"Cookie": f"amends-in={cookie}"}).get("/me").url.path == "/sign-in"


def test_the_cookie_is_kept_from_scripts_and_other_sites(desk, visit, record):
    client = visit(desk)
    client.follow_redirects = False
    (cookie,) = [c for c in use(client, make(record)).headers.get_list("Set-Cookie") if c.startswith("amends-in=")]
    assert {"httponly", "samesite=lax", "path=/"} <= {part.strip().lower() for part in cookie.split(";")}


def test_over_https_the_cookies_are_secure_and_of_this_host_alone(bot, database_url, record):
    from starlette.testclient import TestClient

    from amends.console.app import create_app
    from tests.console.fake_bot import settings_for

    app = create_app(settings_for(bot.port, database_url, desk_url="https://desk.example.org"))
    with TestClient(app, base_url="https://desk.example.org", follow_redirects=False) as client:
        answer = use(client, make(record))
    cookies = {cookie.partition("=")[0]: cookie.lower() for cookie in answer.headers.get_list("Set-Cookie")}
    assert set(cookies) == {"amends", "__Host-amends-in"}
    assert all("secure" in cookie and "httponly" in cookie for cookie in cookies.values())
    assert "domain" not in cookies["__Host-amends-in"]


def test_a_role_given_by_link_opens_its_pages_and_no_others(desk, visit, record):
    client = visit(desk)
    sign_in(client, record, "auditor")
    assert client.get("/").status_code == 403
    assert client.post("/say", data={"text": "my words"}).status_code == 403
    assert client.get("/incidents").status_code == 200


def test_what_another_site_sends_is_refused_even_with_the_token(desk, visit, record):
    client = visit(desk)
    sign_in(client, record, "lead")
    token = field(client.get("/me"), "csrf")
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        assert client.post("/sign-out", data={"csrf": token}, headers=headers).status_code == 403
    assert "You are Lea Lead" in client.get("/me").text


def test_a_name_that_is_made_to_lead_here_reads_nothing(desk, visit):
    answer = visit(desk).get("/", headers={"Host": "rebound.example:8000"})
    assert answer.status_code == 403
    assert "DESK_URL" in answer.text


def test_all_roles_have_words_and_permissions():
    from amends.access.permissions import IN_WORDS, OF_ROLE

    assert set(IN_WORDS) == set(OF_ROLE) == set(Role)


def test_a_session_for_tests_is_one_that_the_desk_takes(desk, visit, record):
    person, secret = session_for(record, "lead", name="Grace Hopper")
    client = visit(desk, cookies={"amends-in": secret})
    assert f"You are {person.name}" in client.get("/me").text
