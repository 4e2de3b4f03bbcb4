"""What a new version of a flow changes: not in its lines, but in what people are advised.

Exact: both versions are made into decision diagrams over the answers that can be given to both, so that the
situations with different advice are known and counted. A flow too large for that is compared by the solver,
which leaves out what takes it too long; shares are then estimated from random answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from amends.flows.decide import decide
from amends.flows.diagrams import TooLarge
from amends.flows.measure import ADVICE, USUAL, Counted, Estimated
from amends.flows.problems import either
from amends.flows.shared import Shared
from amends.flows.situations import said_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

    from amends.flows.answers import Answers
    from amends.flows.decision import Decision
    from amends.flows.encode import Formula
    from amends.flows.measure import Amount, Engine, Key, Kind
    from amends.flows.model import Flow


@dataclass(frozen=True)
class Example:
    """One situation, with the advice of both versions. `told` are the answers that the change hangs on.

    `answers` are those to the new version; to the old one they are `answers_before`, which differ where one of
    the two has a question that the other has not.
    """

    told: str
    answers: Answers
    answers_before: Answers
    before: Decision
    after: Decision


@dataclass(frozen=True)
class Change:
    """One kind of change: what the decision no longer says, what it says instead, or both.

    `always` are the answers without which it does not happen: question -> the only options with which it does.
    """

    lost: Key | None
    gained: Key | None
    amount: Amount
    always: Mapping[str, tuple[str, ...]]
    example: Example
    sentence: str

    @property
    def kind(self) -> Kind:
        """What changes."""
        key = self.lost or self.gained
        assert key is not None
        return key[0]

    def as_json(self) -> dict[str, Any]:
        """The change, ready for JSON."""
        example = self.example
        return {
            "kind": self.kind,
            "lost": self.lost[1] if self.lost else None,
            "gained": self.gained[1] if self.gained else None,
            **vars(self.amount),
            "always": {name: list(options) for name, options in self.always.items()},
            "sentence": self.sentence,
            "example": {
                "told": example.told,
                "answers": {name: answer.value for name, answer in example.answers.items()},
                "before": [step.code for step in example.before.steps],
                "after": [step.code for step in example.after.steps],
            },
        }


@dataclass(frozen=True)
class Difference:
    """All that a new version changes. `advice` is what touches the advice at all, None when nothing does."""

    advice: Amount | None
    changes: tuple[Change, ...]
    shared: Shared
    exact: bool

    def summary(self) -> list[str]:
        """What is asked differently, and how many situations get different advice: a sentence each."""
        shared = self.shared
        lines = [f"New question: {name}." for name in shared.added]
        lines += [f"No longer asked: {name}." for name in shared.removed]
        lines += [f"New option of {name}: {option}." for name, option in shared.options_added]
        lines += [f"Option of {name} that is gone: {option}." for name, option in shared.options_removed]
        if shared.options_added or shared.options_removed:
            lines.append("Situations with an option that only one version has cannot be compared and are left out.")
        if self.advice is None:
            lines.append("No situation gets different advice.")
        else:
            lines.append(f"{_how_many(self.advice)} get different advice.{usually(self.advice)}")
        return lines

    def told(self) -> list[str]:
        """The whole difference in lines to read."""
        lines = self.summary()
        for change in self.changes:
            example = change.example
            lines.append(f"- {change.sentence}{usually(change.amount)}")
            lines.append(f"  For example: {example.told}")
            before, after = (", ".join(step.code for step in d.steps) for d in (example.before, example.after))
            lines.append(f"  before: {before}" if before != after else f"  before and after: {before}")
            if before != after:
                lines.append(f"  after:  {after}")
        return lines


def usually(amount: Amount) -> str:
    """How much that is of the usual situations, as a sentence after a space; nothing when it is as much."""
    if abs(amount.share - amount.usual_share) < 0.00005:
        return ""
    return f" Of those with at most {USUAL} options to a question: {_percent(amount.usual_share)}."


def diff(old: Flow, new: Flow, settings: AbstractSet[str] = frozenset()) -> Difference:
    """What `new` changes compared to `old`.

    Args:
        old: the version before.
        new: the version after.
        settings: the organisation's yes/no settings that are on.
    """
    shared = Shared.of(old, new)
    try:
        return _compare(Counted(old, new, shared, settings), exact=True)
    except TooLarge:
        return _compare(Estimated(old, new, shared, settings), exact=False)


def _compare(engine: Engine, *, exact: bool) -> Difference:
    keys = list(dict.fromkeys([*engine.before, *engine.after]))
    levels = [key for key in keys if key[0] == "level"]
    pairs: list[tuple[Key | None, Key | None]] = [(a, b) for a in levels for b in levels if a != b]
    others = [key for key in keys if key[0] != "level"]
    pairs += [pair for key in others for pair in ((key, None), (None, key))]
    changes = []
    for lost, gained in pairs:
        where = engine.changes(lost, gained)
        if where is not None:
            changes.append(_change(engine, lost, gained, where))
    order = [*ADVICE, "wording", "clause"]
    changes.sort(key=lambda change: (order.index(change.kind), -change.amount.share))
    return Difference(engine.advice(), tuple(changes), engine.shared, exact)


def _change(engine: Engine, lost: Key | None, gained: Key | None, where: Formula) -> Change:
    chosen = engine.example(where)
    old, new, shared = engine.old, engine.new, engine.shared
    before, after = shared.answers(chosen, old, older=True), shared.answers(chosen, new, older=False)
    matter = engine.hangs_on(where, chosen)
    told = [said_of(new, after, name) for name in new.questions if name in matter]
    told += [said_of(old, before, name) for name in shared.removed if shared.name(name, older=True) in matter]
    example = Example(
        "; ".join(told) or "any answers",
        after,
        before,
        decide(old, before, engine.settings),
        decide(new, after, engine.settings),
    )
    amount = engine.amount(lost, gained, where)
    always = engine.always(where)
    flow_of = {**old.questions, **new.questions}
    only = [
        f"{flow_of[name].topic}: {either([flow_of[name].options[o].label for o in options])}"
        for name, options in always.items()
        if name in flow_of
    ]
    sentence = f"{_how_many(amount)} {_said(old, new, lost, gained)}"
    sentence += f", all with {'; '.join(only)}." if only else "."
    return Change(lost, gained, amount, always, example, sentence)


def _how_many(amount: Amount) -> str:
    if amount.count is None:
        return f"About {_percent(amount.share)} (± {100 * amount.margin:.1f}) of situations"
    return f"{amount.count:,} of {amount.of:,} kinds of situation ({_percent(amount.share)})"


def _percent(share: float) -> str:
    if 0 < share < 0.0001:
        return "less than 0.01 %"
    return f"{100 * share:.2f} %" if share < 0.1 else f"{100 * share:.1f} %"


def _said(old: Flow, new: Flow, lost: Key | None, gained: Key | None) -> str:
    if lost is not None and gained is not None:
        return f"move from level {lost[1]} to level {gained[1]}"
    key = lost or gained
    assert key is not None
    kind, code = key
    codes = {**old.codes, **new.codes}
    deadlines = {rule.id: rule.title for flow in (old, new) for rule in flow.deadlines}
    what = {
        "response": lambda: codes[code].label,
        "person": lambda: codes[code].label,
        "ruled out": lambda: f"the ban on '{codes[code].label}'",
        "deadline": lambda: f"the deadline '{deadlines[code]}'",
        "wording": lambda: f"the wording rule '{code}'",
        "clause": lambda: f"clause {code}",
    }[kind]()
    return f"{'lose' if lost else 'gain'} {what}"
