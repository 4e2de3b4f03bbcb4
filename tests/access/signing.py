"""Signs somebody in for a test, as a link does: a session in the record and its secret in the cookie."""

from amends.access.links import person_id
from amends.access.people import SignedIn, with_staff
from amends.access.sessions import Sessions
from tests.console.fake_bot import settings_for


def session_for(database, *roles, name="Lea Lead", id=None):  # noqa: A002
    """The person, and the secret of their cookie `amends-in`."""
    person = SignedIn(id or person_id(name), name, with_staff(roles))
    return person, Sessions(database, settings_for(5005, "sqlite://")).begin(person, "link")


def sign_in(client, database, *roles, name="Lea Lead", id=None):  # noqa: A002
    """Sign the httpx client in with these roles; returns the person. Without roles: staff."""
    person, secret = session_for(database, *roles, name=name, id=id)
    client.cookies.set("amends-in", secret)
    return person


def cookie_for(database, url, *roles, name="Lea Lead", id=None):  # noqa: A002
    """The cookie for a browser's context: `context.add_cookies([cookie_for(...)])`."""
    _, secret = session_for(database, *roles, name=name, id=id)
    return {"name": "amends-in", "value": secret, "url": url}
