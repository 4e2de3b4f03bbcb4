"""Lists of incidents as CSV and as JSON, written in parts: a long list takes no more memory than a short one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from amends.exports import cells
from amends.incidents import completion, seals
from amends.incidents.advice import left_of, override_of, steps_of
from amends.incidents.models import Participant, utc_text
from amends.register.choices import titles_of
from amends.register.finding import Sort, page

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from sqlalchemy.orm import Session

    from amends.incidents.database import Database
    from amends.incidents.models import Incident
    from amends.incidents.visible import Viewer
    from amends.register.filters import Filter

COLUMNS = (
    *("reference", "state", "level", "title", "channel", "reporter_id", "reporter", "reported_at"),
    *("lead_id", "lead", "responses", "decided_by_lead", "row", "people", "clauses", "open_steps"),
    *("closed_at", "signed_off_at", "restricted", "drill", "flow", "flow_title", "unfinished"),
)
"""The columns of a list. Their order is kept: others rest on it. A new one goes to the end."""
AT_A_TIME = 500
"""Incidents that are held in memory."""

Rows = list[dict[str, Any]]


def parts(
    database: Database,
    filter_: Filter,
    viewer: Viewer,
    now: datetime,
    zone: ZoneInfo,
    sort: Sort = Sort.NEWEST,
) -> Iterator[Rows]:
    """The incidents that a filter leaves in and the viewer may see, some at a time, each with all of `COLUMNS`.

    Each part is read on its own: no transaction lasts as long as somebody's download. What changes meanwhile is shown
    as it is when its part is read; sorted by the time of the report, none is left out and none comes twice.

    Raises:
        RecordUnavailable: the record cannot be read, maybe only half-way.
    """
    cursor = ""
    while True:
        with database.read() as session:
            found = page(session, filter_, viewer, now, zone, sort=sort, cursor=cursor, size=AT_A_TIME)
            found_rows = rows(session, found.incidents)
        yield found_rows
        cursor = found.next
        if not cursor:
            return


def as_csv(found: Iterable[Rows]) -> Iterator[bytes]:
    """A list as CSV: UTF-8 with a mark that says so, times in UTC, several values in one cell with '; ' between."""
    yield (cells.BOM + cells.lines([COLUMNS])).encode()
    for part in found:
        yield cells.lines([_cell(row[name]) for name in COLUMNS] for row in part).encode("utf-8", "replace")


def end_of(database: Database) -> str:
    """Where the record ends now, as `NUMBER:SEAL`: what was taken out can be told from what came later."""
    with database.read() as session:
        return "{}:{}".format(*seals.head(session))


def as_json(found: Iterable[Rows], about: Mapping[str, Any]) -> Iterator[bytes]:
    """A list as JSON: one object, which ends with how many there are. One that was cut off is no JSON.

    Args:
        about: what is said before the incidents, such as the filter.
    """
    yield f'{json.dumps(about, ensure_ascii=False)[:-1]}, "incidents": ['.encode("utf-8", "replace")
    count = 0
    for part in found:
        lines = ",".join(f"\n{json.dumps(row, ensure_ascii=False)}" for row in part)
        yield ("," if count and part else "").encode() + lines.encode("utf-8", "replace")
        count += len(part)
    yield f'\n], "count": {count}}}\n'.encode()


def rows(session: Session, incidents: Sequence[Incident]) -> Rows:
    """Incidents with all of `COLUMNS`."""
    ids = {id_ for one in incidents for id_ in (one.reporter_id, one.lead_id) if id_}
    query = select(Participant.id, Participant.name).where(Participant.id.in_(ids))
    names: dict[str | None, str] = dict(session.execute(query).all())
    titles = titles_of(session, incidents)
    return [_row(incident, names, titles) for incident in incidents]


def _row(incident: Incident, names: Mapping[str | None, str], titles: Mapping[str, str]) -> dict[str, Any]:
    decision = json.loads(incident.decision) if incident.decision else {}
    steps = steps_of(incident)
    return {
        "reference": incident.reference,
        "state": incident.state,
        "level": incident.level,
        "title": incident.title,
        "channel": incident.channel,
        "reporter_id": incident.reporter_id,
        "reporter": names.get(incident.reporter_id, ""),
        "reported_at": utc_text(incident.reported_at),
        "lead_id": incident.lead_id,
        "lead": names.get(incident.lead_id),
        "responses": [step["code"] for step in steps if step["kind"] == "response"],
        "decided_by_lead": override_of(incident) is not None,
        "row": decision.get("row"),
        "people": [step["code"] for step in steps if step["kind"] == "person"],
        "clauses": list(decision.get("clauses", ())),
        "open_steps": [step["code"] for step in left_of(steps, incident)],
        "closed_at": utc_text(incident.closed_at) if incident.closed_at else None,
        "signed_off_at": utc_text(incident.signed_off_at) if incident.signed_off_at else None,
        "restricted": incident.restricted,
        "drill": incident.drill,
        "flow": incident.flow_id,
        "flow_title": titles[incident.flow_version],
        "unfinished": list(completion.of(incident).left),
    }


def _cell(value: Any) -> Any:
    return "; ".join(str(each) for each in value) if isinstance(value, list) else value
