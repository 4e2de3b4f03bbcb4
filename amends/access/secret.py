"""Secrets that are shown once: what the record keeps is only their hash."""

from __future__ import annotations

import hashlib
import secrets


def new_secret() -> str:
    """A secret that cannot be guessed: 256 bits, safe in an address."""
    return secrets.token_urlsafe(32)


def hash_of(secret: str) -> str:
    """What the record keeps of it. A secret of 256 bits needs no salt and no slow hash."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
