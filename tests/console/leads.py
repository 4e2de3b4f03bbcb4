"""People who sign in to the console in tests, each by a link that works once."""

from contextlib import contextmanager
from datetime import UTC, datetime

import httpx

from amends.access import links
from tests.browsing import click
from tests.console.workshop import field
from tests.waiting import LONGEST


def link_for(record, name, roles=("lead",)):
    """The address of a fresh link."""
    with record.begin() as session:
        return f"/sign-in/{links.make(session, roles, datetime.now(UTC), name=name)}"


@contextmanager
def signed_in(desk, record, name, roles=("lead",)):
    """A client that is signed in."""
    with httpx.Client(base_url=desk.url, follow_redirects=True, timeout=LONGEST) as client:
        address = link_for(record, name, roles)
        answer = client.post(address, data={"csrf": field(client.get(address), "csrf")}, follow_redirects=False)
        assert answer.status_code == 303, answer.text
        yield client


def sign_in(page, record, name, roles=("lead",)):
    """Sign in with a browser."""
    page.goto(link_for(record, name, roles))
    click(page.get_by_role("button", name="Sign in"))
    page.wait_for_url(lambda url: "/sign-in" not in url)
