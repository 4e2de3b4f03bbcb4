"""Slack's Web API as the doctor asks it: one answer for each question, never an exception."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx

from amends.slack.clients import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from amends.settings import Settings

PATIENCE = 10
"""Seconds until Slack counts as not reached."""
UNREACHED = "it cannot be reached"
BROKEN = "what came back is no answer of Slack's"
LIMITED = "ratelimited"
SILENT = frozenset({UNREACHED, BROKEN, LIMITED})


MENDS = {
    UNREACHED: "See that this machine reaches Slack: the network, a proxy (HTTPS_PROXY), and SLACK_API_URL.",
    "invalid_auth": "Copy the token again from the app's page (api.slack.com/apps).",
    "not_authed": "Copy the token again from the app's page (api.slack.com/apps).",
    "not_allowed_token_type": "Copy the token again: SLACK_BOT_TOKEN takes xoxb-..., SLACK_APP_TOKEN takes xapp-....",
    "token_revoked": "Install the app again (Install App on the app's page), and copy the new token.",
    "token_expired": "Install the app again (Install App on the app's page), and copy the new token.",
    "account_inactive": "Install the app again (Install App on the app's page), and copy the new token.",
    LIMITED: "Try again in a minute.",
    BROKEN: "Look at slack-status.com, and whether something on the way to Slack answers in its place.",
}


@dataclass(frozen=True)
class Answer:
    """What Slack said. `error` is empty when it did what was asked."""

    error: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def refused(self) -> bool:
        """Whether it was Slack that said no, and not something on the way to it."""
        return bool(self.error) and self.error not in SILENT

    @property
    def date(self) -> datetime | None:
        """What time it was there."""
        try:
            return parsedate_to_datetime(self.headers["date"])
        except (KeyError, ValueError):
            return None

    @property
    def scopes(self) -> frozenset[str]:
        """What the token may do."""
        return frozenset(each.strip() for each in self.headers.get("x-oauth-scopes", "").split(",")) - {""}

    @property
    def mend(self) -> str:
        """What to do about the error."""
        if self.error == "missing_scope":
            return f"Add the scope {self.body.get('needed', '')} on the app's page, and install the app again."
        return MENDS.get(self.error, "Look the word up at api.slack.com/methods, and try again.")


def ask(settings: Settings, method: str, *, app: bool = False, **arguments: str) -> Answer:
    """Call one method.

    Args:
        method: such as `auth.test`.
        app: with the app token instead of the bot token.
    """
    token = settings.slack_app_token if app else settings.slack_bot_token
    url = f"{settings.slack_api_url.rstrip('/')}/{method}"
    try:
        answer = httpx.post(
            url,
            data=arguments,
            headers={"Authorization": f"Bearer {token.get_secret_value()}"},
            timeout=PATIENCE,
            trust_env=urlsplit(url).hostname not in LOOPBACK,
        )
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError):
        return Answer(UNREACHED)
    return _read(answer)


def _read(answer: httpx.Response) -> Answer:
    headers = {name.lower(): value for name, value in answer.headers.items()}
    try:
        body = answer.json()
    except ValueError:
        return Answer(BROKEN, {}, headers)
    if not isinstance(body, dict) or "ok" not in body:
        return Answer(BROKEN, {}, headers)
    return Answer("" if body["ok"] else str(body.get("error") or BROKEN), body, headers)
