"""How people, conversations and deliveries of Slack are named in the record."""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST_KEY = 120
"""As a message's key in the record."""

_id = re.compile(r"[A-Za-z0-9._-]{1,20}")


def is_id(text: str) -> bool:
    """Whether a text can be an id or time stamp of Slack, such as `U1` or `1700000000.000100`.

    It is no longer than the columns of the record in which ids of Slack stand.
    """
    return _id.fullmatch(text) is not None


def participant(team: str, user: str) -> str:
    """The id of a person: `slack:TEAM:USER`."""
    return f"slack:{team}:{user}"


def user_of(participant_id: str) -> str:
    """The Slack user id in a participant's id; empty when somebody came another way."""
    parts = participant_id.split(":")
    return parts[2] if len(parts) == 3 and parts[0] == "slack" else ""


def conversation(team: str, channel: str, thread: str | None = None) -> str:
    """The id of a conversation: a direct message, or a thread of a channel."""
    return f"slack:{team}:{channel}:{thread}" if thread else f"slack:{team}:{channel}"


@dataclass(frozen=True)
class Where:
    """Where in Slack a conversation takes place. `thread` is None in a direct message."""

    team: str
    channel: str
    thread: str | None

    @property
    def conversation_id(self) -> str:
        """The id of the conversation that takes place here."""
        return conversation(self.team, self.channel, self.thread)


def where(conversation_id: str) -> Where | None:
    """Where a conversation takes place, as its id says; None when it is not in Slack."""
    parts = conversation_id.split(":")
    if parts[0] != "slack" or len(parts) not in {3, 4} or not all(map(is_id, parts)):
        return None
    return Where(parts[1], parts[2], parts[3] if len(parts) == 4 else None)


def is_direct(channel: str) -> bool:
    """Whether a channel is a direct message with the app."""
    return channel.startswith("D")


def event_key(event_id: str) -> str:
    """Names an event."""
    return f"event:{event_id}"[:LONGEST_KEY]


def message_key(channel: str, ts: str) -> str:
    """Names a message; its `message` and its `app_mention` event are one."""
    return f"message:{channel}:{ts}"[:LONGEST_KEY]


def press_key(trigger: str) -> str:
    """Names a press."""
    return f"press:{trigger}"[:LONGEST_KEY]


def command_key(trigger: str) -> str:
    """Names a slash command."""
    return f"command:{trigger}"[:LONGEST_KEY]


def shortcut_key(trigger: str) -> str:
    """Names a shortcut."""
    return f"shortcut:{trigger}"[:LONGEST_KEY]


def submission_key(view_id: str, hash_: str) -> str:
    """Names a modal that was sent."""
    return f"submission:{view_id}:{hash_}"[:LONGEST_KEY]


def file_key(channel: str, ts: str, file_id: str) -> str:
    """Names a file that came with a message."""
    return f"file:{channel}:{ts}:{file_id}"[:LONGEST_KEY]
