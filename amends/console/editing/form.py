"""One element of a flow as a form: drawn from the text, read from what was sent, and put back into the text."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from amends.console.editing.fields import ABSENT, Field, Items, Part, Steps, blank, fill_all, read_all, slug
from amends.console.editing.pick import Pick, Picks
from amends.console.editing.tree import Node, inside, items, leaf, leaves
from amends.flows import edits
from amends.flows.uses import rename, rename_option

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from amends.console.editing.sections import Section
    from amends.flows.source import Path_

NEW = ""
"""The id of an element that is not there yet."""


@dataclass(frozen=True)
class Form:
    """The form of one element. `id`: its name, its number from 1 in a list, `all` for a single form, or NEW."""

    section: Section
    id: str
    content: Mapping[str, Any]
    clauses: Mapping[str, str]

    @property
    def path(self) -> Path_:
        """Where it stands in the file. That of a new element is not there yet."""
        if self.section.single:
            return () if self.section.name == "about" else (self.section.name,)
        return (self.section.name, int(self.id) - 1 if self.section.listed and self.id.isdecimal() else self.id)

    @property
    def raw(self) -> Any:
        """What the file says of it, ABSENT when it is not there."""
        found: Any = self.content
        for step in self.path:
            inside_list = isinstance(found, list) and isinstance(step, int) and 0 <= step < len(found)
            if inside_list or (isinstance(found, dict) and step in found):
                found = found[step]
            else:
                return ABSENT
        return found

    @property
    def seen(self) -> tuple[Path_, ...]:
        """The parts whose change by somebody else is a conflict."""
        own = tuple((each.name,) for each in self.section.fields)
        return own if self.section.name == "about" else (self.path,)

    def fingerprint(self, text: str) -> str:
        """What the form was drawn from, to see later whether somebody changed it."""
        if self.id == NEW:
            return ""
        return ".".join(edits.fingerprint(text, path)[:32] for path in self.seen)

    def drawn(self) -> Node:
        """The fields as they are drawn from the file."""
        node = fill_all(self.section.fields, self.raw, self.picks())
        if self.id != NEW and not self.section.listed:
            node["id"] = [self.id]
        return node

    def picks(self, node: Node | None = None) -> Picks:
        """What can be picked; the options of the question itself are those that stand in its form now."""
        picks = Picks(self.content, self.clauses)
        if self.section.name == "questions":
            options = node if node is not None else fill_all(self.section.fields, self.raw, picks)
            return replace(picks, own=tuple(_own(options)))
        if self.section.name == "groups":
            raw = self.raw
            question = leaf(node, "question") if node is not None else str(raw.get("question", "")) if raw else ""
            return replace(picks, own=tuple(picks.options(question)))
        return picks

    def name(self, node: Node) -> str:
        """The name that the element is to have."""
        if self.section.single or self.section.listed:
            return self.id
        typed = leaf(node, "id").strip()
        if typed or self.id != NEW:
            return typed or self.id
        taken = self.content.get(self.section.name)
        return slug(leaf(node, self.section.slug), taken if isinstance(taken, dict) else {})

    def put(self, text: str, node: Node) -> tuple[str, str]:
        """The text with what was sent, and the id of the element in it.

        Args:
            text: whose content the form was made for.
            node: what was sent.

        Raises:
            NoSuchPart: it is not there any more.
        """
        name = self.name(node)
        if self.section.name == "about":
            said = read_all(self.section.fields, node, self.content, self.picks(node))
            for field in self.section.fields:
                if field.name in said:
                    text = edits.change(text, (field.name,), said[field.name])
                elif field.name in self.content:
                    text = edits.remove(text, (field.name,))
            return text, self.id
        if self.raw is ABSENT:
            value = read_all(self.section.fields, node, ABSENT, self.picks(node))
            return self._inserted(text, name, value)
        if name != self.id and not self.section.listed and not self.section.single:
            text = rename(text, self.section.name, self.id, name)
        text = self._options_renamed(text, name, node)
        now = Form(self.section, name, edits.content(text), self.clauses)
        value = read_all(self.section.fields, node, now.raw, now.picks(node))
        return edits.change(text, now.path, value), name

    def _inserted(self, text: str, name: str, value: Any) -> tuple[str, str]:
        have = self.content.get(self.section.name) or ()
        # The last row and the last level apply always, so that what comes behind them never would.
        last = self.section.name in ("rows", "levels") and have
        if self.section.listed:
            at = len(have) - 1 if last else len(have)
            return edits.insert(text, self.section.name, None, value, before=at), str(at + 1)
        if name in have:
            return edits.change(text, (self.section.name, name), value), name
        before = list(have)[-1] if last else None
        return edits.insert(text, self.section.name, name, value, before=before), name

    def _options_renamed(self, text: str, name: str, node: Node) -> str:
        if self.section.name != "questions":
            return text
        new = {}
        for each in items(node, "options"):
            was, code = leaf(each, "was"), leaf(each, "code").strip()
            if was and code and was != code:
                new[was] = code
        for was, code in new.items():
            text = rename_option(text, name, was, code)
            for around, names in ((node, ("alone", "when_missing")), (inside(node, "implied"), ("value",))):
                _replaced(around, names, was, code)
            _replaced(inside(node, "tick"), ("no", "yes"), was, code)
        return text

    def anchor(self, node: Node, path: Path_) -> str:
        """The field in which something at a path of the file is changed: `options.3.label`; "" for the whole."""
        return _anchor(self.section.fields, node, path[len(self.path) :])


def _own(node: Node) -> list[Pick]:
    found = []
    taken: dict[str, Any] = {}
    for each in items(node, "options"):
        if not blank(each):
            label = leaf(each, "label")
            code = leaf(each, "code").strip() or slug(label, taken)
            taken[code] = None
            found.append(Pick(code, label or code))
    return found


def _replaced(node: Node, names: Sequence[str], was: str, code: str) -> None:
    for name in names:
        if name in node:
            node[name] = [code if each == was else each for each in leaves(node, name)]


def _anchor(fields: Sequence[Field], node: Node, path: Path_) -> str:
    field = next((each for each in fields if path and each.name == path[0]), None)
    if field is None:
        return ""
    rest = path[1:]
    if isinstance(field, Part):
        below = _anchor(field.fields, inside(node, field.name), rest)
        return f"{field.name}.{below}" if below else field.name
    if isinstance(field, Items) and rest:
        n = _number(field, node, rest[0])
        if n is None:
            return field.name
        rest = rest[2:] if isinstance(field, Steps) else rest[1:]
        below = _anchor(field.fields, items(node, field.name)[n], rest)
        return f"{field.name}.{n}.{below}" if below else f"{field.name}.{n}"
    return field.name


def _number(field: Items, node: Node, step: str | int) -> int | None:
    """The line of the form that became a part of the file; lines left empty became none."""
    filled = [n for n, each in enumerate(items(node, field.name)) if not blank(each)]
    if isinstance(step, int):
        return filled[step] if step < len(filled) else None
    if field.key is None:
        return None
    taken: dict[str, Any] = {}
    for n in filled:
        each = items(node, field.name)[n]
        name = leaf(each, field.key.name).strip() or (slug(leaf(each, field.slug), taken) if field.slug else "")
        taken[name] = None
        if name == step:
            return n
    return None
