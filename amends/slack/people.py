"""Who somebody is in Slack: name, time zone, and what they may do. Asked of Slack, kept for a while."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from slack_sdk.errors import SlackApiError

from amends.incidents.threads import in_thread
from amends.outbox.tables import SlackUser
from amends.slack import ids
from amends.slack.clients import NOT_REACHED, reason_of, slack_error

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from slack_sdk.web.async_client import AsyncWebClient

    from amends.incidents.database import Database
    from amends.settings import Settings

logger = logging.getLogger(__name__)

FRESH = timedelta(minutes=15)
"""How long what Slack said of somebody, or of a group, is taken for true without asking again."""
STALE = timedelta(hours=24)
"""How long it is still taken for true while Slack does not answer."""
SLACKBOT = "USLACKBOT"
NOBODY = frozenset({"user_not_found", "user_not_visible", "users_not_found"})
"""Slack's words for somebody whom the app cannot see: of another organisation."""


class SlackAway(Exception):  # noqa: N818 - it reads as what it says
    """Slack does not answer, so it cannot be said who somebody is."""


@dataclass(frozen=True)
class Person:
    """Somebody in Slack.

    Attributes:
        user, team: ids of Slack.
        role: staff, lead, guest; bot, gone (deactivated) or stranger (of another organisation) may do nothing.
    """

    user: str
    team: str
    name: str
    zone: ZoneInfo
    role: str

    @property
    def id(self) -> str:
        """The participant's id in the record."""
        return ids.participant(self.team, self.user)

    @property
    def lead(self) -> bool:
        """Whether this is a comms lead."""
        return self.role == "lead"


class People:
    """Looks people up.

    Args:
        team: the app's workspace.
        now: the clock, for tests.
    """

    def __init__(
        self,
        database: Database,
        client: AsyncWebClient,
        settings: Settings,
        team: str,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._database = database
        self._client = client
        self._settings = settings
        self._team = team
        self._now = now
        self._known: dict[str, SlackUser] = {}
        self._asking: dict[str, asyncio.Lock] = {}
        self._forgotten: set[str] = set()
        self._named = frozenset(each.strip() for each in settings.slack_leads.split(",")) - {""}
        self._group: frozenset[str] = frozenset()
        self._group_at: datetime | None = None
        self._group_tried: datetime | None = None
        self._group_may_be_old = False

    async def get(self, user: str) -> Person:
        """Who this is.

        Raises:
            SlackAway: it has to be asked, and Slack does not answer.
            RecordUnavailable: the record does not.
        """
        async with self._asking.setdefault(user, asyncio.Lock()):
            known = await self._look_up(user)
        return Person(user, self._team, known.name, self._zone(known.zone), await self._role(known))

    async def leads(self) -> frozenset[str]:
        """The user ids of the comms leads."""
        return self._named | await self._members()

    def forget(self, user: str) -> None:
        """Ask Slack again when this person does something next: what they are may have changed."""
        self._forgotten.add(user)
        self._group_may_be_old = True

    async def _look_up(self, user: str) -> SlackUser:
        known = self._known.get(user)
        if known is None:
            known = await in_thread(self._stored, user)
        age = abs(self._now() - known.fetched_at) if known else None  # a clock may have been put back since
        if known is None or age is None or age > FRESH or user in self._forgotten:
            try:
                known = await self._ask(user)
            except SlackAway:
                if known is None or age is None or age > STALE:
                    raise
            else:
                await in_thread(self._keep, known)
                self._forgotten.discard(user)
        self._known[user] = known
        return known

    async def _ask(self, user: str) -> SlackUser:
        try:
            answer = await self._client.users_info(user=user)
        except NOT_REACHED as error:
            if isinstance(error, SlackApiError) and slack_error(error) in NOBODY:
                return self._row(user, {"is_stranger": True})
            raise SlackAway(reason_of(error)) from error
        return self._row(user, answer["user"])

    def _row(self, user: str, info: Mapping[str, Any]) -> SlackUser:
        profile = info.get("profile") or {}
        # The record says who somebody is, so the whole name goes before the one they are called by.
        names = (profile.get("real_name"), info.get("real_name"), profile.get("display_name"), info.get("name"))
        return SlackUser(
            id=user,
            team=self._team,
            name=next((name for name in names if name), user),
            zone=info.get("tz") or self._settings.timezone,
            standing=standing(info, self._team),
            fetched_at=self._now(),
        )

    def _stored(self, user: str) -> SlackUser | None:
        with self._database.read() as session:
            return session.get(SlackUser, user)

    def _keep(self, known: SlackUser) -> None:
        with self._database.begin() as session:
            session.merge(known)

    async def _role(self, known: SlackUser) -> str:
        if known.standing != "member":
            return known.standing
        return "lead" if known.id in self._named or known.id in await self._members() else "staff"

    async def _members(self) -> frozenset[str]:
        """The members of the group of leads; those known before while Slack does not answer, else nobody."""
        group, now = self._settings.slack_leads_group, self._now()
        if not group or (self._group_tried is not None and abs(now - self._group_tried) < timedelta(seconds=30)):
            return self._group
        if self._group_at is None or abs(now - self._group_at) > FRESH or self._group_may_be_old:
            self._group_tried = now
            try:
                answer = await self._client.usergroups_users_list(usergroup=group)
                self._group, self._group_at = frozenset(answer["users"]), now
                self._group_may_be_old = False
            except NOT_REACHED as error:
                logger.warning("The comms leads' user group could not be read: %s", reason_of(error))
                if self._group_at is not None and abs(now - self._group_at) > STALE:
                    self._group = frozenset()
        return self._group

    def _zone(self, name: str) -> ZoneInfo:
        try:
            return ZoneInfo(name)
        except (ValueError, OSError, KeyError):
            return self._settings.zone


def standing(info: Mapping[str, Any], team: str) -> str:
    """What somebody is to the workspace, by what `users.info` says: member, guest, bot, gone or stranger."""
    if info.get("deleted"):
        return "gone"
    if info.get("is_bot") or info.get("is_workflow_bot") or info.get("id") == SLACKBOT:
        return "bot"
    teams = {info.get("team_id") or team, *((info.get("enterprise_user") or {}).get("teams") or ())}
    if info.get("is_stranger") or team not in teams:
        return "stranger"
    return "guest" if info.get("is_restricted") or info.get("is_ultra_restricted") else "member"
