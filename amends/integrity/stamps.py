"""Time stamps (RFC 3161): an authority outside signs that an end of the record was there at a time.

What is stamped is the SHA-256 of the text `NUMBER:SEAL`. The authority learns nothing else.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
from cryptography.x509 import load_pem_x509_certificates
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

if TYPE_CHECKING:
    from amends.incidents.seals import Head
    from amends.settings import Settings

SECONDS = 20
MOST_APART = timedelta(hours=1)
"""So far the stamp's time may lie from the time on its line."""


class NoStamp(Exception):  # noqa: N818 - it reads as what it says
    """There is no stamp, or it cannot be checked. The message is a sentence."""


@dataclass(frozen=True)
class Stamps:
    """An authority, and the file with the certificates that its stamps are checked with."""

    url: str
    certificates: str

    @classmethod
    def of(cls, settings: Settings) -> Stamps | None:
        """The authority that the settings name, if any."""
        if not (settings.timestamp_url or settings.timestamp_certificates):
            return None
        return cls(settings.timestamp_url, settings.timestamp_certificates)

    def ask(self, head: Head) -> str:
        """A stamp for an end of the record, as text.

        Raises:
            NoStamp: the authority gave none, or one that does not check.
        """
        asked = TimestampRequestBuilder().hash_algorithm(HashAlgorithm.SHA256)
        request = asked.data(_stamped(head.number, head.seal)).build()
        headers = {"Content-Type": "application/timestamp-query"}
        try:
            answer = httpx.post(self.url, content=request.as_bytes(), headers=headers, timeout=SECONDS)
            answer.raise_for_status()
            decode_timestamp_response(answer.content)
        except (httpx.HTTPError, ValueError) as error:
            raise NoStamp(f"The time stamp authority gave no stamp ({type(error).__name__}).") from error
        self._verify(answer.content, head.number, head.seal, request.nonce)
        return base64.b64encode(answer.content).decode()

    def problem(self, at: str, number: int, seal: str, stamp: object) -> str:
        """What is wrong with the stamp of a line of the anchor file; nothing when it is right."""
        try:
            made = self._verify(base64.b64decode(str(stamp), validate=True), number, seal)
            apart = abs(made - datetime.fromisoformat(at))
        except (NoStamp, binascii.Error, ValueError, TypeError) as error:
            return str(error) if isinstance(error, NoStamp) else "Its time stamp cannot be read."
        return "Its time stamp is of another time." if apart > MOST_APART else ""

    def _verify(self, response: bytes, number: int, seal: str, nonce: int | None = None) -> datetime:
        """When a stamp was made."""
        try:
            certificates = load_pem_x509_certificates(Path(self.certificates).read_bytes())
        except (OSError, ValueError) as error:
            raise NoStamp("The file that TIMESTAMP_CERTIFICATES names cannot be read.") from error
        roots = [each for each in certificates if each.issuer == each.subject]
        others = [each for each in certificates if each.issuer != each.subject]
        try:
            stamp = decode_timestamp_response(response)
            verifier = VerifierBuilder(roots=roots, intermediates=others, nonce=nonce).build()
            verifier.verify_message(stamp, _stamped(number, seal))
        except (VerificationError, ValueError) as error:
            raise NoStamp("Its time stamp was not made for it, or not by this authority.") from error
        return stamp.tst_info.gen_time


def _stamped(number: int, seal: str) -> bytes:
    return f"{number}:{seal}".encode()
