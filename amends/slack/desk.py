"""What a handler works with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from slack_sdk.web.async_client import AsyncWebClient

    from amends.bot import Gateway
    from amends.conversation.shelf import Shelf
    from amends.incidents.database import Database
    from amends.outbox.sender import Sender
    from amends.settings import Settings
    from amends.slack.people import People


@dataclass(frozen=True)
class Desk:
    """What handlers are given.

    Attributes:
        client: for what has to be called at once, such as `views.open`; everything else goes through the outbox.
        team: the workspace.
        bot_user: the app's own user id, as in `<@U0123>`.
        nudge: tells the worker that there is something to do.
    """

    settings: Settings
    database: Database
    gateway: Gateway
    client: AsyncWebClient
    people: People
    sender: Sender
    shelf: Shelf
    team: str
    bot_user: str
    nudge: Callable[[], None]
