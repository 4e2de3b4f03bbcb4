"""What the app may do and hear, from its manifest; without one it may do everything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

MANIFEST = Path(__file__).resolve().parents[3] / "manifest.yml"

EVENT_SCOPES = {
    "app_mention": "app_mentions:read",
    "message.channels": "channels:history",
    "message.groups": "groups:history",
    "message.im": "im:history",
    "message.mpim": "mpim:history",
    "member_joined_channel": "channels:read",
    "member_left_channel": "channels:read",
    "file_shared": "files:read",
    "user_change": "users:read",
    "team_join": "users:read",
    "subteam_members_changed": "usergroups:read",
    "subteam_updated": "usergroups:read",
}
"""The scope an event needs; events that are not here need none."""

KINDS = {"channel": "channels", "group": "groups", "im": "im", "mpim": "mpim"}
"""What scopes call each kind of conversation."""


class Permissions:
    """The manifest as it was when the app was installed."""

    def __init__(self, manifest: dict[str, Any] | None) -> None:
        self.manifest = manifest
        self.settings = (manifest or {}).get("settings", {})
        self.features = (manifest or {}).get("features", {})
        self.scopes: list[str] = (manifest or {}).get("oauth_config", {}).get("scopes", {}).get("bot", [])

    @classmethod
    def read(cls, path: Path = MANIFEST) -> Permissions:
        return cls(yaml.safe_load(path.read_text(encoding="utf-8")) if path.is_file() else None)

    def has(self, scope: str) -> bool:
        return self.manifest is None or not scope or scope in self.scopes

    def hears(self, event: str) -> bool:
        """Whether an event of this name (`message.im`, `app_mention`) is delivered."""
        subscribed = self.settings.get("event_subscriptions", {}).get("bot_events", [])
        return self.manifest is None or (event in subscribed and self.has(EVENT_SCOPES.get(event, "")))

    @property
    def interactive(self) -> bool:
        return self.manifest is None or bool(self.settings.get("interactivity", {}).get("is_enabled"))

    @property
    def home(self) -> bool:
        return self.manifest is None or bool(self.features.get("app_home", {}).get("home_tab_enabled"))

    @property
    def direct_messages(self) -> bool:
        """Whether people may write to the app."""
        home = self.features.get("app_home", {})
        return self.manifest is None or bool(
            home.get("messages_tab_enabled") and not home.get("messages_tab_read_only_enabled", True)
        )

    def has_command(self, command: str) -> bool:
        commands = [each["command"] for each in self.features.get("slash_commands", [])]
        return self.manifest is None or (command in commands and self.has("commands"))

    def has_shortcut(self, callback_id: str, kind: str) -> bool:
        """Whether there is a shortcut of this kind: message or global."""
        there = [(each["callback_id"], each["type"]) for each in self.features.get("shortcuts", [])]
        return self.manifest is None or ((callback_id, kind) in there and self.has("commands"))

    def escapes(self, command: str) -> bool:
        """Whether Slack writes users and channels as `<@U..>` in a command's text."""
        commands = self.features.get("slash_commands", [])
        return any(each.get("should_escape") for each in commands if each["command"] == command)
