"""Who somebody is by what a provider says of them: their id in the record, their name, what they are here."""

from __future__ import annotations

import csv
import hashlib
from typing import TYPE_CHECKING, Any

from amends.access.people import SignedIn, with_staff
from amends.access.permissions import Role

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from amends.settings import Settings

OIDC = "oidc"
SLACK = "slack"
LONGEST_SUBJECT = 100
LONGEST_NAME = 80
_SLACK_USER = "https://slack.com/user_id"
_SLACK_TEAM = "https://slack.com/team_id"


class NotWelcome(Exception):  # noqa: N818 - it reads as what it says
    """The provider knows them, but they may not come in here. The message is a sentence for the person."""


def person_of(settings: Settings, way: str, claims: Mapping[str, Any], leads: Collection[str] = ()) -> SignedIn:
    """Somebody as the provider describes them.

    Args:
        way: `oidc` or `slack`.
        claims: of the ID token, which was checked.
        leads: Slack user ids of the comms leads.

    Raises:
        NotWelcome: they are of another workspace, or the provider does not say who they are.
    """
    marks = _marks(settings, claims)
    if way == SLACK:
        user, team = _text(claims, _SLACK_USER), _text(claims, _SLACK_TEAM)
        if not user or team != settings.slack_team:
            raise NotWelcome("You signed in to another Slack workspace than ours. Choose ours, and sign in again.")
        id_, marks = f"slack:{team}:{user}", marks | {user.casefold()}
    else:
        user, id_ = "", _id(_text(claims, "sub"))
    roles = {role for role, who in _mapping(settings).items() if marks & who}
    if user and user in leads:
        roles.add(Role.LEAD)
    return SignedIn(id_, _name(claims) or user or id_, with_staff(roles))


def _marks(settings: Settings, claims: Mapping[str, Any]) -> frozenset[str]:
    """What a role can be given for: groups, and the e-mail address if the provider has checked it."""
    groups = claims.get(settings.oidc_groups_claim)
    found = {groups} if isinstance(groups, str) else {each for each in groups or () if isinstance(each, str)}
    if claims.get("email_verified") is True:
        found.add(_text(claims, "email"))
    return frozenset(each.casefold() for each in found) - {""}


def _mapping(settings: Settings) -> dict[Role, frozenset[str]]:
    return {
        Role.LEAD: _listed(settings.role_lead),
        Role.POLICY_OWNER: _listed(settings.role_policy_owner),
        Role.AUDITOR: _listed(settings.role_auditor),
        Role.ADMIN: _listed(settings.role_admin),
    }


def _listed(setting: str) -> frozenset[str]:
    """The names in a setting, between commas; one that holds commas stands in double quotes."""
    names = next(csv.reader([setting], skipinitialspace=True), [])
    return frozenset(each.strip().casefold() for each in names) - {""}


def _id(subject: str) -> str:
    if not subject:
        raise NotWelcome("The provider did not say who you are. Tell the people who run this.")
    plain = len(subject) <= LONGEST_SUBJECT and subject.isascii() and subject.isprintable() and " " not in subject
    return f"oidc:{subject if plain else hashlib.sha256(subject.encode()).hexdigest()}"


def _name(claims: Mapping[str, Any]) -> str:
    for key in ("name", "preferred_username", "email"):
        name = " ".join(_text(claims, key).split())[:LONGEST_NAME]
        if name and name.isprintable():
            return name
    return ""


def _text(claims: Mapping[str, Any], key: str) -> str:
    value = claims.get(key)
    return value if isinstance(value, str) else ""
