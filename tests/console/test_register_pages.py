"""The lists of comms leads: what they show, to whom, and that everybody can use them."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from amends.access.tables import AuditEntry
from amends.integrity.tables import RecordCheck
from tests.browsing import click, fits, press, violations, violations_in_the_dark
from tests.console.leads import sign_in, signed_in
from tests.console.workshop import field
from tests.register.conftest import Records, decision

SHOUT = "<script>alert('zebra')</script>"


@pytest.fixture
def seven(desk, record):  # noqa: ARG001 - the desk publishes the flow
    """Incidents of the last hours: two need a lead, one is late, one is restricted, one a drill, one closed."""
    records, now = Records(record), datetime.now(UTC)

    def report(text, hours, **how):
        return records.report(text, at=now - timedelta(hours=hours), **how)

    return {
        "serious": report("A picture of a zebra on the main account.", 7, advice=decision(level=3, people=["dpo"])),
        "late": report("An old link.", 6, advice=decision(level=1, deadlines=[("tell_ico", now - timedelta(hours=1))])),
        "calm": report("A typing mistake.", 0, advice=decision(level=0, responses=["make_light"])),
        "hidden": report("A secret zebra.", 3, restricted=True),
        "drill": report("A practice zebra.", 2, drill=True),
        "closed": report(f"{SHOUT} all over it.", 1, state="closed", closed_at=now),
    }


@pytest.fixture
def lead(desk, record):
    with signed_in(desk, record, "Grace Hopper") as client:
        yield client


def listed(page):
    return list(dict.fromkeys(re.findall(r"/incidents/(INC-[0-9-]+)", page.text)))


def words(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))


def test_what_needs_a_lead_is_on_top(lead, seven):
    page = lead.get("/open")
    assert page.status_code == 200
    assert listed(page) == [seven["serious"], seven["late"], seven["calm"]] or listed(page)[:2] == [
        seven["late"],
        seven["serious"],
    ]
    said = words(page)
    assert "3 are open" in said
    assert "Needs you (2)" in said
    assert "nobody leads it" in said
    assert "Deadline: tell ico" in said
    assert "secret" not in said
    assert "practice" not in said


def test_all_incidents_newest_first_without_drills_and_what_is_restricted(lead, seven):
    page = lead.get("/all")
    assert listed(page) == [seven[name] for name in ("calm", "closed", "late", "serious")]
    assert "4 incidents" in words(page)
    assert listed(lead.get("/all?drill=yes")) == [seven["drill"]]
    assert listed(lead.get("/all?sort=serious")) == [seven[name] for name in ("serious", "late", "calm", "closed")]


def test_a_filter_is_said_in_words_and_each_part_can_be_taken_away(lead, seven):
    page = lead.get("/all?level=3&role=dpo&q=zebra&state=open")
    assert listed(page) == [seven["serious"]]
    assert "with the words \u201czebra\u201d" in words(page)
    assert "level 3" in words(page)
    without = re.findall(r'<a href="/all\?([^"]*)">Take away', page.text)
    assert len(without) == 4
    assert all("sort" not in each for each in without)
    assert listed(lead.get("/all?" + without[0].replace("&amp;", "&"))) == [seven["serious"]]
    assert 'name="level" value="3" checked' in page.text


def test_what_was_sought_is_marked_and_what_people_wrote_is_never_markup(lead, seven):
    page = lead.get("/all?q=zebra")
    assert listed(page) == [seven["closed"], seven["serious"]]
    assert page.text.count("<mark>zebra</mark>") == 2
    assert SHOUT not in page.text


def test_a_search_is_in_the_audit_once_for_all_its_pages(lead, seven, record):  # noqa: ARG001
    lead.get("/all?q=zebra&level=3")
    lead.get("/all?level=3")
    with record.read() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.what == "searched")).all()
    assert len(entries) == 1
    assert "q=zebra" in entries[0].details


def test_page_after_page(lead, record, seven):  # noqa: ARG001
    records = Records(record)
    for number in range(30):
        records.report(f"Post {number}", at=datetime.now(UTC))
    first = lead.get("/all?sort=oldest")
    following = re.search(r'rel="next" href="([^"]*)"', first.text)[1].replace("&amp;", "&")
    assert "sort=oldest" in following
    second = lead.get(following)
    assert len(listed(first)) == 25
    assert len(listed(second)) == 9
    assert not set(listed(first)) & set(listed(second))
    assert 'rel="next"' not in second.text


@pytest.mark.parametrize(
    "query",
    [
        "cursor=n.x",
        "cursor=o.12",
        "cursor=n.99999999999999999999999",
        "level=9",
        "state=gone",
        "from=yesterday",
        "to=2026-13-01",
        "drill=perhaps",
        "late=perhaps",
        "sort=loudest",
        "q=" + "x" * 500,
        "&".join(f"clause=C-{n}" for n in range(200)),
        "clause=a%00b",
    ],
)
def test_a_list_that_cannot_be_read_is_a_clear_page(lead, query):
    page = lead.get(f"/all?{query}")
    assert page.status_code == 400
    assert "This list cannot be shown" in page.text
    assert "Traceback" not in page.text


@pytest.mark.parametrize("query", ["q=%22%27*)(", "q=%00", "level=", "unknown=1", "row=%27%20OR%201=1", "q=%ff%fe"])
def test_strange_words_are_only_words(lead, query):
    assert lead.get(f"/all?{query}").status_code in {200, 400}


def test_a_view_is_saved_kept_apart_and_removed(lead, desk, record, seven):
    page = lead.get("/all?level=3&sort=serious")
    form = {"csrf": field(page, "csrf"), "query": "level=3&sort=serious&cursor=n.1&x=1", "name": " Grave  ones "}
    saved = lead.post("/all/views", data=form)
    assert saved.url.query.decode() == "level=3&sort=serious"
    assert listed(saved) == [seven["serious"]]
    assert "Grave ones" in words(saved)
    with signed_in(desk, record, "Ada Lead") as other:
        page = other.get("/all")
        assert "Grave ones" not in page.text
        number = re.search(r'name="view" value="(\d+)"', saved.text)[1]
        other.post("/all/views/remove", data={"csrf": field(page, "csrf"), "view": number})
    assert "Grave ones" in lead.get("/all").text
    gone = lead.post("/all/views/remove", data={"csrf": field(saved, "csrf"), "view": number})
    assert gone.status_code == 200
    assert "Grave ones" not in gone.text


@pytest.mark.parametrize("form", [{"name": ""}, {"name": "x" * 81}, {"name": "a", "query": "level=77"}])
def test_a_view_that_cannot_be_kept_is_refused_in_words(lead, form):
    answer = lead.post("/all/views", data={"csrf": field(lead.get("/all"), "csrf"), "query": "", **form})
    assert answer.status_code == 422
    assert "The view was not saved" in answer.text


def test_a_form_of_another_visit_changes_nothing(lead):
    assert lead.post("/all/views", data={"csrf": "x", "name": "a", "query": ""}).status_code == 403


@pytest.mark.parametrize("address", ["/open", "/all?q=zebra&level=3"])
def test_everybody_can_read_it(open_page, record, seven, address):  # noqa: ARG001
    page = open_page(viewport={"width": 320, "height": 640})
    sign_in(page, record, "Grace Hopper")
    page.goto(address)
    for each in page.query_selector_all("details"):
        each.evaluate("each => each.setAttribute('open', '')")
    assert violations(page) == []
    assert violations_in_the_dark(page) == []
    assert fits(page)


def test_a_lead_finds_an_incident_by_keyboard_alone(open_page, record, seven, screenshot):
    page = open_page(viewport={"width": 1000, "height": 900})
    sign_in(page, record, "Grace Hopper")
    page.goto("/open")
    screenshot(page, "open_incidents", full_page=True)
    page.get_by_role("link", name="All incidents").focus()
    press(page, "Enter")
    page.get_by_label("Search in everything that people wrote").focus()
    page.keyboard.type("zebra")
    page.keyboard.press("Tab")
    press(page, "Enter")
    expect(page.get_by_role("checkbox", name="3").first).to_be_visible()
    page.get_by_role("checkbox", name="3").first.focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Show").focus()
    press(page, "Enter")
    page.wait_for_url(re.compile("level=3"))
    screenshot(page, "all_incidents", full_page=True)
    page.get_by_role("link", name=seven["serious"]).focus()
    press(page, "Enter")
    page.wait_for_url(re.compile(seven["serious"]))


def test_it_works_without_scripts(open_page, record, seven):
    page = open_page(java_script_enabled=False)
    sign_in(page, record, "Grace Hopper")
    page.goto("/all")
    page.get_by_label("Search in everything that people wrote").fill("zebra")
    click(page.get_by_role("button", name="Show"))
    expect(page.get_by_role("link", name=seven["serious"])).to_be_visible()


def test_leads_see_on_their_page_when_the_record_does_not_fit(lead, record):
    assert "Something is wrong with the record" not in lead.get("/open").text
    now = datetime.now(UTC)
    with record.begin() as session:
        said = [{"where": "INC-2026-0001", "entry": 2, "kind": "changed", "sentence": "It was changed <b>since</b>."}]
        ended = {"began_at": now, "ended_at": now, "entries": 5, "number": 5, "seal": "0" * 64}
        session.add(RecordCheck(day="2026-11-29", damage=json.dumps(said), **ended))
    page = lead.get("/open")
    assert "Something is wrong with the record." in words(page)
    assert "It was changed &lt;b&gt;since&lt;/b&gt;." in page.text
    assert "INC-2026-0001" not in page.text
    ready = lead.get("/readyz")
    assert "does not fit any more" in ready.json()["record"]
