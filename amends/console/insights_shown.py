"""What the page of insights shows: figures with their names, in tables and in charts."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from amends.console import charts
from amends.console.trail_words import SOURCES
from amends.console.words import cap, plain
from amends.flows.explain import mid_sentence
from amends.insights.facts import Outcome, Span
from amends.insights.figures import TROUBLE, Parts, Side, Timed
from amends.insights.scope import NARROWING, SPLITS, next_month
from amends.insights.suppress import FEWEST, FEWEST_FOR_SPREAD
from amends.register.filters import Filter

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from amends.insights.look import Look
    from amends.insights.names import Names
    from amends.insights.scope import Scope

UNSEEN = "not shown"
SPANS = {
    Span.NOTICE: "until somebody noticed",
    Span.REPORT: "until it was reported",
    Span.ADVICE: "until there was advice",
    Span.TAKE_DOWN: "until it was taken down",
    Span.RESPONSE: "until the public was answered",
}
OUTCOMES = {
    Outcome.FOLLOWED: "Every step was done",
    Outcome.OVERRIDDEN: "A comms lead decided otherwise",
    Outcome.STEPS_OPEN: "Closed with steps left open",
    Outcome.RUNNING: "Still going on",
    Outcome.NONE: "No advice: stopped before, or still asking",
}
BY = {
    "flow": "what it was about",
    "level": "level",
    "row": "rule",
    "kind": "what was wrong",
    "month": "month of the report",
}
TROUBLES = {
    "NOT_SURE": "Not sure",
    "CORRECTED": "Corrected later",
    "WENT_BACK": "Gone back to",
    "ASKED_WHY": "Asked why",
}


def shown(look: Look, scope: Scope, zone: ZoneInfo) -> dict[str, Any]:
    """All that the page shows."""
    figures, names = look.figures, look.names
    by = _namer(scope.by, names)
    return {
        "figures": figures,
        "scope": scope,
        "choices": _choices(look, zone),
        "said": _said(look, scope),
        "months": _columns(figures.months, _month),
        "flows": _bars(figures.flows, _namer("flow", names), _lists(scope, "flows")),
        "levels": _bars(figures.levels, _namer("level", names), _lists(scope, "levels")),
        "kinds": _bars(figures.kinds, _namer("kind", names)),
        "rows": _bars(figures.rows, _namer("row", names), _lists(scope, "rows")),
        "clauses": _bars(figures.clauses, lambda code: _titled(code, names.clauses), _lists(scope, "clauses")),
        "outcomes": _bars(figures.outcomes, lambda code: OUTCOMES[Outcome(code)]),
        "spans": _ranges(figures.spans, lambda code: cap(SPANS[Span(code)])),
        "split": _ranges(figures.split, by),
        "split_span": SPANS[scope.span],
        "split_by": BY[scope.by],
        "questions": _questions(look),
        "troubles": [TROUBLES[name] for name in TROUBLE],
        "compared": _compared(look),
        "fewest": FEWEST,
        "fewest_for_spread": FEWEST_FOR_SPREAD,
        "unseen": UNSEEN,
    }


def _columns(parts: Parts, name: Callable[[str], str]) -> dict[str, Any]:
    lines = [(name(part.code), part.count, None) for part in parts.parts]
    counts = [count for _, count, _ in lines if count is not None]
    return {
        "lines": lines,
        "marks": charts.columns([count for _, count, _ in lines]),
        "most": max(counts, default=0),
        "left_out": parts.left_out,
    }


def _bars(
    parts: Parts, name: Callable[[str], str], address: Callable[[str], str | None] = lambda _: None
) -> dict[str, Any]:
    """Bars with their table. `address`: of the list of a part's incidents."""
    lines = [(name(part.code), part.count, address(part.code) if part.count else None) for part in parts.parts]
    if parts.others is not None:
        lines.append(("All others together", parts.others, None))
    marks = charts.bars([(label, count) for label, count, _ in lines], UNSEEN)
    return {"lines": lines, "marks": marks, "left_out": parts.left_out}


def _lists(scope: Scope, part: str) -> Callable[[str], str | None]:
    """The address of the list of incidents behind a number; None where the list cannot be narrowed in the same way."""
    if scope.kind is not None:
        return lambda _: None
    chosen: dict[str, Any] = {
        "since": date.fromisoformat(f"{scope.since}-01") if scope.since else None,
        "until": date.fromisoformat(f"{next_month(scope.until)}-01") - timedelta(days=1) if scope.until else None,
        "flows": () if scope.flow is None else (scope.flow,),
        "levels": () if scope.level is None else (scope.level,),
        "rows": () if scope.row is None else (scope.row,),
        "channels": () if scope.channel is None else (scope.channel,),
    }

    def address(code: str) -> str | None:
        if not code:
            return None
        return f"/all?{Filter(**{**chosen, part: (int(code) if part == 'levels' else code,)}).query()}"

    return address


def _ranges(times: Sequence[Timed], name: Callable[[str], str]) -> dict[str, Any]:
    marks, ticks = charts.ranges([(name(time.code), time.median, time.ninetieth) for time in times])
    lines = [
        (
            name(time.code),
            UNSEEN if time.count is None else f"{time.count:,}",
            UNSEEN if time.median is None else charts.took(time.median),
            UNSEEN if time.ninetieth is None else charts.took(time.ninetieth),
        )
        for time in times
    ]
    return {"lines": lines, "marks": marks, "ticks": ticks}


