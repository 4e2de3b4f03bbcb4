"""The register of accounts in a real browser: a lead takes a leaver's key back, an owner confirms on a phone."""

from datetime import UTC, datetime, timedelta

from playwright.sync_api import expect

from amends.access.links import person_id
from tests.browsing import click, fits
from tests.console.leads import sign_in
from tests.console.test_accounts_pages import due, take

PHONE = {"viewport": {"width": 390, "height": 844}}


def fill(record):
    today = datetime.now(UTC).date()
    checked = today - timedelta(days=40)
    ada = f"Ada Lovelace <{person_id('Ada Lovelace')}>"
    take(
        record,
        "platform,handle,called,owner,deputy,keys,two_factor,last_checked\n"
        f"X,exampleuni,main account,{ada},Bo Diaz <UBO00001>,{ada}; Bo Diaz,yes,{checked}\n"
        f"Instagram,exampleuni,,{ada},Bo Diaz,{ada}; Cleo Park <UCLEO001>,no,\n"
        "Facebook,University Library,library page,Cleo Park,,Cleo Park,,\n",
    )
    take(record, f"name,left_on\nCleo Park,{today}\n")


def test_a_lead_takes_the_key_of_a_leaver_back(open_page, record, screenshot):
    fill(record)
    page = open_page(viewport={"width": 900, "height": 1000})
    sign_in(page, record, "Grace Hopper")
    page.goto("/accounts")
    expect(page.get_by_role("heading", name="Keys of people who have left")).to_be_visible()
    screenshot(page, "accounts", full_page=True)
    of_instagram = page.get_by_role("listitem").filter(has_text="@exampleuni on Instagram")
    click(of_instagram.get_by_role("button", name="The key is taken back"))
    expect(page.get_by_role("status")).to_have_text("That key is set down as taken back.")
    expect(page.get_by_role("button", name="The key is taken back")).to_have_count(1)


def test_every_page_of_the_register_fits_a_phone(open_page, record):
    fill(record)
    page = open_page(**PHONE)
    sign_in(page, record, "Grace Hopper")
    for path in ("", "/1", "/add", "/import", "/people", "/history", "/mine"):
        page.goto(f"/accounts{path}")
        assert fits(page), path


def test_an_owner_confirms_on_a_phone_with_one_tap(open_page, record, screenshot):
    fill(record)
    due(record)
    page = open_page(**PHONE)
    sign_in(page, record, "Ada Lovelace", ["staff"])
    page.goto("/incidents")
    click(page.get_by_role("link", name="See to them"))
    expect(page.get_by_role("heading", name="My accounts")).to_be_visible()
    screenshot(page, "my-accounts", full_page=True)
    click(page.get_by_role("button", name="All still right"))
    expect(page.get_by_role("status")).to_have_text("Confirmed. Thank you.")
    page.goto("/incidents")
    expect(page.get_by_role("link", name="See to them")).to_have_count(0)
