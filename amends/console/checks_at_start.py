"""What must be right before the desk may start: secrets, who can reach it, and where people sign in."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from amends import production

if TYPE_CHECKING:
    from amends.settings import Settings


class SettingsError(ValueError):
    """A setting with which the desk must not start. The message says what to set."""


def check_secrets(settings: Settings) -> None:
    """Refuse to start without the secrets, or with half of what signing in needs: it would be open to everybody.

    Raises:
        SettingsError: something is missing, or is not safe in production.
    """
    try:
        production.check(settings)
    except production.Unsafe as error:
        raise SettingsError(str(error)) from error
    for name in ("bot_token", "session_secret"):
        if not getattr(settings, name).get_secret_value():
            raise SettingsError(f"{name.upper()} is empty. Set it in .env to a long random text; 'make run' does so.")
    _all_or_none(
        {"OIDC_ISSUER": settings.oidc_issuer, "OIDC_CLIENT_ID": settings.oidc_client_id},
        {"OIDC_CLIENT_SECRET": settings.oidc_client_secret.get_secret_value()},
    )
    _all_or_none(
        {
            "SLACK_CLIENT_ID": settings.slack_client_id,
            "SLACK_CLIENT_SECRET": settings.slack_client_secret.get_secret_value(),
            "SLACK_TEAM": settings.slack_team,
        },
        {},
    )
    for name, address in (("OIDC_ISSUER", settings.oidc_issuer), ("DESK_URL", settings.desk_url)):
        _check_address(name, address)


def check_host(settings: Settings) -> None:
    """Refuse to listen where others can come in, unless they have to sign in.

    Raises:
        SettingsError: the host is not loopback, and nobody signs in or DESK_URL does not say how people come.
    """
    host = settings.desk_host
    if production.is_loopback(host):
        return
    if not (settings.oidc_on or settings.slack_sign_in_on):
        raise SettingsError(
            f"DESK_HOST is {host}, but nobody has to sign in here: whoever reaches the desk could write into the "
            "record under any name. Set OIDC_ISSUER and OIDC_CLIENT_ID so that people sign in, or leave DESK_HOST at "
            "127.0.0.1, and put a proxy that asks for a login before it."
        )
    if not settings.desk_url:
        raise SettingsError(f"DESK_HOST is {host}. Set DESK_URL to the address by which people reach the desk.")


def _all_or_none(needed: dict[str, str], more: dict[str, str]) -> None:
    given = {name for name, value in (needed | more).items() if value}
    missing = sorted(set(needed) - given)
    if given and missing:
        raise SettingsError(f"{min(given)} is set, so people sign in, but {' and '.join(missing)} is empty.")


def _check_address(name: str, address: str) -> None:
    if not address:
        return
    parts = urlsplit(address)
    fine = parts.hostname and (
        parts.scheme == "https" or (parts.scheme == "http" and production.is_loopback(parts.hostname))
    )
    if not fine:
        raise SettingsError(f"{name} is {address}. It has to begin with https://, or lead to this machine.")
