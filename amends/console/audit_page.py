"""The audit as a page for auditors: who looked at which incident, who took what out, who came in."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException

from amends.access import audit
from amends.access.audit import What
from amends.access.permissions import Permission, roles_in_words
from amends.console.routes import Page, page
from amends.console.words import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from amends.access.tables import AuditEntry
    from amends.console.pages import Pages
    from amends.incidents.database import Database

ON_A_PAGE = 50
LONGEST = 120
IN_WORDS: Mapping[str, str] = {
    What.VIEWED_INCIDENT: "Looked at an incident",
    What.TOOK_FILE: "Took a file of evidence",
    What.SEARCHED: "Searched",
    What.VIEWED_INSIGHTS: "Looked at the insights",
    What.EXPORTED_INCIDENT: "Took an incident out",
    What.EXPORTED_LIST: "Took a list out",
    What.SIGNED_IN: "Signed in",
    What.SIGNED_OUT: "Signed out",
    What.SIGNED_OUT_EVERYWHERE: "Signed out everywhere",
    What.LINK_MADE: "Made a sign-in link",
    What.TOKEN_MADE: "Made a token",
    What.TOKEN_REVOKED: "Took a token back",
    What.HELD: "Placed a legal hold",
    What.RELEASED: "Lifted a legal hold",
    What.LOOKED_UP_PERSON: "Looked up what is kept of a person",
    What.SUBJECT_EXPORT: "Gave out what is kept of a person",
    What.ERASED: "Erased an incident's words",
    What.ERASED_PERSON: "Erased a person",
    What.RETENTION_DONE: "Let go of what was past its time",
    What.RETENTION: "Let go of the audit's beginning",
}
WAYS = {"link": "by a link", "slack": "with Slack", "oidc": "with the provider"}


@dataclass(frozen=True)
class AuditPage:
    """The page of the audit."""

    pages: Pages
    database: Database

    def routes(self) -> list[Page]:
        """The address."""
        return [page("/audit", self.show, may=Permission.SEE_AUDIT)]

    async def show(self, request: Request) -> Response:
        """The newest entries, or those before one; of all, of an incident, or of a person."""
        query = request.query_params
        # PostgreSQL takes no NUL in a text, not even to look for it.
        reference, person = (query.get(name, "").replace("\x00", "\ufffd")[:LONGEST] for name in ("incident", "person"))
        reference = reference.strip().upper()
        before = query.get("before", "")
        if before and not (before.isascii() and before.isdecimal() and len(before) < 16):
            raise HTTPException(400)
        found = await asyncio.to_thread(self._entries, reference, person, int(before) if before else None)
        more = found[ON_A_PAGE - 1].sequence if len(found) > ON_A_PAGE else None
        return self.pages.draw(
            request,
            "audit.html",
            entries=[(each, IN_WORDS.get(each.what, plain(each.what)), _details(each)) for each in found[:ON_A_PAGE]],
            reference=reference,
            of_person=person,
            more=more,
            page="audit",
        )

    def _entries(self, reference: str, person: str, before: int | None) -> list[AuditEntry]:
        with self.database.read() as session:
            return audit.entries(
                session, reference=reference, participant_id=person, before=before, limit=ON_A_PAGE + 1
            )


def _details(entry: AuditEntry) -> str:
    """What else is known, in a line."""
    found: dict[str, Any] = json.loads(entry.details)
    parts = [f"as {roles_in_words(entry.roles.split())}"] if entry.roles else []
    if way := WAYS.get(found.pop("way", "")):
        parts.append(way)
    for name, value in found.items():
        shown = ", ".join(map(str, value)) if isinstance(value, list) else value
        if shown not in ("", None):
            parts.append(f"{plain(name)}: {shown}")
    return "; ".join(parts)
