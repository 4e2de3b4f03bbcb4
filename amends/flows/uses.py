"""Where the names of a flow are used, and a new name for one of them everywhere at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from amends.flows.blocks import NoSuchPart, Tree, tree_of
from amends.flows.written import word

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from amends.flows.source import Path_

CODES = ("responses", "people")
_STAGES = {"gate": "gates", "row": "rows", "recommended": "codes"}
_LOGIC = ("not", "any_of", "all_of")


@dataclass(frozen=True)
class Use:
    """One place where a name is used.

    `kind` is the section of what is named: questions, options, groups, terms, settings, gates, rows, or codes for
    responses and roles. `question` is that of an option or a group. `key`: the name stands as a name there.
    """

    kind: str
    name: str
    path: Path_
    key: bool = False
    question: str = ""


def uses(content: Mapping[str, Any]) -> Iterator[Use]:
    """Every use of a name in a flow, in the order of the file.

    Args:
        content: what the file says, well formed or not.
    """
    for section, part in content.items():
        yield from _parts(content, part, (section,))


def uses_of(content: Mapping[str, Any], section: str, name: str) -> list[Use]:
    """The uses of one element."""
    kind = "codes" if section in CODES else section
    kinds = (kind, "terms or settings") if section in ("terms", "settings") else (kind,)
    return [use for use in uses(content) if use.name == name and use.kind in kinds]


def rename(text: str, section: str, old: str, new: str) -> str:
    """The text with another name for an element, there and wherever it is used.

    Raises:
        FlowError: the text cannot be read.
        NoSuchPart: there is no such element.
    """
    tree = tree_of(text)
    tree.node((section, old))
    places = [(use.path, use.key) for use in uses_of(tree.content, section, old)]
    return _renamed(tree, [((section, old), True), *places], new)


def rename_option(text: str, question: str, old: str, new: str) -> str:
    """The text with another name for an option of a question, there and wherever it is used.

    Raises:
        FlowError: the text cannot be read.
        NoSuchPart: there is no such option.
    """
    tree = tree_of(text)
    path: Path_ = ("questions", question, "options", old)
    tree.node(path)
    found = [use for use in uses(tree.content) if (use.kind, use.question, use.name) == ("options", question, old)]
    return _renamed(tree, [(path, True), *((use.path, use.key) for use in found)], new)


def _renamed(tree: Tree, places: list[tuple[Path_, bool]], new: str) -> str:
    text = tree.text
    nodes = []
    for path, key in places:
        name, value = tree.children(tree.node(path[:-1]), path)
        nodes.append(name if key else value)
    for start, end in sorted({(n.start_mark.index, n.end_mark.index) for n in nodes if n is not None}, reverse=True):
        text = text[:start] + word(new, sentence=False) + text[end:]
    return text


def _parts(content: Mapping[str, Any], part: Any, path: Path_) -> Iterator[Use]:
    if isinstance(part, list):
        for n, each in enumerate(part):
            yield from _parts(content, each, (*path, n))
    elif isinstance(part, dict):
        for name, each in part.items():
            here = (*path, name)
            if name in ("when", "unless"):
                yield from condition_uses(content, each, here)
                continue
            yield from _named(content, name, each, here)
            yield from _parts(content, each, here)


def condition_uses(content: Mapping[str, Any], raw: Any, path: Path_) -> Iterator[Use]:
    """The names that a condition uses."""
    if isinstance(raw, list):
        for n, each in enumerate(raw):
            yield from condition_uses(content, each, (*path, n))
    if not isinstance(raw, dict):
        return
    questions = content.get("questions") or {}
    for name, value in raw.items():
        here = (*path, name)
        if name in _LOGIC:
            yield from condition_uses(content, value, here)
        elif name in _STAGES:
            yield from _words(_STAGES[name], value, here)
        elif name in questions:
            yield Use("questions", name, here, key=True)
            groups = content.get("groups") or {}
            operators = value.items() if isinstance(value, dict) else [(None, value)]
            for operator, options in operators:
                for use in _words("options", options, here if operator is None else (*here, operator), name):
                    group = groups.get(use.name)
                    mine = isinstance(group, dict) and group.get("question") == name
                    yield Use("groups", use.name, use.path, question=name) if mine else use
        else:
            yield Use("terms or settings", name, here, key=True)


def _words(kind: str, value: Any, path: Path_, question: str = "") -> Iterator[Use]:
    if isinstance(value, list):
        for n, each in enumerate(value):
            if isinstance(each, str):
                yield Use(kind, each, (*path, n), question=question)
    elif isinstance(value, str):
        yield Use(kind, value, path, question=question)


_CODES_IN = {
    "gates": ("add", "forbid", "clear_first", "how", "how_instead"),
    "floors": ("drop", "add"),
    "never": ("refuse", "without", "never_empty"),
    "questions": ("ask_before",),
    "letters": ("goes_with",),
    "add": ("after", "in_place_of"),
}


def _named(content: Mapping[str, Any], name: str, value: Any, path: Path_) -> Iterator[Use]:
    """The names that stand outside conditions."""
    section = path[0]
    if section == "offers" and len(path) == 2:
        yield Use("codes", name, path, key=True)
    if name == "do" and section == "rows":
        yield from _steps(value, path)
    inside = "add" if section == "floors" and len(path) == 5 else str(section)
    if name in _CODES_IN.get(inside, ()) and len(path) in (3, 5):
        if isinstance(value, dict):
            for code in value:
                yield Use("codes", code, (*path, code), key=True)
        else:
            yield from _words("codes", value, path)
    if name == "how_unless_row":
        yield from _words("rows", value, path)
    if section == "groups" and name == "question":
        yield from _words("questions", value, path)
    if section == "groups" and name == "options":
        owner = (content["groups"].get(path[1]) or {}).get("question", "")
        yield from _words("options", value, path, str(owner))
    if section == "questions":
        yield from _own_options(str(path[1]), path, value)


def _own_options(question: str, path: Path_, value: Any) -> Iterator[Use]:
    if path[2:] in (("alone",), ("when_missing",), ("implied", "value"), ("tick", "no"), ("tick", "yes")):
        yield from _words("options", value, path, question)


def _steps(value: Any, path: Path_) -> Iterator[Use]:
    for n, step in enumerate(value if isinstance(value, list) else ()):
        if isinstance(step, str):
            yield Use("codes", step, (*path, n))
        elif isinstance(step, dict) and step:
            code = str(next(iter(step)))
            yield Use("codes", code, (*path, n, code), key=True)


__all__ = ["CODES", "NoSuchPart", "Use", "condition_uses", "rename", "rename_option", "uses", "uses_of"]
