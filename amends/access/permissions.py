"""What somebody may do here, and which role may do what. What is not given is refused."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Permission(StrEnum):
    """What a page asks of those who come to it. Each route names one."""

    NONE_NEEDED = "none_needed"
    """Anybody who reaches the desk, before they have signed in."""
    TALK = "talk"
    """Say what happened, and go on with it."""
    SEE_OWN = "see_own"
    """The incidents that somebody takes part in."""
    SEE_ALL = "see_all"
    """The incidents of others too."""
    ACT = "act"
    """What comms leads do with an incident: note, take over, override, restrict, close, reopen, review."""
    SIGN_OFF = "sign_off"
    EXPORT = "export"
    SEE_INSIGHTS = "see_insights"
    SEE_AUDIT = "see_audit"
    """Who looked at what, took what out, came in."""
    READ_POLICY = "read_policy"
    """The flows, the policies and their history."""
    EDIT_POLICY = "edit_policy"
    ADMIN = "admin"
    """Who is signed in, and sign-in links."""


class Role(StrEnum):
    """What somebody is here; they can be several."""

    STAFF = "staff"
    LEAD = "lead"
    POLICY_OWNER = "policy_owner"
    AUDITOR = "auditor"
    ADMIN = "admin"


_STAFF = frozenset({Permission.NONE_NEEDED, Permission.TALK, Permission.SEE_OWN, Permission.READ_POLICY})
_READS_ALL = frozenset({Permission.SEE_ALL, Permission.SEE_INSIGHTS, Permission.EXPORT})

OF_ROLE: Mapping[str, frozenset[Permission]] = {
    Role.STAFF: _STAFF,
    Role.LEAD: _STAFF | _READS_ALL | {Permission.ACT, Permission.SIGN_OFF},
    Role.POLICY_OWNER: _STAFF | {Permission.EDIT_POLICY},
    Role.AUDITOR: _READS_ALL
    | {Permission.NONE_NEEDED, Permission.SEE_OWN, Permission.READ_POLICY, Permission.SEE_AUDIT},
    Role.ADMIN: _STAFF | {Permission.ADMIN},
}
"""An auditor reads everything and changes nothing, so they cannot even talk to the assistant."""

IN_WORDS: Mapping[str, str] = {
    Role.STAFF: "staff",
    Role.LEAD: "comms lead",
    Role.POLICY_OWNER: "policy owner",
    Role.AUDITOR: "auditor",
    Role.ADMIN: "administrator",
}


def permissions_of(roles: Iterable[str]) -> frozenset[Permission]:
    """Everything that these roles may; an unknown role may nothing."""
    found: frozenset[Permission] = frozenset()
    for role in roles:
        found |= OF_ROLE.get(role, frozenset())
    return found


def roles_in_words(roles: Iterable[str]) -> str:
    """Roles as they stand on a page: 'comms lead and auditor'."""
    words = [IN_WORDS[role] for role in Role if role in set(roles)]
    return " and ".join((", ".join(words[:-1]), words[-1])) if len(words) > 1 else "".join(words)
