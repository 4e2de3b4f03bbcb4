"""When a rule applies: conditions over answers, read from plain YAML, never from code.

A situation is a list of whole numbers, one for each question in the flow's order, whose bits are the options
that were answered, and four more: what is recommended so far, the gates that fired, the row that applies, and
the settings that are on. Each condition is a small tree over such numbers. `compile_` turns it into a
function for `decide`; `amends.flows.encode` turns the same tree into a formula for the solver.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from amends.flows.problems import unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from amends.flows.source import Path_, Source

    Situation = Sequence[int]
    Test = Callable[[Situation], bool]


@dataclass(frozen=True)
class Has:
    """At least one of the options in `mask` was answered."""

    slot: int
    mask: int


@dataclass(frozen=True)
class Only:
    """Every option answered is in `mask`; with nothing answered, this holds."""

    slot: int
    mask: int


@dataclass(frozen=True)
class Not:
    """The part does not hold."""

    part: Condition


@dataclass(frozen=True)
class All:
    """Every part holds; without parts, always."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True)
class AnyOf:
    """At least one part holds."""

    parts: tuple[Condition, ...]


Condition = Has | Only | Not | All | AnyOf

ALWAYS = All(())

_CALLED = {"gate": "gate", "row": "row", "recommended": "response or role"}
"""What the names are that stand behind these, for messages."""


def compile_(condition: Condition) -> Test:
    """A function that says whether the condition holds in a situation."""
    match condition:
        case Has(slot, mask):
            return lambda s: s[slot] & mask != 0
        case Only(slot, mask):
            outside = ~mask
            return lambda s: s[slot] & outside == 0
        case Not(Has(slot, mask)):
            return lambda s: s[slot] & mask == 0
        case Not(part):
            inner = compile_(part)
            return lambda s: not inner(s)
        case All(()):
            return lambda _: True
        case All((part,)) | AnyOf((part,)):
            return compile_(part)
        case All((first, second)):
            one, two = compile_(first), compile_(second)
            return lambda s: one(s) and two(s)
        case All((first, *rest)):
            one, two = compile_(first), compile_(All(tuple(rest)))
            return lambda s: one(s) and two(s)
        case AnyOf((first, *rest)):
            one, two = compile_(first), compile_(AnyOf(tuple(rest)))
            return lambda s: one(s) or two(s)
    return lambda _: False


def slots(condition: Condition) -> frozenset[int]:
    """The numbers of the situation that the condition looks at."""
    match condition:
        case Has(slot, _) | Only(slot, _):
            return frozenset((slot,))
        case Not(part):
            return slots(part)
        case All(parts) | AnyOf(parts):
            return frozenset().union(*(slots(part) for part in parts))


@dataclass(frozen=True)
class Names:
    """What a condition may speak of: slot and bits of every name, in the flow it stands in."""

    questions: Mapping[str, tuple[int, str, Mapping[str, int]]]
    """Question -> its slot, its kind, and the bits of its options in their order."""
    groups: Mapping[str, tuple[str, int]]
    """Group -> the question it belongs to, and the bits of its options."""
    terms: dict[str, Condition]
    settings: Mapping[str, int]
    special: Mapping[str, tuple[int, Mapping[str, int]]]
    """`recommended`, `gate` and `row` -> their slot and the bits of their names."""
    settings_slot: int


