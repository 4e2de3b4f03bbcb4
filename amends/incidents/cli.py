"""`amends incidents`: the record from the command line."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlalchemy import select

from amends.incidents import advice, completion, record, trail
from amends.incidents.database import RecordUnavailable, record_at
from amends.incidents.models import Incident, utc_text
from amends.register.choices import titles_of
from amends.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

incidents_app = typer.Typer(no_args_is_help=True, help="Look at the recorded incidents.")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_console = Console(highlight=False)
_errors = Console(stderr=True, highlight=False)


@incidents_app.command("list")
def list_(
    as_json: AsJson = False,
    state: Annotated[str | None, typer.Option(help="Only those in this state.")] = None,
    drills: Annotated[bool, typer.Option("--drills", help="List practice, and nothing real.")] = False,
) -> None:
    """List the incidents, newest first, without practice."""
    if state is not None and state not in list(record.State):
        _stop(f"There is no state {state}. There are: {', '.join(record.State)}.")
    with _reading() as session:
        query = select(Incident).where(Incident.drill.is_(drills)).order_by(Incident.id.desc())
        if state is not None:
            query = query.where(Incident.state == state)
        found = session.scalars(query).all()
        titles = titles_of(session, found)
        rows = [{**_line(incident), "flow_title": titles[incident.flow_version]} for incident in found]
    if as_json:
        print(json.dumps(rows, ensure_ascii=False))  # noqa: T201
        return
    table = Table("Reference", "State", "Level", "Reported", "What")
    for row in rows:
        level = "" if row["level"] is None else str(row["level"])
        what = f"{escape(row['title'])}\n[dim]{escape(row['flow_title'])}[/dim]"
        table.add_row(row["reference"], row["state"], level, row["reported_at"][:16], what)
    _console.print(table if rows else "No incidents yet.")


@incidents_app.command()
def show(reference: Annotated[str, typer.Argument(help="Such as INC-2026-0042.")], as_json: AsJson = False) -> None:
    """Show one incident: state, answers, decision, steps and the whole trail."""
    with _reading() as session:
        incident = _find(session, reference)
        whole = {
            **_line(incident),
            "flow_title": titles_of(session, [incident])[incident.flow_version],
            "flow_version": incident.flow_version,
            "answers": json.loads(incident.answers),
            "decision": json.loads(incident.decision) if incident.decision else None,
            "done": json.loads(incident.done),
            "after_the_reply": completion.stored(incident),
            "lead": incident.lead_id,
            "decided_by_lead": advice.override_of(incident),
            "restricted": incident.restricted,
            "drill": incident.drill,
            "signed_off_at": utc_text(incident.signed_off_at) if incident.signed_off_at else None,
            "trail": [_entry(entry) for entry in trail.entries(session, incident)],
        }
    if as_json:
        print(json.dumps(whole, ensure_ascii=False))  # noqa: T201
        return
    mark = "  practice" if whole["drill"] else ""
    _console.print(f"[bold]{whole['reference']}[/bold]  {whole['state']}  level {whole['level']}{mark}")
    _console.print(whole["title"], markup=False)
    _console.print(f"{whole['flow_title']} ({whole['flow']})", markup=False)
    table = Table("No.", "Recorded (UTC)", "What", "Who", "Content")
    for entry in whole["trail"]:
        content = json.dumps(entry["payload"], ensure_ascii=False)
        table.add_row(
            str(entry["sequence"]), entry["recorded_at"][:19], entry["kind"], entry["actor"], escape(content[:300])
        )
    _console.print(table)


@contextmanager
def _reading() -> Iterator[Session]:
    try:
        with record_at(Settings().database_url) as database, database.read() as session:
            yield session
    except RecordUnavailable as error:
        _stop(str(error))


def _find(session: Session, reference: str) -> Incident:
    try:
        return record.find(session, reference)
    except record.UnknownIncident as error:
        _stop(f"{error} 'amends incidents list' shows those there are.")
        raise


def _stop(sentence: str) -> None:
    _errors.print(sentence, markup=False)
    raise typer.Exit(1)


def _line(incident: Incident) -> dict[str, Any]:
    return {
        "reference": incident.reference,
        "state": incident.state,
        "level": incident.level,
        "title": incident.title,
        "reporter": incident.reporter_id,
        "flow": incident.flow_id,
        "reported_at": utc_text(incident.reported_at),
        "closed_at": utc_text(incident.closed_at) if incident.closed_at else None,
    }


def _entry(entry: trail.Entry) -> dict[str, Any]:
    return {
        "sequence": entry.sequence,
        "kind": entry.kind,
        "actor": entry.actor_id,
        "source": entry.source,
        "said_at": utc_text(entry.said_at),
        "recorded_at": utc_text(entry.recorded_at),
        "flow_version": entry.flow_version,
        "clauses": list(entry.clauses),
        "supersedes": entry.supersedes,
        "hash": entry.hash,
        "payload": entry.payload,
    }
