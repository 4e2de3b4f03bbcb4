"""The sign-off: a lead who did not report the incident accepts its record, and names what exactly was accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from amends.conversation import recording
from amends.incidents.models import Participant, TrailEntry
from amends.incidents.record import OPEN_STATES
from amends.incidents.trail import Kind
from amends.incidents.verify import verify
from amends.leads.missing import missing_pieces
from amends.leads.opening import CannotAct, opened, words_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from amends.incidents.actor import Actor
    from amends.incidents.models import Incident
    from amends.settings import Settings


class NotExplained(CannotAct):
    """Something is missing from the record and was not explained. `codes` are of the missing pieces."""

    def __init__(self, codes: tuple[str, ...]) -> None:
        super().__init__("Something is missing from the record and is not explained yet. Say why, for each.")
        self.codes = codes


def sign_off(
    session: Session,
    settings: Settings,
    incident: Incident,
    actor: Actor,
    statement: str,
    at: datetime,
    *,
    explained: Mapping[str, str] | None = None,
) -> Incident:
    """Accept the record of a closed incident in writing, once.

    The entry names the head of the chain that was accepted: the last entry before it, by number and hash. It also
    names what is missing from the record, with the explanation.

    Args:
        statement: the lead's words.
        explained: code of a missing piece -> why it is missing. None where there is one field only, which lists what
            is missing: the statement then explains it.

    Raises:
        CannotAct: it is still open, it was signed off before, the actor reported it, there are no words, its trail
            does not verify, or it is not for this lead to see.
        NotExplained: a missing piece is not explained.
    """
    incident = opened(session, incident, actor, at)
    if incident.state in OPEN_STATES:
        raise CannotAct(f"{incident.reference} is still open. Close it first, then sign it off.")
    if incident.signed_off_at is not None:
        raise CannotAct(f"{incident.reference} was signed off before. It is signed off only once.")
    if reported_by(session, incident, actor.id, actor.name):
        raise CannotAct(f"You reported {incident.reference}, so another lead has to sign it off.")
    words = words_of(statement, "The statement")
    missing = missing_pieces(session, incident, at)
    given = {piece.code: words if explained is None else explained.get(piece.code, "").strip() for piece in missing}
    if unexplained := tuple(code for code, why in given.items() if not why):
        raise NotExplained(unexplained)
    if verify(session, incident.reference).damage:
        raise CannotAct(
            f"The trail of {incident.reference} was changed from outside. It cannot be signed off as it is."
        )
    head = head_of(session, incident)
    incident.signed_off_at = at
    payload = {
        "statement": words,
        "head": head.hash,
        "head_sequence": head.sequence,
        "missing": [{"piece": piece.sentence, "explained": words_of(given[piece.code], "It")} for piece in missing],
    }
    recording.write(session, settings, incident, Kind.SIGNED_OFF, payload, actor=actor, at=at)
    return incident


def head_of(session: Session, incident: Incident) -> TrailEntry:
    """The last entry of an incident's trail."""
    query = select(TrailEntry).where(TrailEntry.incident_id == incident.id).order_by(TrailEntry.sequence.desc())
    return session.scalars(query.limit(1)).one()


def reported_by(session: Session, incident: Incident, participant_id: str, name: str) -> bool:
    """Whether somebody reported an incident: by their id, or by their name, as a person can come in two ways."""
    if incident.reporter_id == participant_id:
        return True
    reporter = session.get_one(Participant, incident.reporter_id)
    plain = " ".join(name.split()).casefold()
    return bool(plain) and " ".join(reporter.name.split()).casefold() == plain
