"""What Slack itself says: who the bot is, what it may do, and whether it reaches what the settings name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from amends.ops.checks.api import ask
from amends.ops.checks.finding import fault, off, ok

if TYPE_CHECKING:
    from amends.ops.checks.api import Answer
    from amends.ops.checks.finding import Finding
    from amends.settings import Settings

APP_OF_TOKEN = re.compile(r"xapp-\d+-(A\w+)-")
"""An app token carries the id of its app."""
ROLES = ("legal", "dpo", "security", "safeguarding", "hr", "comms")


def bot(answer: Answer) -> Finding:
    """Whether Slack knows the bot token; `answer` is that of `auth.test`."""
    if answer.error:
        said = f"Slack does not take SLACK_BOT_TOKEN: {answer.error}." if answer.refused else f"Slack: {answer.error}."
        return fault("bot token", said, answer.mend)
    if "bot_id" not in answer.body:
        said = "SLACK_BOT_TOKEN is the token of a person, not of the app."
        return fault("bot token", said, "Copy the one that begins with xoxb-.")
    who, team = answer.body.get("user", "the bot"), answer.body.get("team", "the workspace")
    return ok("bot token", f"Slack knows the bot as {who} in {team}.")


def scopes(answer: Answer, wanted: frozenset[str]) -> Finding:
    """Whether the bot may do all that the manifest asks for."""
    missing = sorted(wanted - answer.scopes)
    if missing:
        return fault(
            "scopes",
            f"The bot may not do all it has to: {', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing.",
            "On the app's page, add them under OAuth & Permissions (or paste manifest.yml under App Manifest), "
            "then Install App, Reinstall.",
        )
    more = sorted(answer.scopes - wanted)
    return ok("scopes", "The bot may do all it has to." + (f" It does not need {', '.join(more)}." if more else ""))


def socket(settings: Settings, bot_id: str) -> Finding:
    """Whether the app token can open a socket. None is opened: a second one would take events away from the desk.

    Args:
        bot_id: of the bot token, to see whether both belong to one app; empty when it is not known.
    """
    if settings.slack_mode != "socket":
        return off("app token", "Slack comes by HTTP, so no socket is needed.")
    answer = ask(settings, "apps.connections.open", app=True)
    if answer.error == "missing_scope":
        mend = "Make a new app-level token with connections:write under Basic Information, and copy it into .env."
        return fault("app token", "SLACK_APP_TOKEN may not open a socket.", mend)
    if answer.error:
        mend = f"{answer.mend} Also see that Socket Mode is on, on the app's page."
        return fault("app token", f"SLACK_APP_TOKEN cannot open a socket: {answer.error}.", mend)
    named = APP_OF_TOKEN.match(settings.slack_app_token.get_secret_value())
    app = ask(settings, "bots.info", bot=bot_id).body.get("bot", {}).get("app_id") if bot_id and named else None
    if app and named and app != named[1]:
        said = f"The tokens belong to two apps: the bot token to {app}, the app token to {named[1]}."
        return fault("app token", said, f"Copy both from the same page: api.slack.com/apps/{app}.")
    return ok("app token", "The app token can open a socket.")


def leads_channel(settings: Settings) -> Finding:
    """Whether the leads' channel is there and the bot is in it."""
    channel = settings.slack_leads_channel
    if not channel:
        return off(
            "leads channel",
            "No cards for comms leads, because SLACK_LEADS_CHANNEL is empty.",
            "Set it to the id of a private channel of your comms leads, and invite the bot there.",
        )
    problem, mend = _channel_problem(settings, channel)
    if problem:
        return fault("leads channel", f"SLACK_LEADS_CHANNEL ({channel}) {problem}.", mend)
    return ok("leads channel", "The bot is in the leads channel.")


def targets(settings: Settings) -> list[Finding]:
    """Whether those who are told by a button can be reached."""
    found = []
    for role in ROLES:
        target = getattr(settings, f"slack_tell_{role}")
        if target and (finding := _target_problem(settings, f"SLACK_TELL_{role.upper()}", target)):
            found.append(finding)
    if found:
        return found
    named = [role for role in ROLES if getattr(settings, f"slack_tell_{role}")]
    if not named:
        return [
            off(
                "to be told",
                "Nobody can be told by a button, because no SLACK_TELL_... names anybody.",
                "Set SLACK_TELL_LEGAL and the like in .env to the id of a person, channel or user group.",
            )
        ]
    return [ok("to be told", f"Those who are told by a button are there: {', '.join(named)}.")]


def leads(settings: Settings) -> Finding:
    """Whether it is known who the comms leads are."""
    group = settings.slack_leads_group
    people = [each.strip() for each in settings.slack_leads.split(",") if each.strip()]
    if not group and not people:
        return off(
            "leads",
            "Nobody is a comms lead, so nobody can take over, override or sign off from Slack.",
            "Set SLACK_LEADS_GROUP to a user group or SLACK_LEADS to user ids in .env.",
        )
    for person in people:
        if problem := _person_problem(settings, person):
            return fault("leads", f"SLACK_LEADS names {person}, who {problem}.", "Correct it in .env.")
    if not group:
        return ok("leads", f"{len(people)} named as comms lead{'' if len(people) == 1 else 's'}.")
    answer = ask(settings, "usergroups.users.list", usergroup=group)
    if answer.error:
        mend = answer.mend if answer.error == "missing_scope" else "Set it to the id of a user group; it begins with S."
        return fault("leads", f"SLACK_LEADS_GROUP ({group}) cannot be read: {answer.error}.", mend)
    members = len(answer.body.get("users", ()))
    if not members and not people:
        return fault("leads", f"SLACK_LEADS_GROUP ({group}) has no members.", "Add the comms leads to it in Slack.")
    return ok("leads", f"The user group of the comms leads has {members} member{'' if members == 1 else 's'}.")


def _target_problem(settings: Settings, name: str, target: str) -> Finding | None:
    if target[0] in "UW":
        problem, mend = _person_problem(settings, target), "Correct it in .env."
    elif target[0] == "S":
        problem, mend = _group_problem(settings, target), "Set it to the id of a user group that has members."
    else:
        problem, mend = _channel_problem(settings, target)
    return fault("to be told", f"{name} ({target}) {problem}.", mend) if problem else None


def _person_problem(settings: Settings, user: str) -> str:
    answer = ask(settings, "users.info", user=user)
    if answer.error:
        return f"cannot be found: {answer.error}"
    person = answer.body.get("user", {})
    if person.get("deleted"):
        return "has left the workspace"
    return "is a bot" if person.get("is_bot") else ""


def _group_problem(settings: Settings, group: str) -> str:
    answer = ask(settings, "usergroups.users.list", usergroup=group)
    if answer.error:
        return f"cannot be read: {answer.error}"
    return "" if answer.body.get("users") else "has no members"


def _channel_problem(settings: Settings, channel: str) -> tuple[str, str]:
    """What is wrong with a channel, and how to mend it; empty when nothing is."""
    answer = ask(settings, "conversations.info", channel=channel)
    invite = "Invite the bot in that channel with /invite, and see that .env has its id (About, at the very end)."
    if answer.error == "channel_not_found":
        return "is not there, or is a private channel without the bot", invite
    if answer.error:
        return f"cannot be read: {answer.error}", answer.mend
    there = answer.body.get("channel", {})
    if there.get("is_archived"):
        return "is archived", "Name another channel in .env."
    if not there.get("is_im") and not there.get("is_member"):
        return "is a channel that the bot is not in", invite
    return "", ""
