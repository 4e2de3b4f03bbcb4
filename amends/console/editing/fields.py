"""The fields of a form: from what a flow says to what is drawn, and from what was sent to what the flow will say.

What was not changed in a form stays exactly what it was, whatever other way there is to write the same.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from amends.console.editing.tree import Node, inside, items, leaf, leaves, numbered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from amends.console.editing.pick import Pick, Picks


class _Absent:
    def __repr__(self) -> str:
        return "ABSENT"

    def __bool__(self) -> bool:
        return False


ABSENT: Any = _Absent()
"""Nothing is said: the name does not stand in the file."""


@dataclass(frozen=True)
class Field(ABC):
    """One field. `name` is that in the file; `kind` the macro that draws it; `hint` a sentence below its label."""

    name: str
    label: str
    hint: str = ""
    required: bool = False
    kind: str = ""

    @abstractmethod
    def fill(self, raw: Any, picks: Picks) -> Any:
        """What is drawn for what the file says; `raw` may be ABSENT."""

    @abstractmethod
    def read(self, node: Node, old: Any, picks: Picks) -> Any:
        """What the file will say for what was sent; `old` is what it says now."""

    def take(self, node: Node, old: Any, picks: Picks) -> Any:
        """As `read`, and exactly what the file says now when nothing was changed."""
        if old is not ABSENT:
            drawn = {self.name: self.fill(old, picks)}
            if self.read(drawn, ABSENT, picks) == self.read(node, ABSENT, picks):
                return old
        return self.read(node, old, picks)


@dataclass(frozen=True)
class Text(Field):
    """Words on one line, or on several when `rows` says so."""

    kind: str = "text"
    rows: int = 1

    def fill(self, raw: Any, picks: Picks) -> Any:  # noqa: ARG002 - the same for every field
        return [] if raw is ABSENT or raw is None else [str(raw)]

    def read(self, node: Node, old: Any, picks: Picks) -> Any:  # noqa: ARG002
        words = " ".join(leaf(node, self.name).split())
        return words if words or self.required else ABSENT


@dataclass(frozen=True)
class Number(Field):
    """A number; what is none is kept as words, and the checks say what is wrong with it."""

    kind: str = "text"
    rows: int = 1

    def fill(self, raw: Any, picks: Picks) -> Any:  # noqa: ARG002
        return [] if raw is ABSENT or raw is None else [str(raw)]

    def read(self, node: Node, old: Any, picks: Picks) -> Any:  # noqa: ARG002
        words = leaf(node, self.name).strip()
        if re.fullmatch(r"[0-9]{1,9}", words):
            return int(words)
        if re.fullmatch(r"[0-9]{1,9}\.[0-9]{1,9}", words):
            return float(words)
        return words if words or self.required else ABSENT


@dataclass(frozen=True)
class Flag(Field):
    """A box to tick."""

    kind: str = "flag"

    def fill(self, raw: Any, picks: Picks) -> Any:  # noqa: ARG002
        return ["yes"] if raw in ("yes", True) else []

    def read(self, node: Node, old: Any, picks: Picks) -> Any:  # noqa: ARG002
        return "yes" if leaf(node, self.name) else ABSENT


@dataclass(frozen=True)
class Choice(Field):
    """One of several."""

    kind: str = "choice"
    choices: Callable[[Picks], Sequence[Pick]] = field(default=lambda _: ())
    default: str = ""
    empty: str = ""
    """What the line says that picks none of them."""

    def fill(self, raw: Any, picks: Picks) -> Any:  # noqa: ARG002
        return [str(raw)] if isinstance(raw, str) else [self.default] if raw is ABSENT and self.default else []

    def read(self, node: Node, old: Any, picks: Picks) -> Any:  # noqa: ARG002
        picked = leaf(node, self.name)
        if picked == self.default and not self.required:
            return ABSENT
        return picked if picked or self.required else ABSENT


@dataclass(frozen=True)
class Many(Field):
    """Several of several. `alone`: one of them is written without brackets."""

    kind: str = "many"
    choices: Callable[[Picks], Sequence[Pick]] = field(default=lambda _: ())
    alone: bool = False
    open: bool = False

    def fill(self, raw: Any, picks: Picks) -> Any:  # noqa: ARG002
        return [] if raw is ABSENT or raw is None else [str(each) for each in (raw if isinstance(raw, list) else [raw])]

    def read(self, node: Node, old: Any, picks: Picks) -> Any:
        picked = list(dict.fromkeys(leaves(node, self.name)))
        before = self.fill(old, picks)
        picked = in_order(picked, before)
        if not picked and not self.required:
            return ABSENT
        return picked[0] if self.alone and len(picked) == 1 else picked


@dataclass(frozen=True)
class WhenMissing(Field):
    """How a missing answer is read: an option, for a question of many any number of them, also none."""

    kind: str = "missing"
    choices: Callable[[Picks], Sequence[Pick]] = field(default=lambda _: ())

    def fill(self, raw: Any, picks: Picks) -> Any:  # noqa: ARG002
        if raw is ABSENT or raw is None:
            return []
        return [str(each) for each in raw] or ["-"] if isinstance(raw, list) else [str(raw)]

    def read(self, node: Node, old: Any, picks: Picks) -> Any:  # noqa: ARG002
        picked = leaves(node, self.name)
        named = [each for each in picked if each not in ("", "-")]
        if leaf(node, "kind") == "many" and ("-" in picked or named):
            return named
        return ABSENT if not named else named[0] if len(named) == 1 else named


@dataclass(frozen=True)
class Phrases(Field):
    """Sentences, one on each line."""

    kind: str = "phrases"

    def fill(self, raw: Any, picks: Picks) -> Any:  # noqa: ARG002
        return [] if raw is ABSENT or raw is None else ["\n".join(str(each) for each in _listed(raw))]

    def read(self, node: Node, old: Any, picks: Picks) -> Any:  # noqa: ARG002
        lines = [" ".join(line.split()) for line in leaf(node, self.name).splitlines()]
        return [line for line in lines if line] or ABSENT


@dataclass(frozen=True)
class Part(Field):
    """Fields of their own below a name; without `needs` filled in, the part is not there."""

    kind: str = "part"
    fields: Sequence[Field] = ()
    needs: str = ""

    def fill(self, raw: Any, picks: Picks) -> Any:
        return fill_all(self.fields, raw, picks)

    def read(self, node: Node, old: Any, picks: Picks) -> Any:
        part = read_all(self.fields, inside(node, self.name), old, picks)
        return part if any(name in part and part[name] for name in self.needs.split()) else ABSENT


@dataclass(frozen=True)
class Items(Field):
    """A list of parts, with buttons to add, remove and move them.

    `key`: the parts have names, which stand in a field of that name (`was`: what it was before); without, it is a
    list. `one`: the only field of each part, which stands alone in the file; `short`: the part is that field alone
    while the others are empty.
    """

    kind: str = "items"
    fields: Sequence[Field] = ()
    key: Field | None = None
    one: str = ""
    short: str = ""
    item: str = "line"
    slug: str = ""
    """The field out of which a missing name is made."""
    folded: bool = False

    def fill(self, raw: Any, picks: Picks) -> Any:
        if self.key is None:
            return numbered(fill_all(self.fields, each, picks) for each in _listed(raw))
        nodes = []
        for name, each in raw.items() if isinstance(raw, dict) else ():
            plain = self.one or self.short
            part = {plain: each} if plain and not isinstance(each, dict) else each
            nodes.append({self.key.name: [str(name)], "was": [str(name)], **fill_all(self.fields, part or {}, picks)})
        return numbered(nodes)

    def read(self, node: Node, old: Any, picks: Picks) -> Any:
        nodes = [each for each in items(node, self.name) if not blank(each)]
        if not nodes and not self.required:
            return ABSENT
        if self.key is None:
            olds = _matched(old, nodes, self, picks)
            return [read_all(self.fields, each, before, picks) for each, before in zip(nodes, olds, strict=True)]
        read: dict[str, Any] = {}
        for each in nodes:
            name = leaf(each, self.key.name).strip() or (slug(leaf(each, self.slug), read) if self.slug else "")
            before = old.get(name, ABSENT) if isinstance(old, dict) else ABSENT
            read[_free(name, read)] = self._part(each, before, picks)
        return read

    def _part(self, node: Node, old: Any, picks: Picks) -> Any:
        plain = self.one or self.short
        before = {plain: old} if plain and old is not ABSENT and not isinstance(old, dict) else old
        part = read_all(self.fields, node, before, picks)
        if self.one:
            return part.get(self.one, "")
        if self.short and set(part) == {self.short} and (old is ABSENT or not isinstance(old, dict)):
            return part[self.short]
        return part


@dataclass(frozen=True)
class Steps(Items):
    """The steps of a row: in the file each is its code, or its code with conditions and words below it."""

    def fill(self, raw: Any, picks: Picks) -> Any:
        return super().fill([_flat(each) for each in _listed(raw)], picks)

    def read(self, node: Node, old: Any, picks: Picks) -> Any:
        before = ABSENT if old is ABSENT else [_flat(each) for each in _listed(old)]
        read = super().read(node, before, picks)
        return read if read is ABSENT else [_step(each) for each in read]


def _flat(step: Any) -> Any:
    if isinstance(step, dict) and step:
        code, part = next(iter(step.items()))
        return {"code": code, **(part if isinstance(part, dict) else {})}
    return {"code": step}


def _step(flat: dict[str, Any]) -> Any:
    part = {name: value for name, value in flat.items() if name != "code"}
    return {flat.get("code", ""): part} if part else flat.get("code", "")


def fill_all(fields: Sequence[Field], raw: Any, picks: Picks) -> Node:
    """What is drawn for a part with several fields."""
    part: Mapping[str, Any] = raw if isinstance(raw, dict) else {}
    return {each.name: each.fill(part.get(each.name, ABSENT), picks) for each in fields}


def read_all(fields: Sequence[Field], node: Node, old: Any, picks: Picks) -> dict[str, Any]:
    """A part of the file with what was sent: its names in their old order, new ones where they belong."""
    before: dict[str, Any] = dict(old) if isinstance(old, dict) else {}
    new = dict(before)
    for n, each in enumerate(fields):
        value = each.take(node, before.get(each.name, ABSENT), picks)
        if value is ABSENT:
            new.pop(each.name, None)
        elif each.name in new:
            new[each.name] = value
        else:
            new = _put(new, each.name, value, [other.name for other in fields[:n]])
    return new


def blank(node: Node) -> bool:
    """Whether nothing was filled in: an added line that was left empty."""
    for name, value in node.items():
        if isinstance(value, dict):
            if not blank(value):
                return False
        elif name not in ("new", "fresh") and any(each.strip() for each in value):
            return False
    return True


def slug(words: str, taken: Mapping[str, Any]) -> str:
    """A name out of words: 'Not sure' as not_sure."""
    found = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")
    found = re.sub(r"^[0-9_]+", "", found)[:24].rstrip("_") or "new"
    return _free(found, taken)


def in_order(picked: Sequence[str], before: Sequence[str]) -> list[str]:
    """What was picked, in the order in which it stood before, then what is new."""
    return [*(each for each in before if each in picked), *(each for each in picked if each not in before)]


def _listed(raw: Any) -> list[Any]:
    return raw if isinstance(raw, list) else [] if raw is ABSENT or raw is None else [raw]


def _free(name: str, taken: Mapping[str, Any]) -> str:
    """The name, or with a number behind it when it stands there already; the checks then say what is wrong."""
    if name not in taken:
        return name
    return next(f"{name}_{n}" for n in range(2, len(taken) + 3) if f"{name}_{n}" not in taken)


def _put(part: dict[str, Any], name: str, value: Any, above: Sequence[str]) -> dict[str, Any]:
    """A new name behind the nearest of those that stand above it in the form."""
    names = list(part)
    at = max((names.index(each) + 1 for each in above if each in names), default=0)
    return dict([*list(part.items())[:at], (name, value), *list(part.items())[at:]])


def _matched(old: Any, nodes: Sequence[Node], field_: Items, picks: Picks) -> list[Any]:
    """For each part what it was before: the one that is drawn alike, else the one in its place."""
    before = _listed(old)
    drawn = [
        _unordered(read_all(field_.fields, fill_all(field_.fields, each, picks), ABSENT, picks)) for each in before
    ]
    sent = [_unordered(read_all(field_.fields, each, ABSENT, picks)) for each in nodes]
    left = list(range(len(before)))
    found: list[Any] = [ABSENT] * len(nodes)
    for n, each in enumerate(sent):
        same = next((m for m in left if drawn[m] == each), None)
        if same is not None:
            found[n] = before[same]
            left.remove(same)
    for n in range(len(nodes)):
        if found[n] is ABSENT and n in left:
            found[n] = before[n]
            left.remove(n)
    return found


def _unordered(value: Any) -> Any:
    """A part without the order of its lists: boxes are sent in the order in which they are drawn."""
    if isinstance(value, dict):
        return {name: _unordered(part) for name, part in value.items()}
    if isinstance(value, list):
        return sorted((_unordered(part) for part in value), key=repr)
    return value
