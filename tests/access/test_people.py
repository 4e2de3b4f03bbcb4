"""The pages People and Audit: who is signed in, who is let in, who looked at what."""

import re
from urllib.parse import quote

import pytest

from tests.access.signing import sign_in
from tests.access.test_links import field


@pytest.fixture
def desk(desk_with):
    return desk_with(sign_ins_a_minute=1000)


def test_an_administrator_lets_somebody_in_by_a_link_that_is_shown_once(desk, visit, record):
    admin, lin = visit(desk), visit(desk)
    sign_in(admin, record, "admin", name="Ad Min")
    form = {"csrf": field(admin.get("/people"), "csrf"), "name": "Lin Osei", "role": "lead"}
    page = admin.post("/people/link", data=form)
    address = re.search(r"<code>(http[^<]+)</code>", page.text)[1]
    assert address.startswith(desk.url)
    assert address not in admin.get("/people").text
    shown = lin.get(address)
    lin.post(address, data={"csrf": field(shown, "csrf")})
    assert "Here you are staff, comms lead and policy owner" in lin.get("/me").text
    assert "Lin Osei" in admin.get("/people").text


@pytest.mark.parametrize("wrong", [{"name": ""}, {"role": "boss"}, {"role": "staff"}, {"name": "a\x07b"}])
def test_a_link_for_nobody_is_not_made(desk, visit, record, wrong):
    admin = visit(desk)
    sign_in(admin, record, "admin")
    form = {"csrf": field(admin.get("/people"), "csrf"), "name": "Lin", "role": "lead", **wrong}
    page = admin.post("/people/link", data=form)
    assert page.status_code == 422
    assert "Say who the link is for" in page.text


def test_an_administrator_signs_somebody_out_everywhere(desk, visit, record):
    admin, here, there = visit(desk), visit(desk), visit(desk)
    sign_in(admin, record, "admin", name="Ad Min")
    lea = sign_in(here, record, "lead", name="Lea Lead")
    sign_in(there, record, "lead", name="Lea Lead")
    form = {"csrf": field(admin.get("/people"), "csrf"), "person": lea.id}
    assert "Lea Lead is signed out everywhere" in admin.post("/people/sign-out", data=form).text
    assert [each.get("/me").url.path for each in (here, there)] == ["/sign-in", "/sign-in"]
    assert admin.post("/people/sign-out", data=form).status_code == 422
    auditor = visit(desk)
    sign_in(auditor, record, "auditor", name="Au Ditor")
    page = auditor.get("/audit").text
    assert re.search(r"Ad Min</a>.*?Signed out everywhere.*?whom: Lea Lead", page, re.DOTALL | re.IGNORECASE)


def test_the_audit_page_is_read_in_parts_and_by_person(desk, visit, record):
    auditor = visit(desk)
    person = sign_in(auditor, record, "auditor", name="Au Ditor")
    for number in range(60):
        sign_in(visit(desk), record, "lead", name=f"Lead {number}")
    first = auditor.get("/audit")
    older = re.search(r'href="(/audit\?before=\d+)"', first.text)[1]
    assert "Lead 59" in first.text
    assert f"person={quote(person.id)}" not in first.text
    assert f"person={quote(person.id)}" in auditor.get(older).text
    only = auditor.get("/audit", params={"person": person.id}).text
    assert "Au Ditor</a>" in only
    assert "Lead 5" not in only


@pytest.mark.parametrize("before", ["x", "-1", "1e5", "9" * 30, "'; DROP TABLE access_audit; --"])
def test_a_broken_place_in_the_audit_is_said(desk, visit, record, before):
    auditor = visit(desk)
    sign_in(auditor, record, "auditor")
    assert auditor.get("/audit", params={"before": before}).status_code == 400


@pytest.mark.parametrize("incident", ["<script>alert(1)</script>", "%' OR 1=1 --", "x" * 5000, "\x00"])
def test_hostile_references_find_nothing_and_are_escaped(desk, visit, record, incident):
    auditor = visit(desk)
    sign_in(auditor, record, "auditor")
    page = auditor.get("/audit", params={"incident": incident})
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    assert "There is nothing of that yet" in page.text
