"""What people do in Slack, and what they see there."""

from __future__ import annotations

import copy
import secrets
from typing import TYPE_CHECKING, Any

from tests.slack.fake import payloads
from tests.slack.fake.seen import File, Message, NotPossible, View
from tests.slack.fake.workspace import BOT_USER, DOMAIN, Channel, User

if TYPE_CHECKING:
    from tests.slack.fake.core import Core


class Acting:
    """Everything here runs in the server's thread; the driver calls it from tests."""

    def __init__(self, slack: Core) -> None:
        self.slack = slack
        self.space = slack.space

    # -- the workspace

    async def add_user(self, name: str, id: str | None = None, **about: Any) -> str:  # noqa: A002 - Slack's word
        key = id or self.space.new_id("U")
        handle = name.casefold().replace(" ", ".")
        about = {"tz": "Europe/London", "email": f"{handle}@example.org"} | about
        self.space.users[key] = User(key, handle, name, **about)
        return key

    async def change_user(self, user: str, **about: Any) -> None:
        there = self.space.users[user]
        for key, value in about.items():
            setattr(there, key, value)
        event = {"type": "user_change", "user": payloads.user_object(there), "cache_ts": 1, "event_ts": "1.0"}
        self.slack.event_if_wanted("user_change", event)

    async def add_channel(self, name: str, members: Any = (), *, private: bool = False, app: bool = True) -> str:
        """A channel with these people, and the app unless told otherwise."""
        key = self.space.new_id("C")
        there = [*members, BOT_USER] if app else list(members)
        self.space.channels[key] = Channel(key, name, "group" if private else "channel", there)
        return key

    async def archive(self, channel: str) -> None:
        self.space.channels[channel].archived = True

    async def add_group(self, handle: str, members: Any = (), id: str | None = None) -> str:  # noqa: A002
        key = id or self.space.new_id("S")
        self.space.groups[key] = list(members)
        self.space.handles[key] = handle
        return key

    async def change_group(self, group: str, members: Any) -> None:
        self.space.groups[group] = list(members)

    async def dm(self, user: str) -> str:
        return self.space.direct(user).id

    async def joins(self, user: str, channel: str) -> None:
        there = self.space.channels[channel]
        there.members.append(user)
        event = {"type": "member_joined_channel", "user": user, "channel": channel, "channel_type": channel[0]}
        if self.slack.hears_channel(channel):
            self.slack.event_if_wanted("member_joined_channel", event | {"team": "", "event_ts": self.space.new_ts()})

    async def leaves(self, user: str, channel: str) -> None:
        self.space.channels[channel].members.remove(user)

    def person(self, user: str) -> User:
        there = self.space.users.get(user)
        if there is None or there.deleted:
            raise NotPossible(f"{user} is not there or deactivated.")
        return there

    def place(self, user: str, channel: str, *, write: bool = False) -> Channel:
        """The channel, if this person is in it."""
        if channel == "dm":
            channel = self.space.direct(user).id
        there = self.space.channels.get(channel)
        if there is None or user not in there.members:
            raise NotPossible(f"{user} is not in {channel}.")
        if write and there.archived:
            raise NotPossible(f"{channel} is archived.")
        return there

    # -- messages

    async def says(
        self,
        user: str,
        channel: str,
        text: str,
        thread: str | None = None,
        files: Any = (),
        subtype: str | None = None,
    ) -> str:
        """A message; the app hears of it when it is there, and of the mention when it is mentioned."""
        person, place = self.person(user), self.place(user, channel, write=True)
        if place.kind == "im" and not self.slack.permissions.direct_messages:
            raise NotPossible("The app's messages tab is read only.")
        if thread is not None and (place.id, thread) not in self.space.messages:
            raise NotPossible(f"There is no message {thread} to answer.")
        kept = payloads.typed(text)
        message = Message(place.id, self.space.new_ts(), user, kept, payloads.rich_text(text), thread)
        message.client_msg_id = secrets.token_hex(16)
        message.files = [self._share(user, each) for each in files]
        if person.bot:
            message.blocks = []
        self.space.put(message)
        self._tell(message, place, subtype)
        return message.ts

    def _tell(self, message: Message, place: Channel, subtype: str | None) -> None:
        if not self.slack.hears_channel(place.id):
            return
        parent = self.slack.parent(message)
        event = payloads.message_event(message, place, parent)
        person = self.space.users[message.user]
        if person.bot:
            event["bot_id"] = "B0OTHER001"
        if person.home_of:
            event |= {"team": person.home_of, "user_team": person.home_of, "source_team": person.home_of}
        if subtype:
            event["subtype"] = subtype
        self.slack.event(payloads.event_name(place), event)
        if f"<@{BOT_USER}>" in message.text and place.kind != "im":
            self.slack.event("app_mention", payloads.mention_event(message, parent))

    def _share(self, user: str, given: Any) -> dict[str, Any]:
        file = given if isinstance(given, File) else File(*given)
        key = self.space.new_id("F")
        self.space.files[key] = file
        url = f"{self.slack.url}/files-pri/{key}"
        made = {
            "id": key,
            "created": 1_700_000_000,
            "timestamp": 1_700_000_000,
            "name": file.name,
            "title": file.name,
            "mimetype": file.mimetype,
            "filetype": file.name.rpartition(".")[2],
            "pretty_type": file.name.rpartition(".")[2].upper(),
            "user": user,
            "user_team": "T0AMENDS1",
            "editable": False,
            "size": len(file.content),
            "mode": "hosted",
            "is_external": False,
            "external_type": "",
            "is_public": False,
            "public_url_shared": False,
            "display_as_bot": False,
            "username": "",
            "url_private": f"{url}/{file.name}",
            "url_private_download": f"{url}/download/{file.name}",
            "permalink": f"https://{DOMAIN}.slack.com/files/{user}/{key}/{file.name}",
            "has_rich_preview": False,
            "file_access": "visible",
        }
        return made | file.extra

    async def mentions(self, user: str, channel: str, text: str, thread: str | None = None) -> str:
        there = text if f"<@{BOT_USER}>" in text else f"<@{BOT_USER}> {text}"
        return await self.says(user, channel, there, thread)

    async def edits(self, user: str, channel: str, ts: str, text: str) -> None:
        place = self.place(user, channel, write=True)
        message = self._own(user, place, ts)
        before = payloads.message_object(message)
        message.text, message.edited = payloads.typed(text), self.space.new_ts()
        message.blocks = payloads.rich_text(text)
        if self.slack.hears_channel(place.id):
            event = payloads.changed_event(message, before, place, self.space.new_ts())
            self.slack.event(payloads.event_name(place), event)

    async def deletes(self, user: str, channel: str, ts: str) -> None:
        place = self.place(user, channel, write=True)
        message = self._own(user, place, ts)
        message.deleted = True
        if self.slack.hears_channel(place.id):
            self.slack.event(payloads.event_name(place), payloads.deleted_event(message, place, self.space.new_ts()))

    def _own(self, user: str, place: Channel, ts: str) -> Message:
        message = self.space.messages.get((place.id, ts))
        if message is None or message.deleted or message.user != user:
            raise NotPossible(f"{ts} is no message of {user}.")
        return message

    async def opens_home(self, user: str, tab: str = "home") -> None:
        person = self.person(user)
        if not self.slack.permissions.home:
            raise NotPossible("The app has no Home tab.")
        channel = self.space.direct(user)
        event = payloads.home_opened(person, channel, self.space.homes.get(user), self.space.new_ts(), tab)
        self.slack.event("app_home_opened", event)

    async def event(self, name: str, event: dict[str, Any], event_id: str | None = None) -> None:
        """Any other event, under the name by which the manifest subscribes to it."""
        self.slack.event(name, event, event_id)

    # -- what can be seen

    async def messages(self, channel: str, thread: str | None = None) -> list[Message]:
        return copy.deepcopy(self.space.in_channel(channel, thread))

    async def ephemerals(self, user: str, channel: str | None = None) -> list[Message]:
        found = [
            each
            for each in self.space.messages.values()
            if each.only_for == user and not each.deleted and channel in {None, each.channel}
        ]
        return copy.deepcopy(found)

    async def message(self, channel: str, ts: str) -> Message | None:
        there = self.space.messages.get((channel, ts))
        return copy.deepcopy(there) if there is not None and not there.deleted else None

    async def view_of(self, user: str) -> View | None:
        stack = self.space.stacks.get(user, [])
        return copy.deepcopy(self.space.views[stack[-1]]) if stack else None

    async def stack_of(self, user: str) -> list[View]:
        return [copy.deepcopy(self.space.views[each]) for each in self.space.stacks.get(user, [])]

    async def home_of(self, user: str) -> View | None:
        return copy.deepcopy(self.space.homes.get(user))
