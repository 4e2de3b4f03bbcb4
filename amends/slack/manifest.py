"""The app's manifest: what Slack is told about the app, made from the handlers and the methods that are called.

`manifest.yml` is what this makes. What a handler needs besides its id (a name, a description, the event that brings
it) and which scope a method needs is said here; a handler about which nothing is said is an error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from amends.slack.handlers import HANDLERS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from amends.slack.registry import Entry

NAME = "Amends"
DESCRIPTION = "What to do in the first ten minutes after a post has gone wrong."
LONG_DESCRIPTION = (
    "Somebody has posted something they should not have. Tell Amends what happened, in your own words. It says what "
    "to do first, whom to tell and by when, and which rule of your organisation's own policy says so. It asks only "
    "what can still change the advice, and writes every step down with its time. It advises; a named person decides "
    "and acts. It publishes nothing, and it is not legal advice."
)
PATH = "/slack/events"
"""Where the desk takes what Slack sends by HTTP."""


class Command(NamedTuple):
    """What people see of a slash command."""

    description: str
    usage_hint: str


class Shortcut(NamedTuple):
    """What people see of a shortcut. `type` is `message` (on a message) or `global` (anywhere)."""

    name: str
    type: str
    description: str


COMMANDS = {
    "/amends": Command(
        "Get help with a post that went wrong", "[what happened] | help | status | policy TEXT | check TEXT | practise"
    ),
}
SHORTCUTS = {
    "check_this": Shortcut("Check this draft", "message", "See what could go wrong with this text before it is posted"),
    "triage_this": Shortcut("Triage this", "message", "Get help with what this message says or shows"),
    "report": Shortcut("Report a post", "global", "Get help with a post that went wrong"),
}
EVENTS: dict[tuple[str, str], tuple[str, ...]] = {
    ("message", "message"): ("message.channels", "message.groups", "message.im", "message.mpim"),
    ("message", "mention"): ("app_mention",),
    ("file", "file"): ("message.channels", "message.groups", "message.im", "message.mpim"),
    ("home", "home"): ("app_home_opened",),
}
"""The events that bring something to a handler: its kind and id."""
EVENT_SCOPES = {
    "app_home_opened": (),
    "app_mention": ("app_mentions:read",),
    "message.channels": ("channels:history",),
    "message.groups": ("groups:history",),
    "message.im": ("im:history",),
    "message.mpim": ("mpim:history",),
}
COMMAND_SCOPE = "commands"
"""For slash commands and shortcuts."""

_HISTORY = ("channels:history", "groups:history", "im:history", "mpim:history")
_READ = ("channels:read", "groups:read", "im:read", "mpim:read")
METHODS: dict[str, tuple[str, ...]] = {
    "auth.test": (),
    "bots.info": ("users:read",),
    "chat.delete": ("chat:write",),
    "chat.getPermalink": (),
    "chat.postEphemeral": ("chat:write",),
    "chat.postMessage": ("chat:write",),
    "chat.update": ("chat:write",),
    "conversations.history": _HISTORY,
    "conversations.info": _READ,
    "conversations.open": ("im:write",),
    "conversations.replies": _HISTORY,
    "files.info": ("files:read",),
    "usergroups.users.list": ("usergroups:read",),
    "users.info": ("users:read",),
    "views.open": (),
    "views.publish": (),
    "views.push": (),
    "views.update": (),
}
"""The methods that are called with the bot token, and the scopes each needs."""
DOWNLOAD_SCOPE = "files:read"
"""For the content of a file that somebody sent, at its `url_private`."""
APP_METHODS = {"apps.connections.open": ("connections:write",)}
"""The methods that are called with the app-level token. Its scopes stand in no manifest."""


class Unsaid(ValueError):  # noqa: N818 - it reads as what it says
    """A handler about which nothing is said here, so that Slack would never send what it handles."""


def scopes() -> frozenset[str]:
    """What the bot has to be allowed."""
    wanted = {scope for event in _events(HANDLERS.entries()) for scope in EVENT_SCOPES[event]}
    wanted |= {scope for needed in METHODS.values() for scope in needed}
    kinds = {entry.kind for entry in HANDLERS.entries()}
    if kinds & {"command", "shortcut"}:
        wanted.add(COMMAND_SCOPE)
    if "file" in kinds:
        wanted.add(DOWNLOAD_SCOPE)
    return frozenset(wanted)


def manifest(url: str | None = None) -> dict[str, Any]:
    """The manifest as Slack takes it.

    Args:
        url: the desk's public address, for HTTP; None: Socket Mode.

    Raises:
        Unsaid: see there.
    """
    request = {} if url is None else {"url": url.rstrip("/") + PATH}
    request_url = {} if url is None else {"request_url": url.rstrip("/") + PATH}
    return {
        "display_information": {
            "name": NAME,
            "description": DESCRIPTION,
            "long_description": LONG_DESCRIPTION,
        },
        "features": {
            "app_home": {
                "home_tab_enabled": any(entry.kind == "home" for entry in HANDLERS.entries()),
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": NAME, "always_online": True},
            "shortcuts": [_shortcut(id_) for id_ in _ids("shortcut")],
            "slash_commands": [{**_command(id_), **request} for id_ in _ids("command")],
        },
        "oauth_config": {"scopes": {"bot": sorted(scopes())}},
        "settings": {
            "event_subscriptions": {**request_url, "bot_events": sorted(_events(HANDLERS.entries()))},
            "interactivity": {"is_enabled": True, **request_url},
            "org_deploy_enabled": False,
            "socket_mode_enabled": url is None,
            "token_rotation_enabled": False,
        },
    }


def manifest_yaml(url: str | None = None) -> str:
    """The manifest as text: the same code gives the same text."""
    body = yaml.safe_dump(manifest(url), sort_keys=False, allow_unicode=True, width=110)
    return f"# Made by 'amends slack manifest --write' from the code. Change the code, not this file.\n{body}"


def _ids(kind: str) -> list[str]:
    return sorted(entry.id for entry in HANDLERS.entries() if entry.kind == kind)


def _events(entries: Iterable[Entry]) -> set[str]:
    found: set[str] = set()
    for entry in entries:
        if entry.kind in {"message", "file", "home"}:
            if (entry.kind, entry.id) not in EVENTS:
                raise Unsaid(f"Which event brings {entry.kind} {entry.id} is not said in amends/slack/manifest.py.")
            found.update(EVENTS[entry.kind, entry.id])
    return found


def _shortcut(id_: str) -> dict[str, str]:
    if id_ not in SHORTCUTS:
        raise Unsaid(f"The name of the shortcut {id_} is not said in amends/slack/manifest.py.")
    said = SHORTCUTS[id_]
    return {"name": said.name, "type": said.type, "callback_id": id_, "description": said.description}


def _command(id_: str) -> dict[str, Any]:
    if id_ not in COMMANDS:
        raise Unsaid(f"The description of the command {id_} is not said in amends/slack/manifest.py.")
    said = COMMANDS[id_]
    return {
        "command": id_,
        "description": said.description,
        "usage_hint": said.usage_hint,
        "should_escape": False,
    }
