"""Filters that somebody gave a name, to come back to them. Each person has their own."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from sqlalchemy import delete, func, select

from amends.register.filters import BadFilter, Filter
from amends.register.finding import Sort, sort_of
from amends.register.tables import SavedView

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

LONGEST_NAME = 80
MOST = 50
"""Views that one person may keep."""


def views_of(session: Session, owner_id: str) -> Sequence[SavedView]:
    """Somebody's views, by name."""
    query = select(SavedView).where(SavedView.owner_id == owner_id)
    return sorted(session.scalars(query), key=lambda view: view.name.casefold())


def save_view(session: Session, owner_id: str, name: str, query: str, at: datetime) -> SavedView:
    """Keep a filter and its order under a name; one of the same name is replaced.

    Args:
        query: of the list's address; only what belongs to the filter and the order is kept.

    Raises:
        BadFilter: there is no name, it is too long, the query cannot be read, or there are too many views.
    """
    name = " ".join(name.split())
    if not name:
        raise BadFilter("Give the view a name, and save it again.")
    if len(name) > LONGEST_NAME:
        raise BadFilter(f"The name of a view has at most {LONGEST_NAME} characters.")
    pairs = parse_qsl(query, max_num_fields=500)
    sort = sort_of(dict(pairs).get("sort", ""))
    kept = Filter.read(pairs).query(sort="" if sort is Sort.NEWEST else sort)
    mine = select(SavedView).where(SavedView.owner_id == owner_id)
    view = session.scalars(mine.where(SavedView.name == name)).first()
    if view is None:
        if session.scalar(select(func.count()).select_from(mine.subquery())) == MOST:
            raise BadFilter(f"You have {MOST} views already. Remove one first.")
        view = SavedView(owner_id=owner_id, name=name, query=kept, saved_at=at)
        session.add(view)
    view.query, view.saved_at = kept, at
    session.flush()
    return view


def remove_view(session: Session, owner_id: str, view_id: int) -> None:
    """Take a view away, if it is theirs; one that is gone already stays so."""
    session.execute(delete(SavedView).where(SavedView.id == view_id, SavedView.owner_id == owner_id))