class Reader:
    """Reads conditions of one file and reports their mistakes at their place."""

    def __init__(self, source: Source, names: Names) -> None:
        self._source = source
        self._names = names

    def read(self, raw: Any, path: Path_, allowed: Collection[str] = ()) -> Condition:
        """The condition at `path`; `allowed`: which of recommended, gate and row are known there."""
        if not isinstance(raw, dict):
            self._source.report(path, "A condition is written as 'question: option', one or more of them.")
            return ALWAYS
        return _all([self._entry(str(key), value, (*path, key), allowed) for key, value in raw.items()])

    def _entry(self, key: str, value: Any, path: Path_, allowed: Collection[str]) -> Condition:
        names = self._names
        if key == "not":
            return Not(self.read(value, path, allowed))
        if key in ("any_of", "all_of"):
            return self._several(key, value, path, allowed)
        if key in names.questions:
            return self._question(key, value, path)
        if key in names.terms:
            return self._yes_no(names.terms[key], value, path)
        if key in names.settings:
            return self._yes_no(Has(names.settings_slot, names.settings[key]), value, path)
        if key in names.special:
            if key not in allowed:
                self._source.report(path, f"'{key}' is not known yet where this condition is used.", key=True)
                return ALWAYS
            slot, bits = names.special[key]
            return Has(slot, self._bits(key, value, path, bits))
        there = [*names.questions, *names.terms, *names.settings, *allowed, "not", "any_of", "all_of"]
        self._source.report(path, unknown("question or term", key, there), key=True)
        return ALWAYS

    def _several(self, key: str, value: Any, path: Path_, allowed: Collection[str]) -> Condition:
        if not isinstance(value, list) or not value:
            self._source.report(path, f"'{key}' needs a list of conditions, each starting with a dash.")
            return ALWAYS
        parts = tuple(self.read(part, (*path, n), allowed) for n, part in enumerate(value))
        return AnyOf(parts) if key == "any_of" else _all(parts)

    def _yes_no(self, condition: Condition, value: Any, path: Path_) -> Condition:
        if value in ("yes", True):
            return condition
        if value in ("no", False):
            return Not(condition)
        self._source.report(path, f"{path[-1]} is followed by yes or no, not by {value}.")
        return ALWAYS

    def _question(self, question: str, value: Any, path: Path_) -> Condition:
        slot, kind, bits = self._names.questions[question]
        if kind == "times":
            self._source.report(path, f"{question} asks for times; a condition cannot look at them.", key=True)
            return ALWAYS
        if not isinstance(value, dict):
            return Has(slot, self._bits(question, value, path, bits))
        if not value:
            self._source.report(path, f"Say which options of {question} are meant.")
        return _all([self._operator(question, str(key), part, (*path, key)) for key, part in value.items()])

    def _operator(self, question: str, operator: str, value: Any, path: Path_) -> Condition:
        slot, kind, bits = self._names.questions[question]
        known = {"many": ("any", "all", "only", "exactly", "not"), "scale": ("at_least", "at_most", "not")}
        operators = known.get(kind, ("not",))
        if operator not in operators:
            self._source.report(path, unknown(f"comparison for {question}", operator, operators), key=True)
            return ALWAYS
        mask = self._bits(question, value, path, bits)
        if operator in ("at_least", "at_most") and mask.bit_count() != 1:
            if mask:
                self._source.report(path, f"'{operator}' needs one option of {question}, not several.")
            return ALWAYS
        every = (1 << len(bits)) - 1
        one_by_one = [Has(slot, bit) for bit in bits.values() if bit & mask]
        match operator:
            case "not":
                return Not(Has(slot, mask))
            case "only":
                return Only(slot, mask)
            case "all":
                return _all(one_by_one)
            case "exactly":
                return _all([Only(slot, mask), *one_by_one])
            case "at_least":
                return Has(slot, every & ~(mask - 1))
            case "at_most":
                return Has(slot, (mask << 1) - 1)
        return Has(slot, mask)

    def _bits(self, owner: str, value: Any, path: Path_, bits: Mapping[str, int]) -> int:
        """The bits of the named options or groups; unknown names are reported and count as nothing."""
        words = value if isinstance(value, list) else [value]
        if not words:
            self._source.report(path, f"Say which options of {owner} are meant.")
        mask = 0
        for n, word in enumerate(words):
            place = (*path, n) if isinstance(value, list) else path
            name = str(word)
            question, group = self._names.groups.get(name, ("", 0))
            if name in bits:
                mask |= bits[name]
            elif question == owner:
                mask |= group
            else:
                groups = [g for g, (q, _) in self._names.groups.items() if q == owner]
                what = _CALLED.get(owner, f"option of {owner}")
                self._source.report(place, unknown(what, name, [*bits, *groups]))
        return mask


def _all(parts: Sequence[Condition]) -> Condition:
    return parts[0] if len(parts) == 1 else All(tuple(parts))
