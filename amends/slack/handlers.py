"""All that can be done from Slack: importing this declares every handler."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amends.slack import (
    accounts,
    checking,
    files,
    finishing,
    leading,
    modals,
    moving,
    once_more,
    reopening,
    restricting,
    showing,
    starting,
    talking,
    telling,
)
from amends.slack.registry import HANDLERS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from amends.outbox.settling import Then
    from amends.settings import Settings

__all__ = [
    "HANDLERS",
    "accounts",
    "checking",
    "files",
    "finishing",
    "leading",
    "modals",
    "once_more",
    "reopening",
    "restricting",
    "showing",
    "starting",
    "talking",
    "telling",
    "thens",
]


def thens(settings: Settings) -> Mapping[str, Then]:
    """What is recorded when a message was sent or given up, by the names that the outbox knows it by."""
    parts = (telling, moving, accounts, checking)
    return {name: then for part in parts for name, then in part.thens(settings).items()}
