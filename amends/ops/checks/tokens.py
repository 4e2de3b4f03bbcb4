"""Whether Slack is on, and whether the tokens are what they should be, by their looks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from amends.ops.checks.finding import fault, off, ok, warning

if TYPE_CHECKING:
    from amends.ops.checks.finding import Finding
    from amends.settings import Settings

WHERE = {
    "SLACK_BOT_TOKEN": "OAuth & Permissions, Bot User OAuth Token",
    "SLACK_APP_TOKEN": "Basic Information, App-Level Tokens, with the scope connections:write",
    "SLACK_SIGNING_SECRET": "Basic Information, App Credentials, Signing Secret",
}
"""Where on the app's page each is found."""
KINDS = {
    "xoxb-": "a bot token",
    "xapp-": "an app token",
    "xoxp-": "a user token",
    "xoxe": "a token that expires",
}
SIGNING_SECRET = re.compile(r"[0-9a-f]{32}")


def switched_on(settings: Settings) -> Finding:
    """Whether Slack is on; if not, what is missing."""
    wanted = _wanted(settings)
    missing = [name for name, value in wanted.items() if not value]
    how = "Socket Mode" if settings.slack_mode == "socket" else "HTTP"
    if not missing:
        return ok("slack", f"Slack is on, by {how}.")
    if not any(_all(settings).values()):
        return off(
            "slack",
            "Slack is off.",
            f"To turn it on, follow 'Slack, in ten minutes' in README.md and set {' and '.join(wanted)} in .env.",
        )
    first = missing[0]
    return fault(
        "slack",
        f"Slack is off, because {first} is empty and SLACK_MODE is {settings.slack_mode}.",
        f"Copy it into .env from the app's page: {WHERE[first]}.",
    )


def shapes(settings: Settings) -> list[Finding]:
    """Whether each token looks like one of its kind. Tokens themselves are never shown."""
    bot, app = settings.slack_bot_token.get_secret_value(), settings.slack_app_token.get_secret_value()
    if bot.startswith("xapp-") and app.startswith("xoxb-"):
        said = "SLACK_BOT_TOKEN and SLACK_APP_TOKEN are swapped."
        return [fault("tokens", said, "Swap them in .env: the bot token begins with xoxb-, the app token with xapp-.")]
    problems = [
        fault("tokens", f"{name} {reason}.", f"Copy it again from the app's page: {WHERE[name]}.")
        for name, value in _all(settings).items()
        if value and (reason := _odd(name, value))
    ]
    secret = settings.slack_signing_secret.get_secret_value()
    if secret and not problems and not SIGNING_SECRET.fullmatch(secret):
        said = "SLACK_SIGNING_SECRET does not look like one: they are 32 of 0-9 and a-f."
        return [warning("tokens", said, f"See that it is the one on the app's page: {WHERE['SLACK_SIGNING_SECRET']}.")]
    return problems or [ok("tokens", "The tokens look as they should.")]


def _odd(name: str, value: str) -> str:
    if value != value.strip() or any(letter.isspace() for letter in value):
        return "has a space in it"
    kind = next((word for prefix, word in KINDS.items() if value.startswith(prefix)), "")
    if name == "SLACK_SIGNING_SECRET":
        return f"is {kind}, not the signing secret" if kind else ""
    prefix = "xoxb-" if name == "SLACK_BOT_TOKEN" else "xapp-"
    if value.startswith(prefix):
        return ""
    return f"is {kind}, and should begin with {prefix}" if kind else f"does not begin with {prefix}"


def _wanted(settings: Settings) -> dict[str, str]:
    other = "SLACK_APP_TOKEN" if settings.slack_mode == "socket" else "SLACK_SIGNING_SECRET"
    return {name: value for name, value in _all(settings).items() if name in {"SLACK_BOT_TOKEN", other}}


def _all(settings: Settings) -> dict[str, str]:
    return {
        "SLACK_BOT_TOKEN": settings.slack_bot_token.get_secret_value(),
        "SLACK_APP_TOKEN": settings.slack_app_token.get_secret_value(),
        "SLACK_SIGNING_SECRET": settings.slack_signing_secret.get_secret_value(),
    }
