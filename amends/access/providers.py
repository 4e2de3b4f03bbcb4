"""Where people sign in: an OpenID Connect provider, Slack, or both. Authlib speaks with them."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.starlette_client import OAuth
from joserfc.errors import JoseError

from amends.access.claims import OIDC, SLACK

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from amends.settings import Settings

logger = logging.getLogger(__name__)

PATIENCE = 10.0
"""Seconds that a provider may take to answer."""
_DISCOVERY = "/.well-known/openid-configuration"


class NotSignedIn(Exception):  # noqa: N818 - it reads as what it says
    """It did not come to a signing in. The message is a sentence for the person; `status` is for HTTP."""

    def __init__(self, sentence: str, status: int = 400) -> None:
        super().__init__(sentence)
        self.status = status


@dataclass(frozen=True)
class Way:
    """One way to sign in: what it is called in addresses, and what its button says."""

    name: str
    label: str


class Providers:
    """The providers that the settings name."""

    def __init__(self, settings: Settings) -> None:
        self._oauth = OAuth()
        self._issuers: dict[str, tuple[str, str]] = {}
        self.ways: tuple[Way, ...] = ()
        if settings.slack_sign_in_on:
            # Slack takes the code with the app's secret; it knows no proof key.
            secret = settings.slack_client_secret.get_secret_value()
            self._add(Way(SLACK, "Slack"), settings.slack_issuer, settings.slack_client_id, secret, {})
        if settings.oidc_on:
            secret = settings.oidc_client_secret.get_secret_value()
            proof = {"code_challenge_method": "S256"}
            self._add(Way(OIDC, settings.oidc_name), settings.oidc_issuer, settings.oidc_client_id, secret, proof)

    def _add(self, way: Way, issuer: str, client_id: str, secret: str, how: Mapping[str, str]) -> None:
        self.ways = (*self.ways, way)
        self._issuers[way.name] = (issuer, client_id)
        self._oauth.register(
            name=way.name,
            server_metadata_url=issuer.rstrip("/") + _DISCOVERY,
            client_id=client_id,
            client_secret=secret or None,
            client_kwargs={"scope": "openid profile email", "timeout": PATIENCE, **how},
        )

    def knows(self, way: str) -> bool:
        """Whether people can sign in this way."""
        return way in self._issuers

    async def send_away(self, request: Request, way: str, back: str) -> Response:
        """To the provider; what is needed when they come back is kept in the signed cookie.

        Raises:
            NotSignedIn: the provider does not answer, or is not the one that was named.
        """
        client = self._oauth.create_client(way)
        try:
            await self._is_the_one(way, client)
            answer: Response = await client.authorize_redirect(request, back)
        except (httpx2.HTTPError, ValueError, AuthlibBaseError, RuntimeError) as error:
            raise _away(error) from error
        return answer

    async def take_back(self, request: Request, way: str) -> Mapping[str, Any]:
        """What the provider says of who comes back from it.

        Raises:
            NotSignedIn: they did not sign in there, or what came back does not fit.
        """
        client, (issuer, client_id) = self._oauth.create_client(way), self._issuers[way]
        try:
            await self._is_the_one(way, client)
            token = await client.authorize_access_token(
                request,
                claims_options={
                    "iss": {"essential": True, "values": [issuer, issuer.rstrip("/")]},
                    "aud": {"essential": True, "value": client_id},
                },
            )
        except httpx2.HTTPError as error:
            raise _away(error) from error
        except (AuthlibBaseError, JoseError, ValueError, RuntimeError, KeyError, TypeError) as error:
            logger.warning("A signing in with %s was refused: %s", way, type(error).__name__)
            raise NotSignedIn("You were not signed in: what came back does not fit. Start again from here.") from error
        claims = token.get("userinfo")
        if not claims:
            raise NotSignedIn("You were not signed in: the provider did not say who you are. Start again from here.")
        return dict(claims)

    async def _is_the_one(self, way: str, client: Any) -> None:
        """Look that the provider calls itself what the settings call it."""
        metadata = await client.load_server_metadata()
        if metadata.get("issuer", "").rstrip("/") != self._issuers[way][0].rstrip("/"):
            raise ValueError("The provider calls itself something else.")


def _away(error: Exception) -> NotSignedIn:
    logger.warning("A provider to sign in with could not be used: %s", type(error).__name__)
    return NotSignedIn("The place to sign in with does not answer as it should. Try again in a moment.", 502)
