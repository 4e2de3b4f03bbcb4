"""An incident for comms leads: the book of it, with the reasons, the clauses as they stood, and what can be done."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from amends.access.permissions import Permission
from amends.accounts.history import GONE
from amends.accounts.waking import named_of
from amends.console.advice_shown import DID
from amends.console.book import Book
from amends.console.trail_words import GROUPS
from amends.incidents.advice import steps_of
from amends.incidents.models import ClauseVersion, Involved, Participant
from amends.incidents.record import OPEN_STATES, State
from amends.incidents.references import is_practice
from amends.incidents.trail import Kind
from amends.leads.signing import reported_by

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from amends.access.people import SignedIn
    from amends.incidents.models import Incident
    from amends.incidents.trail import Entry


@dataclass(frozen=True)
class Reason:
    """A rule that had its say."""

    rule: str
    title: str
    did: str
    why: str
    clauses: tuple[str, ...]


@dataclass(frozen=True)
class SignOff:
    """A sign-off as it stands in the trail. `holds`: the entry that it names is still the one that was accepted."""

    sequence: int
    by: str
    at: datetime
    statement: str
    head: str
    head_sequence: int | None
    missing: tuple[Mapping[str, str], ...]
    holds: bool


def lead_page(
    session: Session,
    incident: Incident,
    person: SignedIn,
    clock: Callable[[datetime], str],
    groups: Collection[str] = (),
) -> dict[str, Any]:
    """All that the page of an incident shows to a lead or an auditor.

    Args:
        groups: which kinds of entries are shown; nothing means all.
    """
    book = Book(session, incident, clock)
    page = book.page()
    kinds = {kind for group in groups for kind in GROUPS[group][1]}
    signed = sign_off_of(book)
    return {
        **page,
        "trail": [each for each in page["trail"] if not kinds or each.kind in kinds],
        "entries": len(page["trail"]),
        "groups": [(key, name, key in groups) for key, (name, _) in GROUPS.items()],
        "reasons": _reasons(book, page["decision"]),
        "cited": clauses_as_they_stood(session, book.entries),
        "accounts": _accounts(session, incident),
        "signed": signed,
        "after": signed.sequence if signed else None,
        "seen": book.entries[-1].sequence,
        "can": what_can_be_done(session, incident, person),
        "responses": _responses(book, incident),
        "people": people_of(session, incident, book),
    }


def what_can_be_done(session: Session, incident: Incident, person: SignedIn) -> dict[str, bool]:
    """Which acts make sense now, for this person."""
    acts = person.may(Permission.ACT)
    is_open = incident.state in OPEN_STATES
    signs = person.may(Permission.SIGN_OFF) and not is_open and incident.signed_off_at is None
    return {
        "act": acts,
        "take_over": acts and is_open and incident.lead_id != person.id,
        "override": acts and incident.state == State.ADVISED,
        "promise": acts and incident.state == State.ADVISED,
        "mark": acts and not is_practice(incident.reference),
        "close": acts and is_open,
        "reopen": acts and not is_open,
        "sign_off": signs and not reported_by(session, incident, person.id, person.name),
    }


def sign_off_of(book: Book) -> SignOff | None:
    """The last sign-off in a trail."""
    by_sequence = {entry.sequence: entry for entry in book.entries}
    for entry in reversed(book.entries):
        if entry.kind == Kind.SIGNED_OFF:
            said = entry.payload or {}
            named = by_sequence.get(said.get("head_sequence", 0))
            return SignOff(
                sequence=entry.sequence,
                by=book.names[entry.actor_id],
                at=entry.recorded_at,
                statement=said.get("statement", ""),
                head=said.get("head", ""),
                head_sequence=said.get("head_sequence"),
                missing=tuple(said.get("missing", ())),
                holds=named is not None and named.hash == said.get("head"),
            )
    return None


def clauses_as_they_stood(session: Session, entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """The clauses that were shown with the last advice, in the wording of then."""
    shown = next((each.clauses for each in reversed(entries) if each.kind == Kind.RECOMMENDED), ())
    versions = [clause.partition("@")[2] for clause in shown]
    query = select(ClauseVersion.hash, ClauseVersion.body).where(ClauseVersion.hash.in_(versions))
    bodies = {hash_: json.loads(body) for hash_, body in session.execute(query)}
    return [{**bodies[version], "version": version} for version in versions if version in bodies]


def people_of(session: Session, incident: Incident, book: Book) -> list[tuple[str, str, bool]]:
    """Those who take part: id, name, and whether they may see it by being named."""
    named = dict(
        session.execute(
            select(Involved.participant_id, Participant.name)
            .join(Participant, Participant.id == Involved.participant_id)
            .where(Involved.incident_id == incident.id)
        ).all()
    )
    known = {id_: name for id_, name in book.names.items() if session.get(Participant, id_) is not None}
    everybody = {**known, **{id_: name or id_ for id_, name in named.items()}}
    return sorted(((id_, name, id_ in named) for id_, name in everybody.items()), key=lambda each: each[1].casefold())


WOKEN = {
    "owner": "its owner, {}, was woken",
    "deputy": "its deputy, {}, was woken",
    "leads": "nobody could be woken",
    "knows": "named by its owner, {}",
}


def _accounts(session: Session, incident: Incident) -> list[tuple[str, str]]:
    """The official accounts that were named, and who was woken for each."""
    return [
        (account.label, WOKEN[how].format((person.name if person is not None else "") or GONE))
        for account, person, how in named_of(session, incident)
    ]


def _reasons(book: Book, decision: Mapping[str, Any] | None) -> list[Reason]:
    found = []
    for traced in (decision or {}).get("trace", ()):
        names = "; ".join(book.label(code) for code in traced["codes"])
        did = DID.get(traced["did"], traced["did"])
        reason = f"{did}: {names}" if names else did
        found.append(Reason(traced["rule"], traced["title"], reason, traced["why"], tuple(traced["clauses"])))
    return found


def _responses(book: Book, incident: Incident) -> list[tuple[str, str, bool]]:
    """What can be decided on instead: code, label, whether it stands now."""
    now = {step["code"] for step in steps_of(incident)}
    responses = book.flow.responses if book.flow else {}
    return [(code, response.label, code in now) for code, response in responses.items()]
