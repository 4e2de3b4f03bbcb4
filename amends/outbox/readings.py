"""Drafts that somebody wanted kept, or read by somebody else before they go out: asked by the outbox, answered once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from amends.incidents import record
from amends.incidents.models import Participant
from amends.outbox import outgoing
from amends.outbox.tables import DraftReading, Posted

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from amends.drafts import Draft
    from amends.settings import Settings

ASKED, ANSWERED = "draft_asked", "draft_answered"
"""The drawings: what whoever is asked gets, and the answer."""
WAITS, UNANSWERED = "draft_waits", "draft_unanswered"
"""The drawings where no answer came: once more for whoever was asked, and for whoever wrote it."""
NO_ANSWER = timedelta(hours=2)
"""After this it is said on both sides that there is no answer yet, once."""
MOST = 50
"""Drafts that one person can keep."""
GONE = "That draft was taken back, so nothing was done."
TWICE = "{who} has answered that already, so nothing was done."
FULL = f"You keep {MOST} drafts already. Delete one first; nothing was kept."


class CannotKeep(Exception):  # noqa: N818 - it reads as what it says
    """It was not done. The message is a sentence for the person."""


def keep(
    session: Session, owner: tuple[str, str], draft: Draft, account: str, level: int, at: datetime
) -> DraftReading:
    """Keep a draft for whoever wrote it.

    Args:
        owner: id and name.
        account: the account it is for, as it was said; empty if it was not.
        level: of what was found in it.

    Raises:
        CannotKeep: they keep too many.
    """
    record.ensure_participant(session, *owner, at)
    count = select(func.count()).select_from(DraftReading).where(DraftReading.owner_id == owner[0])
    if session.execute(count).scalar_one() >= MOST:
        raise CannotKeep(FULL)
    row = DraftReading(
        owner_id=owner[0],
        text=draft.text,
        account=account,
        own=not draft.official,
        level=level,
        role="",
        asked="",
        kept_at=at,
    )
    session.add(row)
    session.flush()
    return row


def ask(session: Session, row: DraftReading, role: str, targets: Collection[str], at: datetime) -> None:
    """Have a draft that was just kept read first.

    Args:
        role: who is asked, as in the settings.
        targets: ids of the users or channels in Slack that get it.
    """
    row.role, row.asked = role, ",".join(targets)
    for to in targets:
        slot = f"{ASKED}:{row.id}:{to}"
        args = {"reading": row.id}
        outgoing.put(session, slot, to=to, draw=ASKED, args=args, slot=slot, then=ASKED, at=at)
    for to, draw in [(to, WAITS) for to in targets] + [(_user(row.owner_id), UNANSWERED)]:
        if to:
            key = f"{draw}:{row.id}:{to}"
            outgoing.put(session, key, to=to, draw=draw, args={"reading": row.id}, at=at, not_before=at + NO_ANSWER)


def reachable(settings: Settings, role: str) -> str:
    """The user or channel that a role is asked in; empty where nobody is set down, or a group, which Slack resolves."""
    target: str = getattr(settings, f"slack_tell_{role}", "") if settings.slack_on else ""
    return target if target[:1] in {"U", "W", "C", "G"} else ""


def answer(session: Session, id_: int, reader: tuple[str, str], note: str, at: datetime) -> None:
    """Whoever was asked says that it is fine, or what is to be changed; whoever wrote it hears of it.

    Args:
        reader: id and name of who answers.
        note: what is to be changed; empty for nothing.

    Raises:
        CannotKeep: it was taken back, or somebody else was quicker.
    """
    row = session.scalars(select(DraftReading).where(DraftReading.id == id_).with_for_update()).first()
    if row is None:
        raise CannotKeep(GONE)
    if row.answer:
        raise CannotKeep(TWICE.format(who=name_of(session, row.answered_by) or "Somebody"))
    record.ensure_participant(session, *reader, at)
    row.answer, row.note = "change" if note else "fine", note
    row.answered_by, row.answered_at = reader[0], at
    draw_again(session, row.id, at)
    user = _user(row.owner_id)
    if user:
        row.seen_at = at  # it is told where they are
        outgoing.put(session, f"{ANSWERED}:{row.id}", to=user, draw=ANSWERED, args={"reading": row.id}, at=at)


def delete(session: Session, id_: int, owner_id: str, at: datetime) -> None:
    """Forget a draft. What was sent of it is drawn again, without its words.

    Raises:
        CannotKeep: there is none of theirs.
    """
    row = session.get(DraftReading, id_)
    if row is None or row.owner_id != owner_id:
        raise CannotKeep("There is no such draft of yours. Load the page again.")
    session.delete(row)
    session.flush()
    draw_again(session, id_, at)


def of(session: Session, owner_id: str) -> Sequence[DraftReading]:
    """The drafts that somebody keeps, newest first."""
    query = select(DraftReading).where(DraftReading.owner_id == owner_id).order_by(DraftReading.id.desc())
    return session.scalars(query).all()


def unseen(session: Session, owner_id: str) -> int:
    """How many answers about somebody's drafts they have not seen yet."""
    new = (DraftReading.answered_at.is_not(None), DraftReading.seen_at.is_(None))
    query = select(func.count()).select_from(DraftReading).where(DraftReading.owner_id == owner_id, *new)
    count: int = session.execute(query).scalar_one()
    return count


def see(session: Session, owner_id: str, at: datetime) -> None:
    """Somebody saw what was answered about their drafts."""
    new = (DraftReading.answered_at.is_not(None), DraftReading.seen_at.is_(None))
    session.execute(update(DraftReading).where(DraftReading.owner_id == owner_id, *new).values(seen_at=at))


def name_of(session: Session, participant_id: str | None) -> str:
    """What somebody is called; empty for nobody."""
    if participant_id is None:
        return ""
    return session.get_one(Participant, participant_id).name


def draw_again(session: Session, id_: int, at: datetime) -> None:
    """What whoever was asked sees changes in place; of a draft that is gone, its words go there, too."""
    query = select(Posted).where(Posted.slot.startswith(f"{ASKED}:{id_}:")).order_by(Posted.slot)
    for posted in session.scalars(query).all():
        outgoing.draw_again(session, posted, ASKED, {"reading": id_}, None, at)


def stands(session: Session, id_: int) -> bool:
    """Whether somebody who was asked has a draft before them."""
    query = select(Posted.slot).where(Posted.slot.startswith(f"{ASKED}:{id_}:"))
    return session.scalars(query.limit(1)).first() is not None


def _user(participant_id: str) -> str:
    """The Slack user in a participant's id; empty when somebody comes another way."""
    parts = participant_id.split(":")
    return parts[2] if len(parts) == 3 and parts[0] == "slack" else ""
