"""What the record holds about one person, for that person (article 15): one ZIP file, with nobody else's words."""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from sqlalchemy import select

from amends.access.tables import AuditEntry, SessionRow
from amends.accounts.forgetting import held_of
from amends.drills.tables import Practice
from amends.exports.names import safe_name
from amends.incidents.models import Delivery, Evidence, Incident, Participant, TrailEntry, TrailPayload, utc_text
from amends.outbox import readings
from amends.outbox.tables import SlackUser
from amends.privacy.people import known
from amends.privacy.places import PLACES
from amends.register.tables import SavedView
from amends.slack.ids import user_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy.orm import Session

README = """What {organisation} keeps about you in Amends, as of {at} (UTC).

person.json     your account, your name, where you are signed in, what you looked at, what you practised, your part
                in official accounts
messages.json   what you wrote to the assistant, with the time it came in
incidents.json  the incidents that you have a part in, and what you wrote in each
files/          files that you sent

What is not in it:
- What others wrote, also about you, because it is about them too. Your name stands in {named} incidents
  beside yours; ask us to look at them with you.
- Who looked at your incidents. Ask us if you need to know.
{left_out}
Why each of these is kept, and how long, stands in kept.json. You can ask us to correct it, to erase it, or to
stop using it, and you can complain to your data protection authority.
"""
LEFT_OUT = "- {count} incidents that only those who are named may see. Whoever may see them gives you these.\n"


@dataclass(frozen=True)
class Given:
    """How much was given out, for the audit."""

    incidents: int
    messages: int
    files: int
    left_out: int


def write_export(
    session: Session, person: Participant, file: IO[bytes], organisation: str, at: datetime, *, restricted: bool
) -> Given:
    """Write what the record holds about somebody.

    Args:
        session: sees one state of the record.
        restricted: whether incidents that are restricted may be in it; whoever hands it over reads along.
    """
    somebody = known(session, person)
    rows = [session.get_one(Incident, id_) for id_ in somebody.own]
    # What somebody practised alone is restricted to them, and theirs to have.
    mine = [each for each in rows if restricted or each.drill or not each.restricted]
    left_out = len(rows) - len(mine)
    # What somebody said is not told apart by incident here, so nothing of it is given while some is left out.
    messages = [] if left_out else list(_messages(session, person))
    files = 0
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as inside:
        told = {
            "organisation": organisation,
            "at": utc_text(at),
            "named": len(somebody.named),
            "left_out": LEFT_OUT.format(count=left_out) if left_out else "",
        }
        inside.writestr("README.txt", README.format(**told).replace("\n", "\r\n"))
        _put(inside, "person.json", _person(session, person))
        _put(inside, "messages.json", messages)
        _put(inside, "incidents.json", [_incident(session, each, person) for each in mine])
        _put(inside, "kept.json", {name: [kept.what, kept.why, kept.how_long] for name, kept in PLACES.items()})
        for incident in mine:
            for name, content in _files(session, incident, person):
                files += 1
                inside.writestr(f"files/{incident.reference}/{name}", content)
    return Given(len(mine), len(messages), files, left_out)


def _person(session: Session, person: Participant) -> dict[str, Any]:
    slack = session.get(SlackUser, user_of(person.id)) if user_of(person.id) else None
    sessions = session.scalars(select(SessionRow).where(SessionRow.participant_id == person.id))
    views = session.scalars(select(SavedView).where(SavedView.owner_id == person.id))
    practised = session.scalars(select(Practice).where(Practice.participant_id == person.id).order_by(Practice.id))
    looks = session.scalars(select(AuditEntry).where(AuditEntry.participant_id == person.id))
    return {
        "account": person.id,
        "name": person.name,
        "first_seen": utc_text(person.first_seen),
        "slack": {"name": slack.name, "time_zone": slack.zone, "standing": slack.standing} if slack else None,
        "signed_in": [
            {"since": utc_text(each.begun_at), "until": utc_text(each.ends_at), "roles": each.roles}
            for each in sessions.all()
        ],
        "saved_views": [{"name": each.name, "query": each.query} for each in views.all()],
        "what_you_did": [{"what": each.what, "at": utc_text(each.at)} for each in looks.all()],
        "drafts": [
            {"text": each.text, "account": each.account, "kept_at": utc_text(each.kept_at), "asked": each.role}
            for each in readings.of(session, person.id)
        ],
        "practised": [{"drill": each.drill, "at": utc_text(each.began_at)} for each in practised.all()],
        "register_of_accounts": held_of(session, person.id, person.name),
    }


def _messages(session: Session, person: Participant) -> Iterator[dict[str, str]]:
    query = select(Delivery).where(Delivery.participant_id == person.id).order_by(Delivery.id)
    for each in session.scalars(query):
        yield {"at": utc_text(each.received_at), "from": each.source, "text": each.text}


def _incident(session: Session, incident: Incident, person: Participant) -> dict[str, Any]:
    query = (
        select(TrailEntry, TrailPayload.body)
        .outerjoin(TrailPayload, TrailPayload.entry_id == TrailEntry.id)
        .where(TrailEntry.incident_id == incident.id, TrailEntry.actor_id == person.id)
        .order_by(TrailEntry.sequence)
    )
    parts = (("reported it", incident.reporter_id), ("leads it", incident.lead_id))
    return {
        "reference": incident.reference,
        "your_part": [what for what, who in parts if who == person.id] or ["took part"],
        "title": incident.title if incident.reporter_id == person.id else "",
        "reported_at": utc_text(incident.reported_at),
        "what_you_did": [
            {
                "entry": entry.sequence,
                "kind": entry.kind,
                "at": utc_text(entry.recorded_at),
                "content": json.loads(body) if body else "erased",
            }
            for entry, body in session.execute(query)
        ],
    }


def _files(session: Session, incident: Incident, person: Participant) -> Iterator[tuple[str, bytes]]:
    query = select(Evidence).where(Evidence.incident_id == incident.id, Evidence.participant_id == person.id)
    for number, kept in enumerate(session.scalars(query.order_by(Evidence.id)).all(), start=1):
        content = session.execute(select(Evidence.content).where(Evidence.id == kept.id)).scalar_one()
        yield safe_name(number, kept.name), content


def _put(inside: zipfile.ZipFile, name: str, what: Any) -> None:
    inside.writestr(name, json.dumps(what, ensure_ascii=False, indent=1) + "\n")
