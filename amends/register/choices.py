"""What can be chosen in a filter: the values that there are, under the names that people know them by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from amends.flows import FlowError
from amends.incidents import record
from amends.incidents.models import Incident, Participant
from amends.incidents.record import State
from amends.incidents.visible import visible_to
from amends.register.filters import LEVELS, NOBODY
from amends.register.tables import Tag

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from amends.flows import Flow
    from amends.incidents.visible import Viewer

CHANNELS = {"web": "in the browser", "slack": "in Slack", "terminal": "in the terminal"}
STATES = {
    State.CONFIRMING: "being confirmed",
    State.ASKING: "questions open",
    State.ADVISED: "advice given",
    State.CLOSED: "closed",
    State.ABANDONED: "stopped",
}
"""As `Pages.state` says them."""
MOST_VALUES = 300


@dataclass(frozen=True)
class Choices:
    """For each part of a filter: value -> name."""

    levels: Mapping[str, str]
    states: Mapping[str, str]
    channels: Mapping[str, str]
    responses: Mapping[str, str]
    roles: Mapping[str, str]
    rows: Mapping[str, str]
    clauses: Mapping[str, str]
    leads: Mapping[str, str]
    flows: Mapping[str, str]

    def name(self, part: str, value: object) -> str:
        """What a value of a part is called; itself when nobody named it."""
        names: Mapping[str, str] = getattr(self, "leads" if part == "lead" else part)
        return names.get(str(value), str(value))


def choices_for(session: Session, viewer: Viewer) -> Choices:
    """The choices, with the labels of the newest version of each flow that the viewer can see an incident of."""
    ids = _steps(session, viewer, Incident.flow_id)
    newest = {id_: _newest(session, viewer, id_) for id_ in ids}
    flows = [flow for flow in newest.values() if flow]
    labels = _together((code, each.label) for flow in flows for code, each in flow.codes.items())
    rows = _together((row.id, row.title) for flow in flows for row in flow.rows.values())
    levels = _together((str(each.level), each.name) for flow in flows for each in flow.levels)

    def tags(kind: str) -> list[str]:
        return _steps(session, viewer, Tag.value, Tag.kind == kind)

    return Choices(
        levels={str(level): _after(str(level), levels.get(str(level), "")) for level in LEVELS},
        states={str(state): name for state, name in STATES.items()},
        channels=CHANNELS,
        responses={value: labels.get(value, _plain(value)) for value in tags("response")},
        roles={value: labels.get(value, _plain(value)) for value in tags("role")},
        rows={value: _after(value, rows.get(value, "")) for value in tags("row")},
        clauses={value: value for value in tags("clause")},
        leads={NOBODY: "nobody", **_leads(session, viewer)},
        flows={id_: flow.title if flow else _plain(id_) for id_, flow in newest.items()},
    )


def _steps(session: Session, viewer: Viewer, value: Any, *conditions: ColumnElement[bool]) -> list[str]:
    """The values of a column that an incident has which the viewer may see.

    Each is found by one step down the index, however many incidents have it.
    """
    query = select(value).join(Incident, Incident.id == Tag.incident_id) if value is Tag.value else select(value)
    query = query.where(visible_to(viewer), *conditions).order_by(value).limit(1)
    first = select(query.where(value > "").scalar_subquery().label("value")).cte("found", recursive=True)
    after = query.where(value > first.c.value).correlate(first).scalar_subquery()
    found = first.union_all(select(after).where(first.c.value.is_not(None)))
    return [each for (each,) in session.execute(select(found.c.value).limit(MOST_VALUES)) if each is not None]


def _newest(session: Session, viewer: Viewer, flow_id: str) -> Flow | None:
    """The version of a flow that the newest incident goes by which the viewer may see."""
    query = select(Incident.flow_version).where(Incident.flow_id == flow_id, visible_to(viewer))
    return _flow(session, session.scalar(query.order_by(Incident.id.desc()).limit(1)))


def _leads(session: Session, viewer: Viewer) -> dict[str, str]:
    """Those who lead an incident, by name."""
    ids = _steps(session, viewer, Incident.lead_id)
    names = names_of(session, ids)
    return dict(sorted(((id_, names.get(id_) or id_) for id_ in ids), key=lambda lead: lead[1].casefold()))


def names_of(session: Session, ids: Iterable[str | None]) -> dict[str, str]:
    """The names of participants who have one."""
    query = select(Participant.id, Participant.name).where(Participant.id.in_({id_ for id_ in ids if id_}))
    return {id_: name for id_, name in session.execute(query) if name}


def labels_of(session: Session, incidents: Iterable[Incident]) -> dict[str, Mapping[str, str]]:
    """For each version of a flow that incidents were begun with: the labels of its responses and roles."""
    flows = {version: _flow(session, version) for version in {one.flow_version for one in incidents}}
    return {
        version: {code: each.label for code, each in flow.codes.items()} if flow else {}
        for version, flow in flows.items()
    }


def titles_of(session: Session, incidents: Iterable[Incident]) -> dict[str, str]:
    """What the flow of each version is called that incidents go by."""
    used = {one.flow_version: one.flow_id for one in incidents}
    flows = {version: _flow(session, version) for version in used}
    return {version: flow.title if flow else _plain(used[version]) for version, flow in flows.items()}


def _flow(session: Session, version: str | None) -> Flow | None:
    try:
        return record.flow_of(session, version) if version else None
    except FlowError:
        return None


def _together(names: Iterable[tuple[str, str]]) -> dict[str, str]:
    """What each code is called; all its names where flows call it differently."""
    found: dict[str, dict[str, None]] = {}
    for code, name in names:
        found.setdefault(code, {})[name] = None
    return {code: " / ".join(given) for code, given in found.items()}


def _after(value: str, title: str) -> str:
    return f"{value}, {title}" if title else value


def _plain(code: str) -> str:
    return code.replace("_", " ")
