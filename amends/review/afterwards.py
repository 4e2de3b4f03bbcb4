"""What was written about an incident afterwards, as it is taken out with its record."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from amends.incidents.models import utc_text
from amends.review.reviewing import follow_ups_of, review_of
from amends.review.story import story_of

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from amends.incidents.models import Incident
    from amends.review.reviewing import Reviewed
    from amends.review.story import Account


def afterwards(session: Session, incident: Incident) -> dict[str, Any]:
    """The story, the review and the follow-ups, as JSON; only what there is."""
    story, review = story_of(session, incident), review_of(session, incident)
    follow_ups = [
        {
            "what": each.what,
            "owner": each.owner_name,
            "due": each.due.isoformat(),
            "agreed_at": utc_text(each.agreed_at),
            "done_at": _time(each.done_at),
            "done_by": each.done_by,
        }
        for each in follow_ups_of(session, incident)
    ]
    found = {"story": _saved(story), "review": _saved(review), "follow_ups": follow_ups}
    return {name: what for name, what in found.items() if what}


def _saved(what: Account | Reviewed) -> dict[str, Any] | None:
    return {**asdict(what), "saved_at": _time(what.saved_at)} if what.saved_at is not None else None


def _time(time: datetime | None) -> str | None:
    return utc_text(time) if time is not None else None
