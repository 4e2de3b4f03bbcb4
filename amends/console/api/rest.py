"""The token itself, the insights and the audit, for programs."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Query, Request
from pydantic import Field

from amends.access import audit
from amends.access.people import SignedIn
from amends.access.permissions import Permission
from amends.access.tables import AuditEntry
from amends.access.tokens import Scope
from amends.console.api import shapes_more as shapes
from amends.console.api.addresses import Address, caller_of, person_of
from amends.console.api.asked import LONGEST_CODE, Asked
from amends.console.api.policies import ON_A_PAGE, Before
from amends.incidents.database import Database
from amends.insights.as_json import as_json
from amends.insights.look import Look as Looked
from amends.insights.scope import Scope as Choice

Month = Annotated[str | None, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$", description="Such as 2026-03.")]
ChoiceCode = Annotated[str | None, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
Look = Callable[[SignedIn, Choice], Looked]


class Chosen(Asked):
    """Which incidents the figures are of, as in the address of the page Insights."""

    since: Annotated[Month, Field(alias="from")] = None
    until: Annotated[Month, Field(alias="to")] = None
    flow: ChoiceCode = None
    level: Annotated[int | None, Field(ge=0, le=9)] = None
    row: ChoiceCode = None
    kind: ChoiceCode = None
    channel: ChoiceCode = None
    version: Annotated[ChoiceCode, Field(description="Of the flow: the figures before and after it.")] = None
    span: Annotated[str, Field(description="Which time is split.")] = "advice"
    by: Annotated[str, Field(description="What it is split by.")] = "level"


class AuditAsked(Before):
    """A page of the audit, of an incident or of a person."""

    incident: Annotated[str, Field(max_length=LONGEST_CODE)] = ""
    person: Annotated[str, Field(max_length=LONGEST_CODE, description="The id of a participant.")] = ""


@dataclass(frozen=True)
class OtherAddresses:
    """The other addresses."""

    database: Database
    look: Look

    def routes(self) -> list[Address]:
        """All of them."""
        return [
            Address("/me", self.show_me, may=Permission.SEE_OWN, scope=None),
            Address("/insights", self.show_insights, may=Permission.SEE_INSIGHTS, scope=Scope.INSIGHTS),
            Address("/audit", self.show_audit, may=Permission.SEE_AUDIT, scope=Scope.AUDIT),
        ]

    def show_me(self, request: Request) -> shapes.Me:
        """As whom the token acts, what it reaches, and until when."""
        caller = caller_of(request)
        return shapes.Me.model_validate(
            {
                "number": caller.number,
                "name": caller.name,
                "person": caller.person,
                "roles": sorted(caller.person.roles),
                "scopes": sorted(caller.scopes),
                "ends_at": caller.ends_at,
            }
        )

    def show_insights(self, request: Request, asked: Annotated[Chosen, Query()]) -> shapes.Insights:
        """The figures over all incidents that you may see."""
        del asked
        choice = Choice.of(request.query_params)
        return shapes.Insights.model_validate(as_json(self.look(person_of(request), choice), choice))

    def show_audit(self, asked: Annotated[AuditAsked, Query()]) -> shapes.Audit:
        """Who looked at what, who took what out, who came in."""
        with self.database.read() as session:
            found = audit.entries(
                session,
                reference=asked.incident.strip().upper(),
                participant_id=asked.person,
                before=asked.before,
                limit=ON_A_PAGE + 1,
            )
        shown = found[:ON_A_PAGE]
        following = shown[-1].sequence if len(found) > ON_A_PAGE else None
        return shapes.Audit.model_validate({"entries": [_entry(each) for each in shown], "next": following})


def _entry(entry: AuditEntry) -> dict[str, Any]:
    return {
        "sequence": entry.sequence,
        "person": {"id": entry.participant_id, "name": entry.name},
        "roles": entry.roles.split(),
        "what": entry.what,
        "reference": entry.reference,
        "details": json.loads(entry.details),
        "at": entry.at,
        "hash": entry.hash,
    }
