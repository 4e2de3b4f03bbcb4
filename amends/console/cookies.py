"""The signed cookie, which says who visits: it holds also when it was signed by a clock that is ahead of ours."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, overload

from itsdangerous import SignatureExpired, TimestampSigner
from starlette.middleware.sessions import SessionMiddleware

if TYPE_CHECKING:
    from starlette.types import ASGIApp

YEAR = 365 * 24 * 60 * 60
"""Seconds."""


class Signer(TimestampSigner):
    """Takes a signature from a time to come for a good one.

    It is ours: a clock was put back, or two desks' clocks are a second apart. Else whoever visits would be somebody new
    from one page to the next, without their conversation.
    """

    @overload
    def unsign(
        self, signed_value: str | bytes, max_age: int | None = None, return_timestamp: Literal[False] = False
    ) -> bytes: ...

    @overload
    def unsign(
        self, signed_value: str | bytes, max_age: int | None = None, return_timestamp: Literal[True] = True
    ) -> tuple[bytes, datetime]: ...

    def unsign(
        self, signed_value: str | bytes, max_age: int | None = None, return_timestamp: bool = False
    ) -> bytes | tuple[bytes, datetime]:
        """The value that was signed.

        Raises:
            BadSignature: it was not signed by us, or longer ago than `max_age` seconds.
        """
        try:
            value, signed_at = super().unsign(signed_value, max_age, return_timestamp=True)
        except SignatureExpired as error:
            if (
                not isinstance(error.payload, bytes)
                or error.date_signed is None
                or error.date_signed <= datetime.now(UTC)
            ):
                raise
            value, signed_at = error.payload, error.date_signed
        return (value, signed_at) if return_timestamp else value


class Sessions(SessionMiddleware):
    """Starlette's sessions, with this signer: they last a year."""

    def __init__(self, app: ASGIApp, secret_key: str, session_cookie: str, *, https_only: bool) -> None:
        super().__init__(app, secret_key, session_cookie, max_age=YEAR, same_site="lax", https_only=https_only)
        self.signer = Signer(secret_key)
