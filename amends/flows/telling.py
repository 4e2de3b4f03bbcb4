"""Conditions of a flow in plain words, for people who never read YAML.

It works on what the file says, well formed or not: a name that leads nowhere is shown as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from amends.flows.problems import either

if TYPE_CHECKING:
    from collections.abc import Mapping

ALWAYS = "always"

_OPERATORS = {
    "any": "is",
    "not": "is not",
    "only": "is nothing but",
    "all": "is all of",
    "exactly": "is just",
    "at_least": "is at least",
    "at_most": "is at most",
}


def told(content: Mapping[str, Any], raw: Any) -> str:
    """A condition in one sentence without its full stop: "who could be hurt is at least 'Nobody', and ...".

    Args:
        content: what the file says.
        raw: the condition as it stands there; None and an empty one hold always.
    """
    return ", and ".join(lines(content, raw)) or ALWAYS


def lines(content: Mapping[str, Any], raw: Any) -> list[str]:
    """The lines of a condition, all of which have to hold; none when it holds always."""
    if not isinstance(raw, dict):
        return [str(raw)] if raw else []
    return [line for name, value in raw.items() for line in _line(content, str(name), value)]


def topic(content: Mapping[str, Any], question: str) -> str:
    """A question in a few words."""
    part = _section(content, "questions").get(question)
    return str(part.get("topic", question)) if isinstance(part, dict) else question


def option(content: Mapping[str, Any], question: str, code: str) -> str:
    """The label of an option, or what a group is called."""
    options = _section(content, "questions").get(question) or {}
    part = options.get("options", {}).get(code) if isinstance(options.get("options"), dict) else None
    if isinstance(part, dict):
        return str(part.get("label", code))
    return str(part) if part is not None else code


def code_label(content: Mapping[str, Any], code: str) -> str:
    """The label of a response or a role."""
    for section in ("responses", "people"):
        part = _section(content, section).get(code)
        if isinstance(part, dict):
            return str(part.get("label", code))
    return code


def title(content: Mapping[str, Any], section: str, name: str) -> str:
    """A rule with its title: 'B1 (Records)'."""
    part = _section(content, section).get(name)
    return f"{name} ({part['title']})" if isinstance(part, dict) and part.get("title") else name


def _section(content: Mapping[str, Any], name: str) -> dict[str, Any]:
    part = content.get(name)
    return part if isinstance(part, dict) else {}


def _line(content: Mapping[str, Any], name: str, value: Any) -> list[str]:
    if name == "not":
        return [f"this does not hold: ({told(content, value)})"]
    if name in ("any_of", "all_of"):
        parts = value if isinstance(value, list) else [value]
        inside = [f"({told(content, part)})" for part in parts]
        return ["either " + " or ".join(inside)] if name == "any_of" else inside
    if name in ("gate", "row"):
        names = [title(content, f"{name}s", each) for each in _words(value)]
        return [f"{name} {either(names)} applies"]
    if name == "recommended":
        return [f"{_quoted([code_label(content, each) for each in _words(value)])} is recommended"]
    if name in _section(content, "questions"):
        operators = value if isinstance(value, dict) else {"any": value}
        return [_compared(content, name, str(each), part) for each, part in operators.items()]
    for section in ("terms", "settings"):
        part = _section(content, section).get(name)
        if isinstance(part, dict):
            says = str(part.get("says", name)).rstrip(".")
            return [says[:1].lower() + says[1:] if value in ("yes", True) else f"it is not so that: {says}"]
    return [f"{name}: {value}"]


def _compared(content: Mapping[str, Any], question: str, operator: str, value: Any) -> str:
    labels = [option(content, question, each) for each in _words(value)]
    conjunction = "and" if operator in ("all", "exactly") else "or"
    said = _quoted(labels, conjunction)
    return f"{topic(content, question)} {_OPERATORS.get(operator, operator)} {said}"


def _words(value: Any) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]


def _quoted(labels: list[str], conjunction: str = "or") -> str:
    return either([f"'{label}'" for label in labels], conjunction)