def _questions(look: Look) -> dict[str, Any]:
    lines = [
        (
            _asked(look.names, line.flow, line.question),
            line.answered,
            [_some(line.trouble[name]) for name in TROUBLE],
            None if line.any is None else round(100 * line.any / line.answered),
        )
        for line in look.figures.questions
    ]
    most = max((line[3] for line in lines if line[3] is not None), default=0) or 1
    marks = [
        charts.Bar(
            charts.short(topic),
            UNSEEN if share is None else f"{share} %",
            None if share is None else charts.WIDEST * share / most,
        )
        for topic, _, _, share in lines
    ]
    return {"lines": lines, "marks": marks}


def _asked(names: Names, flow: str, question: str) -> str:
    """A question, and where there are several flows, of which it is."""
    topic = cap(names.questions.get((flow, question), plain(question)))
    return f"{topic} ({mid_sentence(names.flows.get(flow, plain(flow)))})" if len(names.flows) > 1 else topic


def _compared(look: Look) -> dict[str, Any] | None:
    before, after = look.figures.before, look.figures.after
    if before is None or after is None:
        return None
    since = {used.version: used.since for used in look.names.versions}
    sides = (before, after)

    def line(label: str, value: Callable[[Side], str]) -> tuple[str, list[str]]:
        return label, [value(side) for side in sides]

    return {
        "sides": [(side.version, since.get(side.version)) for side in sides],
        "lines": [
            line("Incidents", lambda side: f"{side.count:,}"),
            line("From the report to the advice, median", lambda side: _took(side.to_advice.median)),
            line("From the report to the advice, 90th percentile", lambda side: _took(side.to_advice.ninetieth)),
            line(
                "Questions answered, median", lambda side: UNSEEN if side.questions is None else f"{side.questions:g}"
            ),
            line("A comms lead decided otherwise", lambda side: _share(side.overridden, side.advised)),
            *(
                (f"{TROUBLES[name]}, at any question", [_share(side.trouble[name], side.count) for side in sides])
                for name in TROUBLE
            ),
        ],
    }


def _took(seconds: float | None) -> str:
    return UNSEEN if seconds is None else charts.took(seconds)


def _share(part: int | None, whole: int | None) -> str:
    if part is None or whole is None:
        return UNSEEN
    return f"{part:,} of {whole:,} ({round(100 * part / whole)} %)" if whole else "none"


def _some(count: int | None) -> str:
    return UNSEEN if count is None else f"{count:,}"


def _namer(what: str, names: Names) -> Callable[[str], str]:
    return {
        "flow": lambda code: names.flows.get(code, plain(code)),
        "level": lambda code: f"Level {_titled(code, names.levels)}" if code else "No level yet",
        "row": lambda code: _titled(code, names.rows) if code else "No advice, or no rule fitted",
        "kind": lambda code: names.kinds.get(code, plain(code)),
        "month": _month,
    }[what]


def _titled(code: str, titles: Mapping[str, str]) -> str:
    return f"{code}: {titles[code]}" if titles.get(code) else code


def _month(code: str) -> str:
    """A month or a year in words."""
    return code if len(code) == 4 else f"{date.fromisoformat(f'{code}-01'):%B %Y}"


def _choices(look: Look, zone: ZoneInfo) -> dict[str, list[tuple[str, str]]]:
    """What there is to choose from: the value and its name."""
    names = look.names
    versions = [(used.version, used.since.astimezone(zone)) for used in names.versions[1:]]
    return {
        "months": [(month, _month(month)) for month in look.months],
        "flows": list(names.flows.items()),
        "levels": [(level, _namer("level", names)(level)) for level in sorted(names.levels)],
        "rows": [(row, _titled(row, names.rows)) for row in names.rows],
        "kinds": list(names.kinds.items()),
        "channels": [(channel, cap(SOURCES.get(channel, channel))) for channel in look.channels],
        "spans": [(str(span), cap(words)) for span, words in SPANS.items()],
        "by": [(by, BY[by]) for by in SPLITS],
        "versions": [(v, f"In use from {t.day} {t:%B %Y at %H:%M} ({v[:8]})") for v, t in reversed(versions)],
    }


def _said(look: Look, scope: Scope) -> list[tuple[str, str]]:
    """Each thing that narrows the choice in words, and the address without it."""
    names = look.names
    words: dict[str, Callable[[str], str]] = {
        "since": lambda value: f"from {_month(value)} on",
        "until": lambda value: f"up to the end of {_month(value)}",
        "flow": lambda value: f"about '{names.flows.get(value, plain(value))}'",
        "level": lambda value: f"level {_titled(value, names.levels)}",
        "row": lambda value: f"rule {_titled(value, names.rows)}",
        "kind": lambda value: f"with '{names.kinds.get(value, plain(value))}'",
        "channel": lambda value: f"reported {SOURCES.get(value, value)}",
    }
    given = [(part, getattr(scope, part)) for part in NARROWING]
    return [(words[part](str(value)), scope.query(**{part: None})) for part, value in given if value is not None]
