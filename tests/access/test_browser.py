"""Signing in and out in a real browser: by keyboard, at 320 pixels, without script; axe finds nothing."""

import re

import pytest
from playwright.sync_api import expect

from amends.access import links
from tests.access.conftest import with_oidc
from tests.access.signing import cookie_for
from tests.access.test_links import make
from tests.browsing import click, fits, opening, press, violations, violations_in_the_dark
from tests.console.conftest import browser, screenshot  # noqa: F401 - fixtures


@pytest.fixture
def open_at(browser):  # noqa: F811
    """Opens pages of a desk; a test fails when a page says something in its console."""
    with opening(browser) as opened:
        yield lambda desk, *cookies, **how: opened(desk.url, *cookies, **how)


def test_a_link_is_used_by_keyboard_on_a_small_screen_without_script(desk_with, record, open_at, screenshot):  # noqa: F811
    page = open_at(desk_with(), viewport={"width": 320, "height": 600}, java_script_enabled=False)
    page.goto(f"/sign-in/{make(record, name='')}")
    screenshot(page, "sign-in-link-phone")
    page.get_by_label("Your name").focus()
    page.keyboard.type("Lea Lead")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Sign in")).to_be_focused()
    press(page, "Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)
    expect(page.get_by_text("You are Lea Lead")).to_be_visible()


def test_somebody_signs_in_with_a_provider_and_out_everywhere(desk_with, provider, open_at, screenshot):  # noqa: F811
    provider.claims |= {"groups": ["leads"]}
    page = open_at(desk_with(provider, **with_oidc(provider, role_lead="leads")))
    page.goto("/incidents")
    expect(page.get_by_role("heading", name="Sign in")).to_have_count(1)
    assert violations(page) == []
    screenshot(page, "sign-in")
    click(page.get_by_role("link", name="Sign in with your work account"))
    click(page.get_by_role("link", name="Ada Okafor"))
    expect(page.get_by_role("heading", name="You are Ada Okafor")).to_be_visible()
    assert violations(page) == []
    screenshot(page, "signed-in")
    click(page.get_by_role("button", name="Sign out everywhere"))
    page.wait_for_url("**/sign-in")
    page.goto("/incidents")
    expect(page).to_have_url(re.compile(r"/sign-in\?to=/incidents$"))


@pytest.mark.parametrize("width", [320, 1280])
def test_the_pages_have_no_violations_and_fit(desk_with, record, open_at, width):
    desk = desk_with(sign_ins_a_minute=1000)
    how = {"viewport": {"width": width, "height": 800}}
    page = open_at(desk, cookie_for(record, desk.url, "admin", "auditor", name="Ad Min"), **how)
    for path in ("/me", "/people", "/audit", "/audit?incident=INC-2026-0001"):
        page.goto(path)
        assert violations(page) == []
        assert violations_in_the_dark(page) == []
        assert fits(page)
    page.goto("/people")
    page.get_by_label("Name").fill("Lin Osei")
    page.get_by_label("What they will be").select_option("auditor")
    click(page.get_by_role("button", name="Make the link"))
    expect(page.get_by_text("lets Lin Osei in as auditor")).to_be_visible()
    assert violations(page) == []
    assert violations_in_the_dark(page) == []
    assert fits(page)
    nobody = open_at(desk, **how)
    for path in ("/sign-in", f"/sign-in/{make(record, name='')}", "/sign-in/used-up", "/all"):
        nobody.goto(path)
        assert violations(nobody) == []
        assert violations_in_the_dark(nobody) == []
        assert fits(nobody)
    assert links.person_id("Ad Min") in page.content()


def test_pictures_of_the_audit_and_of_people(desk_with, record, open_at, screenshot):  # noqa: F811
    desk = desk_with()
    page = open_at(desk, cookie_for(record, desk.url, "admin", "auditor", name="Ada Okafor"))
    cookie_for(record, desk.url, "lead", name="Lin Osei")
    page.goto("/audit")
    screenshot(page, "audit")
    page.goto("/people")
    screenshot(page, "people")
    expect(page.get_by_role("button", name="Sign Lin Osei out everywhere")).to_have_count(1)
