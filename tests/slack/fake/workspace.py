"""The workspace: people, channels, messages, views, triggers and response addresses."""

from __future__ import annotations

import itertools
import secrets
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.slack.fake.elements import named
from tests.slack.fake.errors import SlackError

if TYPE_CHECKING:
    from tests.slack.fake.seen import File, Message, View

TEAM = "T0AMENDS1"
DOMAIN = "acme"
APP = "A0AMENDS1"
BOT = "B0AMENDS1"
BOT_USER = "U0AMENDS1"
CLIENT = "1500000000001"


@dataclass
class User:
    id: str
    name: str
    real_name: str
    tz: str
    guest: bool = False
    bot: bool = False
    deleted: bool = False
    email: str = ""
    home_of: str | None = None  # a stranger's own team


@dataclass
class Channel:
    id: str
    name: str
    kind: str  # channel, group, im, mpim
    members: list[str] = field(default_factory=list)
    archived: bool = False


@dataclass
class Trigger:
    user: str
    at: float
    view: str | None = None
    used: bool = False


@dataclass
class Response:
    """A response address: where it came from, and how often it was used."""

    user: str
    channel: str
    at: float
    message: Message | None = None
    used: int = 0


class Workspace:
    """The state of the fake; everything happens in the server's own thread."""

    def __init__(self) -> None:
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.groups: dict[str, list[str]] = {}
        self.handles: dict[str, str] = {}  # of the groups
        self.messages: dict[tuple[str, str], Message] = {}
        self.views: dict[str, View] = {}
        self.stacks: dict[str, list[str]] = {}
        self.homes: dict[str, View] = {}
        self.files: dict[str, File] = {}
        self.triggers: dict[str, Trigger] = {}
        self.responses: dict[str, Response] = {}
        self.chosen: dict[tuple[str, str], dict[str, Any]] = {}  # (user, message or view) -> state.values
        self.clock = time.time
        self.trigger_life = 3.0
        self.response_life = 1800.0
        self._count = itertools.count(1)
        self._last = 0
        self.users[BOT_USER] = User(BOT_USER, "amends", "Amends", "America/Los_Angeles", bot=True)

    def new_id(self, letter: str) -> str:
        return f"{letter}{next(self._count):03d}{secrets.token_hex(3).upper()}"

    def new_ts(self) -> str:
        """Message times never repeat and never go back."""
        self._last = max(self._last + 1, int(self.clock() * 1_000_000))
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"

    def user(self, user: str) -> User:
        if user not in self.users:
            raise SlackError("user_not_found")
        return self.users[user]

    def channel(self, channel: str) -> Channel:
        """A conversation that the app can see; others do not exist for it."""
        there = self.channels.get(channel)
        if there is None or (there.kind != "channel" and BOT_USER not in there.members):
            raise SlackError("channel_not_found")
        return there

    def direct(self, *users: str) -> Channel:
        """The direct message between the app and these people."""
        members = [BOT_USER, *users]
        for channel in self.channels.values():
            if channel.kind in {"im", "mpim"} and sorted(channel.members) == sorted(members):
                return channel
        kind, letter = ("im", "D") if len(users) == 1 else ("mpim", "G")
        channel = Channel(self.new_id(letter), "directmessage" if kind == "im" else "mpdm", kind, members)
        self.channels[channel.id] = channel
        return channel

    def message(self, channel: str, ts: str) -> Message:
        there = self.messages.get((channel, ts))
        if there is None or there.deleted or there.only_for:
            raise SlackError("message_not_found")
        return there

    def put(self, message: Message) -> Message:
        named(message.blocks)
        self.messages[message.channel, message.ts] = message
        return message

    def in_channel(self, channel: str, thread: str | None = None) -> list[Message]:
        """What stands in a channel or thread, oldest first."""
        found = [
            each
            for each in self.messages.values()
            if each.channel == channel and not each.deleted and not each.only_for
            if thread is None or thread in {each.ts, each.thread}
        ]
        return sorted(found, key=lambda each: tuple(map(int, each.ts.split("."))))

    def new_trigger(self, user: str, view: str | None = None) -> str:
        trigger = f"{secrets.randbelow(10**12)}.{CLIENT}.{secrets.token_hex(16)}"
        self.triggers[trigger] = Trigger(user, self.clock(), view)
        return trigger

    def use_trigger(self, trigger: str) -> Trigger:
        """Exchanges a trigger: once, within three seconds."""
        there = self.triggers.get(trigger)
        if there is None:
            raise SlackError("invalid_trigger_id")
        if there.used:
            raise SlackError("exchanged_trigger_id")
        if self.clock() - there.at > self.trigger_life:
            raise SlackError("expired_trigger_id")
        there.used = True
        return there

    def new_response(self, user: str, channel: str, message: Message | None = None) -> str:
        key = f"{TEAM}/{secrets.randbelow(10**12)}/{secrets.token_hex(12)}"
        self.responses[key] = Response(user, channel, self.clock(), message)
        return key
