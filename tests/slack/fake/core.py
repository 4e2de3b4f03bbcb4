"""The fake itself: what the parts share, and what they tell each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.slack.fake import payloads
from tests.slack.fake.delivering import Delivering, event_delivery
from tests.slack.fake.errors import SlackError
from tests.slack.fake.faults import Faults
from tests.slack.fake.log import Log
from tests.slack.fake.signed import Signed
from tests.slack.fake.sockets import Sockets
from tests.slack.fake.workspace import BOT_USER, Workspace

if TYPE_CHECKING:
    from tests.slack.fake.permissions import Permissions
    from tests.slack.fake.seen import Message

BOT_TOKEN = "xoxb-1500000000001-2500000000002-fakebottokenfakebottoken"
APP_TOKEN = "xapp-1-A0AMENDS1-3500000000003-fakeapptoken"
SIGNING_SECRET = "fake0signing0secret0fake0signing"


class Limited(Exception):  # noqa: N818 - it reads as what it says
    """429, and how long to wait."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds


class Core:
    def __init__(self, permissions: Permissions) -> None:
        self.permissions = permissions
        self.space = Workspace()
        self.log = Log()
        self.faults = Faults()
        self.sockets = Sockets(self)
        self.signed = Signed(self)
        self.delivering = Delivering(self)
        self.url = ""
        self.transport = "socket"
        self.http_url = ""
        self.signing_secret = SIGNING_SECRET
        self.revoked = ""  # token_revoked, account_inactive
        self.enforce_rates = False  # chat.postMessage: one a second and channel
        self.echo = True  # the app hears its own messages, as in Slack
        self._posted: dict[str, float] = {}

    def need(self, scope: str) -> None:
        if not self.permissions.has(scope):
            raise SlackError("missing_scope", needed=scope, provided=",".join(self.permissions.scopes))

    def hold_rate(self, channel: str) -> None:
        """chat.postMessage: about one a second and channel."""
        now = self.space.clock()
        wait = self._posted.get(channel, 0.0) + 1.0 - now
        if self.enforce_rates and wait > 0:
            raise Limited(max(1.0, wait))
        self._posted[channel] = now

    def parent(self, message: Message) -> Message | None:
        return self.space.messages.get((message.channel, message.thread or ""))

    def forget_choices(self, key: str) -> None:
        for each in [each for each in self.space.chosen if each[1] == key]:
            del self.space.chosen[each]

    def event(self, name: str, event: dict[str, Any], event_id: str | None = None) -> None:
        """Delivers an event, if the app has subscribed to it and may hear it."""
        if self.permissions.hears(name):
            self.delivering.start(event_delivery(payloads.event_callback(event, event_id)))

    def event_if_wanted(self, name: str, event: dict[str, Any]) -> None:
        """An event that comes by itself; without a manifest nobody has asked for it."""
        if self.permissions.manifest is not None:
            self.event(name, event)

    def hears_channel(self, channel: str) -> bool:
        return BOT_USER in self.space.channels[channel].members

    def echo_message(self, message: Message) -> None:
        if self.echo and self.hears_channel(message.channel):
            channel = self.space.channels[message.channel]
            self.event(payloads.event_name(channel), payloads.message_event(message, channel, self.parent(message)))

    def echo_changed(self, message: Message, before: dict[str, Any]) -> None:
        if self.echo and self.hears_channel(message.channel):
            channel = self.space.channels[message.channel]
            event = payloads.changed_event(message, before, channel, self.space.new_ts())
            self.event(payloads.event_name(channel), event)

    def echo_deleted(self, message: Message) -> None:
        if self.echo and self.hears_channel(message.channel):
            channel = self.space.channels[message.channel]
            event = payloads.deleted_event(message, channel, self.space.new_ts())
            self.event(payloads.event_name(channel), event)

    async def stop(self) -> None:
        await self.delivering.stop()
        await self.sockets.stop()
        await self.signed.stop()
