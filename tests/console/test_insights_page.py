"""The page of insights: who may see it, what it says, and that everybody can read it."""

import re

import httpx
import pytest
from playwright.sync_api import expect

from amends.access import audit
from tests.browsing import choose, click, fits, press, violations, violations_in_the_dark
from tests.console.leads import sign_in, signed_in
from tests.console.workshop import give_name
from tests.insights.records import Records, answered
from tests.waiting import LONGEST

SERIOUS = {"issue": ["insult"], "harm": "upset", "spread": "few"}


@pytest.fixture
def written(desk, record):  # noqa: ARG001 - the desk publishes the flow
    records = Records(record)
    for number in range(8):
        records.add(done={"take_down": 30 + number}, said=[answered("tragedy", "unsure")])
        records.add(SERIOUS, done={"respond": 90}, override=number < 6)
    for _ in range(2):
        records.add({"personal_data": "sensitive"})
    records.add(SERIOUS, restricted=True)
    records.add(SERIOUS, drill=True)
    records.write_waiting()


@pytest.fixture
def lead(desk, record):
    with signed_in(desk, record, "Grace Hopper") as client:
        yield client


def words(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text)).replace("&#39;", "'")


def test_the_page_shows_what_happened_with_names_for_codes(lead, written):  # noqa: ARG001
    page = lead.get("/insights")
    assert page.status_code == 200
    said = words(page)
    assert "18 incidents." in said, "neither the drill nor the restricted incident"
    assert "P14: A small slip" in said
    assert "Rude or sarcastic to someone" in said
    assert "Until it was taken down" in said
    assert "A comms lead decided otherwise" in said
    assert "A death or disaster near it" in said
    assert '<option value="2"' in page.text
    assert "Secret words" not in said, "no words of anybody"
    assert "A secret title" not in said
    assert "Ada" not in said


def test_small_numbers_are_not_on_the_page_in_words_or_in_pictures(lead, written):  # noqa: ARG001
    page = lead.get("/insights")
    levels = page.text[page.text.index("How serious") : page.text.index("What was wrong</h2>")]
    assert re.findall(r'<td class="number">([^<]*)</td>', levels) == ["not shown", "8", "not shown"]
    assert levels.count('class="bar"') == 1
    assert "Some numbers are not shown" in levels


def test_what_is_chosen_stands_in_words_with_a_way_back(lead, written):  # noqa: ARG001
    page = lead.get("/insights", params={"row": "P11", "channel": "slack", "by": "row"})
    said = words(page)
    assert "8 incidents." in said
    assert "Rule P11: Our post upset people Without this" in said
    assert "Reported in Slack Without this" in said
    assert 'href="/insights?row=P11&amp;by=row"' in page.text
    assert '<option value="P11" selected>' in page.text


def test_a_number_leads_to_the_list_of_its_incidents(lead, written):  # noqa: ARG001
    page = lead.get("/insights", params={"from": "2026-02", "to": "2026-03", "channel": "slack"})
    address = "/all?from=2026-02-01&amp;to=2026-03-31&amp;row=P11&amp;channel=slack"
    assert f'<a href="{address}">P11: Our post upset people</a>' in page.text
    assert lead.get(address.replace("&amp;", "&")).status_code == 200
    narrowed = lead.get("/insights", params={"kind": "insult"})
    assert "/all?" not in narrowed.text, "the list cannot be narrowed to a kind"


def test_a_choice_with_few_incidents_says_so_and_shows_nothing(lead, written):  # noqa: ARG001
    page = lead.get("/insights", params={"row": "P02"})
    assert "fewer than 5 incidents" in words(page)
    assert "<svg" not in page.text
    assert "There are no incidents here yet." in words(lead.get("/insights", params={"row": "P99"}))


def test_a_record_without_incidents(lead):
    assert "There are no incidents here yet." in words(lead.get("/insights"))


@pytest.mark.parametrize(
    "query",
    [
        "level=x",
        "level=99",
        "level=%C2%B2",
        "from=March",
        "from=2026-13",
        "from=0000-01",
        "to=9999-12",
        "from=2026-05&to=2026-04",
        "row=%00",
        "kind=" + "x" * 500,
        "row=<script>alert(1)</script>",
        "span=lunch",
        "by=person",
        "version=../../etc",
    ],
)
def test_an_address_that_makes_no_sense_gets_a_sentence(lead, query):
    page = lead.get(f"/insights?{query}")
    assert page.status_code == 400
    assert "This cannot be shown" in page.text
    assert "<script>alert" not in page.text


def test_what_a_script_would_be_is_text(lead):
    page = lead.get("/insights", params={"kind": "a.b", "channel": "c-d"})
    assert page.status_code == 200


@pytest.mark.parametrize(("roles", "status"), [(("staff",), 403), (("policy_owner",), 403), (("admin",), 403)])
def test_others_are_refused(desk, record, roles, status):
    with signed_in(desk, record, "Somebody Else", roles) as client:
        assert client.get("/insights").status_code == status


def test_an_auditor_sees_what_is_restricted_counted(desk, record, written):  # noqa: ARG001
    with signed_in(desk, record, "Aud Itor", ("auditor",)) as client:
        assert "19 incidents." in words(client.get("/insights"))


def test_who_only_said_a_name_is_refused(desk):
    with httpx.Client(base_url=desk.url, follow_redirects=True, timeout=LONGEST) as client:
        give_name(client)
        assert client.get("/insights").status_code == 403


def test_the_page_is_for_everybody_s_eyes_and_hands(open_page, record, written, screenshot):  # noqa: ARG001
    for width in (320, 1000):
        page = open_page(viewport={"width": width, "height": 900})
        sign_in(page, record, "Grace Hopper")
        page.goto("/insights")
        assert violations(page) == []
        assert violations_in_the_dark(page) == []
        assert fits(page)
    assert page.locator("figure svg[role=img]").count() == page.locator("figure").count()
    for picture in page.locator("figure svg").all():
        title = picture.locator("title").text_content()
        assert page.get_by_role("img", name=title).count() >= 1
    screenshot(page, "insights", full_page=True)


def test_a_choice_is_made_by_keyboard_alone_and_without_javascript(open_page, record, written):  # noqa: ARG001
    page = open_page(java_script_enabled=False)
    sign_in(page, record, "Grace Hopper")
    page.goto("/insights")
    page.get_by_role("combobox", name="Rule that decided").focus()
    choose(page, "P14: A small slip")
    for _ in range(6):
        page.keyboard.press("Tab")
        if page.locator(":focus").evaluate("e => e.textContent.trim()") == "Show":
            break
    press(page, "Enter")
    page.wait_for_url("**row=P14**")
    expect(page.get_by_text("8 incidents.")).to_have_count(1)
    click(page.get_by_role("link", name="Without this"))
    expect(page.get_by_text("18 incidents.")).to_have_count(1)


def test_that_somebody_looked_and_at_what_is_in_the_audit(lead, written, record):  # noqa: ARG001
    lead.get("/insights", params={"level": "2", "by": "row"})
    with record.read() as session:
        looked = [each for each in audit.entries(session) if each.what == audit.What.VIEWED_INSIGHTS]
    assert [(each.name, each.details) for each in looked] == [("Grace Hopper", '{"choice": "level=2&by=row"}')]
