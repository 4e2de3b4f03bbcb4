"""A desk that really runs, a fake bot behind it, and a real browser before it."""

import asyncio
import os
import shutil
import threading
import time
from functools import partial
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import sync_playwright

from amends.console.app import create_app
from amends.incidents.database import Database
from tests.browsing import opening, settled
from tests.console.fake_bot import running_bot, settings_for
from tests.console.leads import signed_in
from tests.console.triage import Triage
from tests.console.whole import whole_incident
from tests.waiting import LONGEST

SCREENSHOTS = Path(__file__).resolve().parents[2] / "docs" / "screenshots"


class Desk:
    """The desk on a free port, in a thread of its own. However slow a machine is, it waits for an answer."""

    def __init__(self, settings, port=0):
        self.app = create_app(settings, catch_up_every=0.1, limit=LONGEST)
        self._server = uvicorn.Server(uvicorn.Config(self.app, port=port, log_level="warning"))
        self._thread = threading.Thread(target=lambda: asyncio.run(self._server.serve()), daemon=True)

    def start(self):
        self._thread.start()
        end = time.monotonic() + LONGEST
        while not self._server.started:
            assert self._thread.is_alive(), "The desk did not start."
            assert time.monotonic() < end, "The desk is not ready yet."
            time.sleep(0.01)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"

    def stop(self):
        self._server.should_exit = True
        self._thread.join(LONGEST)
        assert not self._thread.is_alive(), "The desk did not stop."


@pytest.fixture
def bot():
    with running_bot() as bot:
        bot.answer = Triage()
        yield bot


@pytest.fixture
def database_url(published_sqlite, tmp_path):
    """A record as a desk leaves it at its first start, so that not every test waits for one."""
    shutil.copy(published_sqlite, tmp_path / "record.db")
    return f"sqlite:///{tmp_path / 'record.db'}"


@pytest.fixture
def record(database_url):
    database = Database(database_url)
    yield database
    database.dispose()


@pytest.fixture
def desk(bot, database_url):
    desk = Desk(settings_for(bot.port, database_url))
    desk.start()
    yield desk
    desk.stop()


@pytest.fixture(scope="module")
def browser():
    # Not for the session: while Playwright is open, no other test in this thread can run an event loop.
    path = shutil.which("chromium")
    if path is None:
        pytest.fail("The browser tests need Debian's chromium. Install it: apt-get install chromium.", pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser, desk):
    """Opens pages of the desk; a test fails when one says something in its console."""
    with opening(browser) as opened:
        yield partial(opened, desk.url)


@pytest.fixture
def screenshot():
    """Writes a picture of a page for the documentation, when it is missing or SCREENSHOTS=1 asks for new ones."""

    def take(what, name, **how):
        path = SCREENSHOTS / f"{name}.png"
        if os.environ.get("SCREENSHOTS") or not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            settled(getattr(what, "page", what))
            # Hiding the caret would put a style into the page, which its policy refuses.
            what.screenshot(path=path, caret="initial", **how)

    return take


@pytest.fixture
def incident(desk, record):  # noqa: ARG001 - the desk has migrated the record
    return whole_incident(record)


@pytest.fixture
def grace(desk, record):
    with signed_in(desk, record, "Grace Hopper") as client:
        yield client


@pytest.fixture
def lin(desk, record):
    with signed_in(desk, record, "Lin Wu") as client:
        yield client
