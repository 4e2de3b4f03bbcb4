"""auth, users, user groups, the team, files, and the way to a socket."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.slack.fake import payloads
from tests.slack.fake.errors import SlackError
from tests.slack.fake.methods import method, truth
from tests.slack.fake.workspace import APP, BOT, BOT_USER, DOMAIN, TEAM

if TYPE_CHECKING:
    from tests.slack.fake.core import Core


@method("api.test", "", "error foo")
async def api_test(_slack: Core, args: dict[str, Any]) -> dict[str, Any]:
    if args.get("error"):
        raise SlackError(str(args["error"]))
    return {"args": args}


@method("auth.test")
async def auth_test(_slack: Core, _args: dict[str, Any]) -> dict[str, Any]:
    return {
        "url": f"https://{DOMAIN}.slack.com/",
        "team": "Acme",
        "user": "amends",
        "team_id": TEAM,
        "user_id": BOT_USER,
        "bot_id": BOT,
        "is_enterprise_install": False,
    }


@method("apps.connections.open", scope="connections:write", app_token=True)
async def open_connection(slack: Core, _args: dict[str, Any]) -> dict[str, Any]:
    if slack.permissions.manifest is not None and not slack.permissions.settings.get("socket_mode_enabled"):
        raise SlackError("forbidden_team")  # Socket Mode is not turned on
    return {"url": slack.sockets.new_url()}


@method("users.info", "user", "include_locale", scope="users:read")
async def users_info(slack: Core, args: dict[str, Any]) -> dict[str, Any]:
    user = slack.space.user(str(args["user"]))
    made = payloads.user_object(user)
    if slack.permissions.has("users:read.email") and user.email:
        made["profile"]["email"] = user.email
    if truth(args, "include_locale"):
        made["locale"] = "en-GB"
    return {"user": made}


@method("usergroups.users.list", "usergroup", "include_disabled", scope="usergroups:read")
async def group_members(slack: Core, args: dict[str, Any]) -> dict[str, Any]:
    if str(args["usergroup"]) not in slack.space.groups:
        raise SlackError("no_such_subteam")
    return {"users": list(slack.space.groups[str(args["usergroup"])])}


@method("team.info", "", "team domain", scope="team:read")
async def team_info(_slack: Core, _args: dict[str, Any]) -> dict[str, Any]:
    return {"team": {"id": TEAM, "name": "Acme", "domain": DOMAIN, "email_domain": "", "icon": {}}}


@method("bots.info", "", "bot", scope="users:read")
async def bots_info(_slack: Core, args: dict[str, Any]) -> dict[str, Any]:
    if args.get("bot") != BOT:
        raise SlackError("bot_not_found")
    return {"bot": {"id": BOT, "deleted": False, "name": "Amends", "app_id": APP, "user_id": BOT_USER, "icons": {}}}


@method("files.info", "file", "cursor limit", scope="files:read")
async def files_info(slack: Core, args: dict[str, Any]) -> dict[str, Any]:
    for message in slack.space.messages.values():
        for each in message.files:
            if each["id"] == args["file"]:
                return {"file": each, "comments": []}
    raise SlackError("file_not_found")
