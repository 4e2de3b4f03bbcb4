"""The overview of a flow as tables: every part in one line, its conditions told in plain words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from amends.console.editing.sections import SECTIONS
from amends.flows import telling
from amends.flows.problems import either

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from amends.console.editing.sections import Section

KINDS = {"one": "one option", "many": "all that fit", "scale": "a scale", "times": "times"}


@dataclass(frozen=True)
class Line:
    """One element: what it is called, when it applies (None: it has no condition), and what else there is to say."""

    id: str
    title: str
    when: list[str] | None
    details: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Table:
    """One section with its elements."""

    section: Section
    lines: list[Line]


def tables(content: Mapping[str, Any]) -> list[Table]:
    """Every section in the order of the forms.

    Args:
        content: what the file says, well formed or not.
    """
    found = []
    for section in SECTIONS.values():
        part = content.get(section.name)
        if section.single:
            found.append(Table(section, [_single(section, content)]))
            continue
        pairs = part.items() if isinstance(part, dict) else enumerate(part or (), 1) if isinstance(part, list) else ()
        lines = [_line(content, section, str(id_), each if isinstance(each, dict) else {}) for id_, each in pairs]
        found.append(Table(section, lines))
    return found


def _single(section: Section, content: Mapping[str, Any]) -> Line:
    part = content if section.name == "about" else content.get(section.name)
    values = part if isinstance(part, dict) else {}
    details = [(each.label, _value(values.get(each.name, ""))) for each in section.fields]
    return Line("all", "", None, details)


def _line(content: Mapping[str, Any], section: Section, id_: str, part: dict[str, Any]) -> Line:
    title = str(
        part.get("title") or part.get("topic") or part.get("label") or part.get("name") or part.get("says") or id_
    )
    has_condition = any(each.name == "when" for each in section.fields)
    when = None
    if has_condition:
        when = telling.lines(content, part.get("when"))
        if part.get("unless"):
            when = [*when, f"but not when {telling.told(content, part['unless'])}"]
        when = when or [telling.ALWAYS]
    details = [(label, said) for label, said in _DETAILS.get(section.name, _nothing)(content, part) if said]
    return Line(id_, title, when, details)


def _nothing(content: Mapping[str, Any], part: dict[str, Any]) -> list[tuple[str, str]]:
    del content, part
    return []


def _question(content: Mapping[str, Any], part: dict[str, Any]) -> list[tuple[str, str]]:
    del content
    options = _names(part.get("options"))
    labels = [str(each.get("label", code)) if isinstance(each, dict) else str(each) for code, each in options.items()]
    kind = KINDS.get(str(part.get("kind", "one")), str(part.get("kind")))
    return [("Asks", str(part.get("ask", ""))), ("Answer", kind), ("Options", "; ".join(labels))]


def _row(content: Mapping[str, Any], part: dict[str, Any]) -> list[tuple[str, str]]:
    found = [("Steps", _steps(content, part.get("do")))]
    for case in part.get("instead") or ():
        if isinstance(case, dict):
            when = telling.told(content, case.get("when"))
            found.append(("Instead", f"when {when}: {_steps(content, case.get('do'))}"))
    return [*found, *_words(part), ("Confidence", str(part.get("confidence", ""))), *_reason(part)]


def _gate(content: Mapping[str, Any], part: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        ("Adds", _codes(content, part.get("add"))),
        ("Forbids", _codes(content, part.get("forbid"))),
        ("Must not be done", _value(part.get("do_not"))),
        ("Clears the words first", _codes(content, part.get("clear_first"))),
        *_words(part),
        *_reason(part),
    ]


def _floor(content: Mapping[str, Any], part: dict[str, Any]) -> list[tuple[str, str]]:
    added = []
    for code, how in (part.get("add") or {}).items() if isinstance(part.get("add"), dict) else ():
        words = telling.code_label(content, code)
        if isinstance(how, dict):
            words += f" behind {telling.code_label(content, how['after'])}" if how.get("after") else ""
            words += f" in place of {telling.code_label(content, how['in_place_of'])}" if how.get("in_place_of") else ""
            words += f", when {telling.told(content, how['when'])}" if how.get("when") else ""
        added.append(words)
    return [("Drops", _codes(content, part.get("drop"))), ("Adds", "; ".join(added)), *_words(part), *_reason(part)]


def _offer(content: Mapping[str, Any], part: dict[str, Any]) -> list[tuple[str, str]]:
    lines = _names(part.get("lines"))
    tests = [
        (f"Line {name}", telling.told(content, line.get("when")))
        for name, line in lines.items()
        if isinstance(line, dict)
    ]
    return [*tests, ("How", str(part.get("how", ""))), ("First", str(part.get("task", ""))), *_reason(part)]


def _never(content: Mapping[str, Any], part: dict[str, Any]) -> list[tuple[str, str]]:
    empty = part.get("never_empty")
    return [
        ("Refuses", _codes(content, part.get("refuse"))),
        ("Unless there is", _codes(content, part.get("without"), "or")),
        ("When nothing is left", telling.code_label(content, str(empty)) if empty else ""),
        *_reason(part),
    ]


def _level(content: Mapping[str, Any], part: dict[str, Any]) -> list[tuple[str, str]]:
    del content
    return [
        ("Level", str(part.get("level", ""))),
        ("Decides", str(part.get("decider", ""))),
        ("First public line", str(part.get("first_public_line", ""))),
        ("Looked at again", str(part.get("look_again", ""))),
    ]


def _deadline(content: Mapping[str, Any], part: dict[str, Any]) -> list[tuple[str, str]]:
    del content
    clock = f"{part['hours']} hours from when it was noticed" if part.get("hours") else ""
    return [
        ("Limit", str(part.get("limit", ""))),
        ("Counts from", str(part.get("starts", ""))),
        ("Clock", clock),
        ("Law", f"{part.get('reference', '')} ({part.get('mark', '')})"),
    ]


def _letter(content: Mapping[str, Any], part: dict[str, Any]) -> list[tuple[str, str]]:
    law = f"{part['reference']} ({part.get('mark', '')})" if part.get("reference") else ""
    helps = _codes(content, part.get("goes_with"))
    return [("Helps to write", helps), ("Points", _value(part.get("points"))), ("Law", law)]


def _group(content: Mapping[str, Any], part: dict[str, Any]) -> list[tuple[str, str]]:
    question = str(part.get("question", ""))
    labels = [telling.option(content, question, str(code)) for code in part.get("options") or ()]
    return [("Question", telling.topic(content, question)), ("Options", "; ".join(labels))]


def _code(content: Mapping[str, Any], part: dict[str, Any]) -> list[tuple[str, str]]:
    del content
    return [("How", str(part.get("how", "")))]


def _wording(content: Mapping[str, Any], part: dict[str, Any]) -> list[tuple[str, str]]:
    del content
    return [("Clauses", _value(part.get("clauses")))]


def _words(part: dict[str, Any]) -> list[tuple[str, str]]:
    return [("Words", _value(part.get("wording")))]


def _reason(part: dict[str, Any]) -> list[tuple[str, str]]:
    return [("Reason", str(part.get("reason", ""))), ("Clauses", _value(part.get("clauses")))]


def _steps(content: Mapping[str, Any], steps: Any) -> str:
    told = []
    for step in steps if isinstance(steps, list) else ():
        code, part = next(iter(step.items())) if isinstance(step, dict) and step else (step, {})
        words = telling.code_label(content, str(code))
        if isinstance(part, dict) and part.get("when"):
            words += f" (only when {telling.told(content, part['when'])})"
        if isinstance(part, dict) and part.get("unless"):
            words += f" (but not when {telling.told(content, part['unless'])})"
        told.append(words)
    return "; then ".join(told)


def _codes(content: Mapping[str, Any], codes: Any, conjunction: str = "and") -> str:
    named = codes if isinstance(codes, list) else []
    return either([telling.code_label(content, str(code)) for code in named], conjunction)


def _names(part: Any) -> dict[str, Any]:
    return part if isinstance(part, dict) else {}


def _value(value: Any) -> str:
    return "; ".join(str(each) for each in value) if isinstance(value, list) else str(value or "")


_DETAILS: dict[str, Callable[[Mapping[str, Any], dict[str, Any]], list[tuple[str, str]]]] = {
    "questions": _question,
    "rows": _row,
    "gates": _gate,
    "floors": _floor,
    "offers": _offer,
    "never": _never,
    "levels": _level,
    "deadlines": _deadline,
    "letters": _letter,
    "groups": _group,
    "responses": _code,
    "people": _code,
    "wording": _wording,
}
