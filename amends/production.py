"""What must not be in production: settings that are fine for trying Amends out, and unsafe for an organisation.

In `AMENDS_MODE=production` every process refuses to start with any of them, and says all of them at once.
"""

from __future__ import annotations

import ipaddress
import os
import stat
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from amends.incidents.keys import Keys, NoKey
from amends.settings import ROOT, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from sqlalchemy.engine import URL

SHORTEST_SECRET = 32
"""Characters; 'make run' makes secrets of 43, which are 256 bits."""
FEWEST_LETTERS = 12
"""Different characters of a secret: a random one of this length has more, a word that is repeated has fewer."""
GUESSED = frozenset({"", "amends", "password", "postgres", "secret", "changeme"})
"""Passwords of a database that stand in every example."""
ENCRYPTED = frozenset({"require", "verify-ca", "verify-full"})
"""What `sslmode` may be for a database on another machine."""
MAKE = "Let it be a long random text: empty it in .env, and 'make run' makes one."
TALKATIVE = ("PYTHONDEVMODE", "PYTHONASYNCIODEBUG")
"""With these Python logs the arguments of what is slow, and those can be what somebody wrote."""


class Unsafe(ValueError):  # noqa: N818 - it reads as what it says
    """Production mode, and settings that are unsafe there. The message has a line for each."""


def check(settings: Settings, environment: Mapping[str, str] | None = None, env_file: Path = ROOT / ".env") -> None:
    """Refuse unsafe settings, if this is production.

    Args:
        environment: variables that are no settings; those of this process, if none are given.
        env_file: the file that holds the secrets; it does not have to be there.

    Raises:
        Unsafe: a line for each.
    """
    if settings.amends_mode == "production":
        _refuse(problems(settings, environment, env_file))


def check_bot(settings: Settings, tracker: str) -> None:
    """Refuse what is unsafe of what a bot is told, if this is production. It is told neither people nor the record.

    Args:
        settings: those of the bot's environment.
        tracker: address of Rasa's tracker store.

    Raises:
        Unsafe: a line for each.
    """
    if settings.amends_mode == "production":
        token = _guessable("BOT_TOKEN", settings.bot_token.get_secret_value())
        _refuse((*token, *_reached("TRACKER_URL", _address(tracker))))


def _refuse(found: Sequence[str]) -> None:
    if found:
        begin = "AMENDS_MODE is production, and this is not safe there:"
        raise Unsafe("\n".join([begin, *(f"- {sentence}" for sentence in found)]))


def problems(
    settings: Settings, environment: Mapping[str, str] | None = None, env_file: Path = ROOT / ".env"
) -> tuple[str, ...]:
    """A sentence for each thing that would be unsafe in production, whatever the mode is."""
    return (
        *_secrets(settings),
        *_people(settings),
        *_addresses(settings),
        *_database(settings),
        *_surroundings(os.environ if environment is None else environment, env_file),
    )


def _secrets(settings: Settings) -> Iterator[str]:
    values = {
        "BOT_TOKEN": settings.bot_token.get_secret_value(),
        "SESSION_SECRET": settings.session_secret.get_secret_value(),
    }
    for name, value in values.items():
        yield from _guessable(name, value)
    if values["BOT_TOKEN"] == values["SESSION_SECRET"] != "":
        yield f"BOT_TOKEN and SESSION_SECRET are the same, so the bot could sign cookies. {MAKE}"
    try:
        Keys.of(settings)
    except NoKey as error:
        yield str(error)


def _guessable(name: str, value: str) -> Iterator[str]:
    if len(value) < SHORTEST_SECRET:
        yield f"{name} has fewer than {SHORTEST_SECRET} characters, so it could be guessed. {MAKE}"
    elif len(set(value)) < FEWEST_LETTERS:
        yield f"{name} repeats a few characters, so it could be guessed. {MAKE}"


def _people(settings: Settings) -> Iterator[str]:
    if not (settings.oidc_on or settings.slack_sign_in_on):
        yield (
            "Nobody has to sign in: whoever reaches the desk can write under any name. Set OIDC_ISSUER and "
            "OIDC_CLIENT_ID, or the three settings of 'Sign in with Slack'; docs/access.md says how."
        )
    if settings.emergency_contact == Settings.model_fields["emergency_contact"].default:
        yield (
            "EMERGENCY_CONTACT names nobody, and it is what people see when everything else fails. Set it to a name "
            "and a number."
        )


def _addresses(settings: Settings) -> Iterator[str]:
    if urlsplit(settings.desk_url).scheme != "https":
        yield (
            f"DESK_URL is {settings.desk_url or 'empty'}, so people would not come by HTTPS, and cookies could be read "
            "on the way. Set it to the https:// address of the proxy that stands before the desk."
        )
    if not is_loopback(settings.desk_host) and not settings.desk_proxy.strip():
        yield (
            f"DESK_HOST is {settings.desk_host}, where others reach the desk without TLS. Set it to 127.0.0.1, or "
            "set DESK_PROXY to the address of the proxy that ends TLS, and let nothing else reach the port."
        )
    if "*" in settings.desk_proxy:
        yield "DESK_PROXY is *, so anybody could say that they come from any address. Name the proxy's own address."
    on = {
        "OIDC_ISSUER": settings.oidc_on and settings.oidc_issuer,
        "SLACK_ISSUER": settings.slack_sign_in_on and settings.slack_issuer,
        "SLACK_API_URL": settings.slack_on and settings.slack_api_url,
    }
    for name, address in on.items():
        if address and urlsplit(address).scheme != "https":
            yield f"{name} is {address}, and what goes there could be read and changed. It has to begin with https://."


def _database(settings: Settings) -> Iterator[str]:
    url = _address(settings.database_url)
    if url is not None and url.get_backend_name() == "sqlite" and settings.slack_connections > 1:
        yield (
            f"SLACK_CONNECTIONS is {settings.slack_connections}, so several desks run, but the record is SQLite, "
            "which is for one. Set DATABASE_URL to a PostgreSQL."
        )
    yield from _reached("DATABASE_URL", url)


def _address(text: str) -> URL | None:
    try:
        return make_url(text)
    except ArgumentError:
        return None


def _reached(name: str, url: URL | None) -> Iterator[str]:
    """What is wrong with how a database is reached."""
    if url is None:
        yield f"{name} cannot be read. Write it such as postgresql+psycopg://NAME:PASSWORD@HOST/DATABASE."
    elif url.get_backend_name() != "sqlite" and not _on_this_machine(url):
        if str(url.query.get("sslmode", "")) not in ENCRYPTED:
            yield (
                f"{name} leads to another machine without TLS, so what is in it could be read on the way. Add "
                "?sslmode=verify-full, or at least ?sslmode=require."
            )
        if str(url.password or "").casefold() in GUESSED | {str(url.username or "").casefold()}:
            yield f"The password in {name} is none, or one that everybody tries first. Give the account another."


def _surroundings(environment: Mapping[str, str], env_file: Path) -> Iterator[str]:
    for name in TALKATIVE:
        if environment.get(name):
            yield f"{name} is set, and with it Python logs what people wrote. Unset it."
    try:
        mode = stat.S_IMODE(env_file.stat().st_mode)
    except OSError:
        return
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield f"Others on this machine can read {env_file}, which holds the secrets. Run 'chmod 600 {env_file}'."


def is_loopback(host: str) -> bool:
    """Whether an address or name leads to this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _on_this_machine(url: URL) -> bool:
    host = str(url.host or url.query.get("host", "") or "")
    return not host or host.startswith(("/", "@")) or is_loopback(host)
