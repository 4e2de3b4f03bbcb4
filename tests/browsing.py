"""What tests in a real browser do with a page: open it, wait until it has settled, press keys, look for what is wrong.

A key, or a look by script, goes to the page that is there in that very moment. So nothing here is done while another
page is on its way, or while this one waits for something that it asked for. What a page says after that is read with
`expect`, which looks again until it is so; and what was drawn anew takes no press before it has settled.
"""

from contextlib import contextmanager

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests import waiting

LONGEST = 1000 * waiting.LONGEST
"""Milliseconds. What comes is seen at once, however busy the machine is."""
STATUS = "the server responded with a status of"
DROPPED = ("htmx:afterRequest, ", "htmx:sendAbort, ")
"""htmx says both of a request that nobody waits for any more: a newer one took its place, or the page was left. Of one
that failed it says something else beside the first."""
AWAITED = ".htmx-request, .htmx-swapping, .htmx-settling"
COLOURS = ("color-contrast", "link-in-text-block")
"""The rules of axe that look at colours, which are all that a dark page changes."""
REACHED = """() => {
    const at = document.activeElement;
    if (!at.matches("a, button, input, select, summary, textarea")) return ["", ""];
    return [at.innerText || "", getComputedStyle(at).outlineStyle];
}"""

expect.set_options(timeout=LONGEST)


@contextmanager
def opening(browser):
    """Opens pages; it ends with a failure when one said something in its console, such as a breach of the CSP."""
    contexts, said = [], []

    def open_page(url, *cookies, **how):
        context = browser.new_context(base_url=url, locale="en-GB", **how)
        context.add_cookies(list(cookies))
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(LONGEST)
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [words for words in said if not words.startswith(DROPPED) and STATUS not in words] == []


def settled(page):
    """Waits until the page is loaded and what it asked for is drawn."""
    page.wait_for_load_state()
    expect(page.locator(AWAITED)).to_have_count(0)


def click(what):
    """Clicks, and waits for what it leads to, be it another page."""
    what.click()
    settled(what.page)


def press(page, key):
    """Presses a key where the focus is, and waits for what it leads to, be it another page."""
    page.locator(":focus").press(key)
    settled(page)


def tab_to(page, label):
    """Presses Tab until the focus is on something that says the label, and can be seen there."""
    settled(page)
    for _ in range(40):
        page.keyboard.press("Tab")
        words, outline = page.evaluate(REACHED)
        if label in words:
            assert outline != "none"
            return
    raise AssertionError(f"{label} cannot be reached with Tab.")


def choose(page, label):
    """Presses the arrow down in the list that has the focus, until it says the label."""
    chosen = page.locator(":focus")
    for _ in range(chosen.locator("option").count()):
        if chosen.evaluate("list => list.selectedOptions[0].label") == label:
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"{label} cannot be chosen.")


def violations(page, **options):
    """What axe finds; `options` are its own, such as the rules to look at."""
    settled(page)
    found = Axe().run(page, options={"resultTypes": ["violations"], **options}).response["violations"]
    return [f"{each['id']}: {node['html'][:200]}" for each in found for node in each["nodes"]]


def violations_in_the_dark(page):
    """What axe finds in the colours of a dark page. It is light again afterwards."""
    page.emulate_media(color_scheme="dark")
    found = violations(page, runOnly=list(COLOURS))
    page.emulate_media(color_scheme="light")
    return found


def fits(page):
    """Whether nothing stands outside of the page on its right."""
    settled(page)
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
