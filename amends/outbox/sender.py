"""Sends what waits in the outbox."""

from __future__ import annotations

from amends.outbox.wire import Wire, WireError

__all__ = ["Wire", "WireError"]
