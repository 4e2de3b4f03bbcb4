"""The figures as JSON: for programs, with the same numbers left out as on the page."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from amends.insights.scope import NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from amends.insights.figures import Parts
    from amends.insights.look import Look
    from amends.insights.scope import Scope


def as_json(look: Look, scope: Scope) -> dict[str, Any]:
    """What somebody sees, as JSON. Times are in seconds. A number that is null is not shown, because it is small."""
    figures, names = look.figures, look.names
    return {
        "chosen": {NAMES.get(name, name): value for name, value in asdict(scope).items()},
        "total": figures.total,
        "gives_away": figures.gives_away,
        "months": _parts(figures.months, {}),
        "flows": _parts(figures.flows, names.flows),
        "levels": _parts(figures.levels, names.levels),
        "rows": _parts(figures.rows, names.rows),
        "kinds": _parts(figures.kinds, names.kinds),
        "clauses": _parts(figures.clauses, names.clauses),
        "outcomes": _parts(figures.outcomes, {}),
        "times": [asdict(line) for line in figures.spans],
        "split": [asdict(line) for line in figures.split],
        "questions": [
            {**asdict(line), "topic": names.questions.get((line.flow, line.question))} for line in figures.questions
        ],
        "before": asdict(figures.before) if figures.before else None,
        "after": asdict(figures.after) if figures.after else None,
    }


def _parts(parts: Parts, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "parts": [{"code": part.code, "name": names.get(part.code), "count": part.count} for part in parts.parts],
        "others": parts.others,
    }
