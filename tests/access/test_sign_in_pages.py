"""Each page of signing in at 320 pixels, at 200 %, with larger text, and by keyboard alone; axe finds nothing."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.access.conftest import with_oidc, with_slack
from tests.access.test_browser import open_at  # noqa: F401 - a fixture
from tests.access.test_links import make
from tests.browsing import click, fits, press, tab_to, violations, violations_in_the_dark
from tests.console.conftest import browser  # noqa: F401 - a fixture

YESTERDAY = timedelta(days=1)
SIZES = {"200 %": (640, 400), "200 % of half a screen": (320, 250), "320 pixels": (320, 568)}
"""A browser that zooms 1280 pixels to 200 % lays the page out in 640, at two device pixels each."""
OUTSIDE = """() => [...document.querySelectorAll("h1, p, a, button, input, label, code, li")].filter(each => {
    const box = each.getBoundingClientRect(), style = getComputedStyle(each);
    const cut = style.overflowX === "hidden" && each.scrollWidth > each.clientWidth + 1;
    return !each.matches(".skip, [type=hidden]") && (box.left < 0 || box.right > innerWidth + 1 || cut);
}).map(each => each.outerHTML.slice(0, 100))"""


class Place:
    """A desk with two ways to sign in, and the pages that people can come to."""

    def __init__(self, start, provider, slack, record):
        ways = {**with_oidc(provider), **with_slack(slack)}
        self._start, self._provider, self._slack, self._record = start, provider, slack, record
        self.desk = start(provider, slack, **ways)

    def link(self, **how):
        return f"{self.desk.url}/sign-in/{make(self._record, 'lead', 'policy_owner', 'admin', **how)}"

    def ways(self, page):
        page.goto(f"{self.desk.url}/incidents")
        return "Sign in with your work account"

    def no_ways(self, page):
        page.goto(f"{self._start().url}/sign-in")
        return "Staff need not sign in"

    def asks_for_a_name(self, page):
        page.goto(self.link(name=""))
        return "It stands in the record."

    def says_that_the_name_is_missing(self, page):
        page.goto(self.link(name=""))
        page.get_by_label("Your name").fill("  ")
        click(page.get_by_role("button", name="Sign in"))
        return "Say who you are"

    def names_somebody(self, page):
        page.goto(self.link(name="Wilhelmina-Alexandrina Featherstonehaugh-Cholmondeley of the Northern Office"))
        return "Sign in as Wilhelmina-Alexandrina"

    def expired(self, page):
        page.goto(self.link(at=datetime.now(UTC) - YESTERDAY))
        return "it is too old"

    def refused(self, page):
        self._provider.denies = True
        page.goto(f"{self.desk.url}/sign-in/with/oidc")
        return "You were not signed in"

    def of_another_workspace(self, page):
        self._slack.claims["https://slack.com/team_id"] = "T2"
        page.goto(f"{self.desk.url}/sign-in/with/slack")
        return "another Slack workspace"

    def provider_is_away(self, page):
        self._provider.down = True
        page.goto(f"{self.desk.url}/sign-in/with/oidc")
        return "You were not signed in"

    def form_of_another_visit(self, page):
        page.goto(self.link())
        page.context.clear_cookies()
        click(page.get_by_role("button", name="Sign in"))
        return "This form was drawn for another visit"

    def too_many_tries(self, page):
        narrow = self._start(sign_ins_a_minute=1)
        for _ in range(2):
            page.goto(f"{narrow.url}/sign-in/guess")
        return "Not so fast"

    def signed_out(self, page):
        page.goto(f"{self.desk.url}/sign-in/with/oidc")
        click(page.get_by_role("button", name="Sign out"))
        page.wait_for_url("**/sign-in")
        return "Sign in with Slack"


def arrive(place, page, name):
    """Come to a page, and see what it says."""
    expect(page.get_by_text(getattr(place, name)(page)).first).to_be_visible()


PAGES = [name for name in vars(Place) if not name.startswith("_") and name != "link"]
ENDS = ["expired", "refused", "of_another_workspace", "provider_is_away", "form_of_another_visit"]


@pytest.fixture
def place(desk_with, provider, slack, record):
    return Place(desk_with, provider, slack, record)


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_cut_and_nothing_is_out_of_reach(place, open_at, name):  # noqa: F811
    page = open_at(place.desk, viewport={"width": 640, "height": 400}, device_scale_factor=2)
    arrive(place, page, name)
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        assert violations(page) == []
        assert fits(page)
        assert page.evaluate(OUTSIDE) == [], size
    assert violations_in_the_dark(page) == []
    page.set_viewport_size({"width": 640, "height": 400})
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert fits(page)
    assert page.evaluate(OUTSIDE) == [], "text twice as large"


@pytest.mark.parametrize("name", ENDS)
def test_from_where_nobody_is_signed_in_a_key_leads_back(place, open_at, name):  # noqa: F811
    page = open_at(place.desk)
    arrive(place, page, name)
    tab_to(page, "To the signing in")
    press(page, "Enter")
    page.wait_for_url("**/sign-in")
    expect(page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()


def test_who_tried_too_often_is_told_how_long_to_wait_and_gets_away_by_keyboard(place, open_at):  # noqa: F811
    page = open_at(place.desk)
    place.too_many_tries(page)
    expect(page.get_by_text(re.compile(r"Wait \d+ seconds?, then try again"))).to_be_visible()
    tab_to(page, "Back to the")
    press(page, "Enter")
    expect(page.get_by_label("What happened?")).to_be_visible()


def skip_to_the_name(page):
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    press(page, "Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_label("Your name")).to_be_focused()


def test_a_link_is_used_with_keys_alone_and_one_signs_out_with_them(place, open_at):  # noqa: F811
    page = open_at(place.desk, viewport={"width": 320, "height": 568})
    page.goto(place.link(name=""))
    skip_to_the_name(page)
    page.keyboard.type("   ")
    press(page, "Enter")
    expect(page.get_by_role("alert")).to_have_text("Say who you are: your name stands in the record.")
    expect(page).to_have_title(re.compile("^Please look again"))
    page.keyboard.press("Tab")  # the content was skipped to, and the browser goes on from there
    expect(page.get_by_label("Your name")).to_be_focused()
    page.keyboard.type("Lea Lead")
    tab_to(page, "Sign in")
    press(page, "Enter")
    expect(page.get_by_text("You are Lea Lead")).to_be_visible()
    tab_to(page, "Sign out")
    press(page, "Enter")
    page.wait_for_url("**/sign-in")


@pytest.mark.parametrize("way", ["your work account", "Slack"])
def test_a_way_is_taken_with_keys_alone_to_the_page_that_was_asked_for(place, open_at, way):  # noqa: F811
    page = open_at(place.desk)
    page.goto(f"{place.desk.url}/incidents")
    tab_to(page, f"Sign in with {way}")
    press(page, "Enter")
    expect(page.get_by_text("You are Ada Okafor")).to_be_visible()
    expect(page).to_have_url(f"{place.desk.url}/incidents")
    tab_to(page, "Ada Okafor")
    press(page, "Enter")
    expect(page.get_by_role("heading", name="You are Ada Okafor")).to_be_visible()
    tab_to(page, "Sign out everywhere")
    press(page, "Enter")
    page.wait_for_url("**/sign-in")
