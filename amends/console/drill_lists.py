"""What the pages of drills share: a go as a list shows it, and the drills as they are read."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import select

from amends.console.words import plain
from amends.conversation.practising import DATA
from amends.drills.library import DrillError, load_drills
from amends.incidents.models import Incident

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session
    from starlette.requests import Request
    from starlette.responses import Response

    from amends.console.pages import Pages
    from amends.drills.library import Drills
    from amends.drills.tables import Practice

BROKEN = "The drills cannot be read"


class Gone(NamedTuple):
    """A go at a drill, as a list shows it.

    Attributes:
        minutes: None when it was ended early.
        left_out: what was judged right and was not marked as done, in words.
        against: what was judged a mistake and was done.
        name: who began it, where that is shown.
    """

    go: Practice
    title: str
    minutes: int | None
    reference: str
    left_out: tuple[str, ...]
    against: tuple[str, ...]
    name: str


def references_of(session: Session, goes: Iterable[Practice], *seen: ColumnElement[bool]) -> dict[int | None, str]:
    """What the incidents of goes are called, by their ids; of those that `seen` leaves in."""
    ids = {go.incident_id for go in goes} - {None}
    query = select(Incident.id, Incident.reference).where(Incident.id.in_(ids), *seen)
    references: dict[int | None, str] = dict(session.execute(query).all())
    return references


def gone(go: Practice, references: Mapping[int | None, str], drills: Drills, name: str = "") -> Gone:
    """A go as a list shows it, with the name of who began it where that is shown."""
    outcome = json.loads(go.outcome) if go.outcome else None
    judged = outcome["judged"] if outcome else {}
    return Gone(
        go,
        title(drills, go.drill),
        outcome["seconds"] // 60 if outcome and not outcome["stopped"] else None,
        references.get(go.incident_id, ""),
        tuple(plain(code).lower() for code, what in judged.items() if what == "left_out"),
        tuple(plain(code).lower() for code, what in judged.items() if what == "against"),
        name,
    )


def title(drills: Drills, id_: str) -> str:
    """What a drill is called; one that is there no more goes by its id."""
    drill = drills.drills.get(id_)
    return drill.title if drill else plain(id_)


async def draw(
    pages: Pages,
    request: Request,
    template: str,
    read: Callable[[Drills], Mapping[str, Any]],
    status: int = 200,
    **what: Any,
) -> Response:
    """A page of drills; when their files cannot be read, the page that says so."""
    try:
        drills = await asyncio.to_thread(load_drills, DATA)
    except DrillError as error:
        sentence = f"{error} Tell the people who look after them; 'amends drill check' lists all mistakes."
        return pages.problem(request, 503, BROKEN, sentence)
    found = await asyncio.to_thread(read, drills)
    return pages.draw(request, template, status, page="drills", **found, **what)
