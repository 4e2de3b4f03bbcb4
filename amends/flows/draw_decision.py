"""The picture of one decision: the path that it took through the flow, on the same chart as the flow itself.

The lane of a response is drawn from where a rule brings the response in to where another takes it out, or to the
advice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from amends.flows.answers import situation
from amends.flows.ask import recommend
from amends.flows.draw import render
from amends.flows.draw_answers import answered
from amends.flows.draw_items import Item, Picture, Stage, nth, tones
from amends.flows.draw_svg import HOLDS, PERSON, SOFT, STOPPED, Mark, Words
from amends.flows.explain import because
from amends.flows.in_words import lower, quoted, upper
from amends.flows.problems import either

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from amends.flows.answers import Answers
    from amends.flows.decision import Decision, Traced
    from amends.flows.draw_svg import Look
    from amends.flows.model import Flow, Never


def draw_decision(
    flow: Flow,
    answers: Answers,
    settings: Collection[str] = (),
    *,
    address: Callable[[str, str], str] | None = None,
    narrow: bool = False,
) -> str:
    """The path of one decision as SVG; `address` and `narrow` as in `draw.draw_flow`.

    Args:
        flow: a loaded flow.
        answers: from `parse_answers`.
        settings: the organisation's yes/no settings that are on.
    """
    return render(decision_picture(flow, answers, settings), address=address, narrow=narrow)


def decision_picture(flow: Flow, answers: Answers, settings: Collection[str] = ()) -> Picture:
    """What the picture of a decision shows."""
    case = _Case(flow, answers, settings)
    stages = (
        answered(flow, answers, settings, case.decision),
        case.gates(),
        case.row(),
        case.floors(),
        case.ruled_out(),
        case.offers(),
        case.never(),
        case.steps(),
        case.rest(),
    )
    lanes = {code: (c.label, case.tones[code]) for code, c in flow.responses.items()}
    shown = tuple(stage for stage in stages if stage.items or stage.always)
    return Picture(f"{flow.id}-decision", f"{flow.title}: one decision", case.about(), shown, lanes, path=True)


class _Held(NamedTuple):
    """A never-rule, and how it bears on this decision."""

    rule: Never
    marks: tuple[Mark, ...]
    words: tuple[Words, ...]


class _Case:
    def __init__(self, flow: Flow, answers: Answers, settings: Collection[str]) -> None:
        self.flow = flow
        self.tones = tones(flow)
        self._answers = answers
        self._settings = settings
        self.decision: Decision = recommend(flow, answers, settings)
        self._final = {step.code: n for n, step in enumerate(self.decision.steps, 1)}
        self._s = self._situation()

    def _situation(self) -> list[int]:
        """The situation at the end: with the gates that fired, the row and what is advised."""
        flow, s = self.flow, situation(self.flow, self._answers, self._settings)
        at = flow.recommended_slot
        s[at + 1] = sum(gate.bit for gate in flow.gates.values() if gate.guard.test(s))
        s[at + 2] = flow.rows[self.decision.row].bit if self.decision.row else 0
        s[at] = sum(flow.codes[code].bit for code in self._final)
        return s

    def about(self) -> tuple[Words, ...]:
        decision = self.decision
        advised = either([lower(self.flow.codes[code].label) for code in self._final], "and")
        lines = [Words(f"Advised: {advised}.", 13.5, bold=True)]
        sure = f"How sure this is: {decision.confidence.label}."
        if decision.missing:
            topics = either([quoted(self.flow.questions[name].topic) for name in decision.missing], "and")
            sure += f" It may change: {topics} can still make a difference."
        lines.append(Words(sure, 12.5, ink=SOFT))
        return (*lines, Words(f"Version {self.flow.version[:12]}", 11, ink=SOFT, gap=6))

    def gates(self) -> Stage:
        fired = [gate for gate in self.flow.gates.values() if self._s[self.flow.recommended_slot + 1] & gate.bit]
        items = []
        for gate in fired:
            traced = [t for t in self.decision.trace if t.kind in ("gate", "forbidden") and t.rule == gate.id]
            words = [*self._why(traced[0])]
            words += [Words(act, bold=True) for act in gate.do_not]
            if gate.clear_first:
                who = either([self.flow.codes[code].label for code in gate.clear_first], "and")
                words.append(Words(f"Words for the public are cleared first by {who}."))
            marks = [self._mark(code, "adds", "added") for code in gate.add]
            marks += [self._mark(code, "rules out", "out") for code in gate.forbid]
            items.append(Item("gates", gate.id, f"{gate.id}  {gate.title}", tuple(words), tuple(marks)))
        others = [gate.id for gate in self.flow.gates.values() if gate not in fired]
        title = "Gates that fit" if items else "No gate fits"
        return Stage(title, _others(others, "fit"), tuple(items), "lanes", always=bool(self.flow.gates))

    def row(self) -> Stage:
        row = self.decision.row
        if row is None:
            return Stage("No row fits", "So no row advises anything.", (), "lanes", always=True)
        passed = list(self.flow.rows)[: list(self.flow.rows).index(row)]
        traced = next(t for t in self.decision.trace if t.kind == "row")
        marks = tuple(self._mark(code, "advises", "always") for code in traced.codes)
        rule = self.flow.rows[row]
        item = Item("rows", row, f"{row}  {rule.title}", self._why(traced), marks)
        many = f"{len(passed)} rows above it do" if len(passed) > 1 else "One row above it does"
        says = f"{many} not fit: {either(passed, 'and')}." if passed else "It is the first of all."
        return Stage("The row that decides", says, (item,), "lanes")

    def floors(self) -> Stage:
        items = []
        for floor in self.flow.floors:
            traced = self._floor(floor.id)
            if not traced:
                continue
            marks = [
                self._mark(code, *(("takes out", "out") if t.did == "drops" else ("adds", "added")))
                for t in traced
                for code in t.codes
            ]
            items.append(Item("floors", floor.id, f"{floor.id}  {floor.title}", self._why(traced[0]), tuple(marks)))
        others = [floor.id for floor in self.flow.floors if floor.id not in {item.id for item in items}]
        says = _others(others, "change anything")
        title = "Floors that put something right" if items else "No floor is needed"
        return Stage(title, says, tuple(items), "lanes", always=bool(self.flow.floors))

    def _floor(self, id_: str) -> list[Traced]:
        """What a floor did, in the order in which it does it: it adds, then it takes out."""
        traced = [t for t in self.decision.trace if t.kind == "floor" and t.rule == id_]
        return sorted(traced, key=lambda t: t.did == "drops")

    def ruled_out(self) -> Stage:
        """What a gate had ruled out and a row or floor advised all the same."""
        held: set[str] = set()
        for traced in self.decision.trace:
            if traced.kind in ("row", "gate"):
                held.update(traced.codes)
        for traced in (traced for floor in self.flow.floors for traced in self._floor(floor.id)):
            held = held - set(traced.codes) if traced.did == "drops" else held | set(traced.codes)
        items = []
        for gate in self.flow.gates.values():
            if self._s[self.flow.recommended_slot + 1] & gate.bit and (gone := held.intersection(gate.forbid)):
                held -= gone
                marks = tuple(self._mark(code, "taken out", "out") for code in gate.forbid if code in gone)
                items.append(Item("gates", gate.id, f"{gate.id}  {gate.title}", (Words(gate.reason),), marks))
        return Stage("What a gate ruled out goes", "Whatever advised it.", tuple(items), "lanes")

    def offers(self) -> Stage:
        items = []
        for offer in self.flow.offers:
            failed = {t.rule: t for t in self.decision.trace if t.kind == "offer" and t.did == "does not offer"}
            words = []
            for line in offer.lines:
                traced = failed.get(line.id)
                why = because(self.flow, self._answers, self._settings, traced) if traced else ""
                says = f"{line.id} {'does not hold' if traced else 'holds'}: {line.says}{why}"
                words.append(Words(says, ink=STOPPED if traced else HOLDS, bold=traced is not None, gap=4))
            made = any(t.kind == "offer" and t.did == "offers" and t.rule == offer.id for t in self.decision.trace)
            mark = self._mark(offer.code, "offered" if made else "not offered", "added" if made else "not")
            if made:
                words.append(Words(offer.task, gap=6))
            elif not failed.keys() & {line.id for line in offer.lines}:
                ruled_out = offer.code in self.decision.forbidden
                words.append(
                    Words("But it is ruled out." if ruled_out else "But it is advised already.", bold=True, gap=6)
                )
            items.append(Item("offers", offer.code, offer.title, tuple(words), (mark,)))
        return Stage("Offers", "Made only if every line holds.", tuple(items), "lanes")

    def never(self) -> Stage:
        found = [held for rule in self.flow.never if (held := self._held(rule))]
        items = tuple(
            Item("never", held.rule.id, f"{held.rule.id}  {held.rule.title}", held.words, held.marks) for held in found
        )
        others = [rule.id for rule in self.flow.never if rule not in [held.rule for held in found]]
        title = "Never-rules" if items else "No never-rule is touched"
        return Stage(title, _others(others, "bear on this"), items, "lanes", always=bool(self.flow.never))

    def _held(self, rule: Never) -> _Held | None:
        spoke = [t for t in self.decision.trace if t.kind in ("never", "forbidden") and t.rule == rule.id]
        if rule.never_empty is not None and spoke:
            mark = self._mark(rule.never_empty, "advises", "always")
            return _Held(rule, (mark,), (Words(rule.reason), Words(_OVERRULED, bold=True, ink=STOPPED)))
        if rule.never_empty is not None:
            return None
        if spoke:
            words = self._why(spoke[0])
            if rule.id in self.decision.refused:
                words = (*words, Words(_OVERRULED, bold=True, ink=STOPPED))
            return _Held(rule, tuple(self._mark(code, "stops", "guard") for code in rule.refuse), words)
        advised = [code for code in rule.refuse if code in self._final]
        kept = [quoted(c.label) for c in self.flow.codes.values() if c.bit & rule.without and c.code in self._final]
        if advised and kept and rule.guard.test(self._s):
            words = (Words(rule.reason), Words(f"It is kept: {either(kept, 'and')} is advised, too.", ink=HOLDS))
            return _Held(rule, tuple(self._mark(code, "lets pass", "plain") for code in advised), words)
        return None

    def steps(self) -> Stage:
        """What is advised, in its order, and then the responses that are not."""
        items = []
        for place, step in enumerate(self.decision.steps, 1):
            words = [Words(step.how)]
            if step.optional:
                words.append(Words("Only if you like.", bold=True))
            if step.clear_first:
                who = either([self.flow.codes[role].label for role in step.clear_first], "and")
                words.append(Words(f"The words are cleared first by {who}.", bold=True))
            title = f"{nth(place)}: {self._upper(step.code)}"
            mark = self._mark(step.code, nth(place), "maybe" if step.optional else "always")
            section = "responses" if step.kind == "response" else "people"
            items.append(Item(section, step.code, title, tuple(words), (mark,), self.tones[step.code]))
        items += [self._not_advised(code) for code in self.flow.responses if code not in self._final]
        return Stage("The advice", "In the order of the numbers.", tuple(items), "foot")

    def _not_advised(self, code: str) -> Item:
        did = ("forbids", "does not offer", "drops", "refuses")
        why = next(
            (t.why for t in self.decision.trace if code in t.codes and t.did in did), "Nothing here calls for it."
        )
        mark = self._mark(code, "not advised", "not")
        return Item("responses", code, f"Not advised: {self.flow.codes[code].label}", (Words(why, ink=SOFT),), (mark,))

    def rest(self) -> Stage:
        """How serious it is, the clocks that run, and the rules for what is said."""
        decision = self.decision
        place = next(n for n, level in enumerate(self.flow.levels, 1) if level.guard.test(self._s))
        told = (
            Words(f"Decides: {decision.decider}.", bold=True),
            Words(f"First words in public: {decision.first_public_line}"),
            Words(f"Look again: {decision.look_again}."),
        )
        items = [Item("levels", str(place), f"Level {decision.level}: {decision.level_name}", told)]
        for clock in decision.deadlines:
            due = f"Ends {clock.due.day} {clock.due:%B %Y, %H:%M %Z}." if clock.due else f"Starts {clock.starts}."
            reference = clock.reference + ("" if clock.verified else " (not verified)")
            words = (Words(clock.limit), Words(due, bold=True), Words(reference, 11.5, ink=SOFT))
            items.append(Item("deadlines", clock.id, clock.title, words))
        acts = (*decision.do_not, *decision.wording)
        if acts:
            items.append(Item("wording", "", "What is said, and what is not", tuple(Words(act, gap=5) for act in acts)))
        return Stage("How serious it is, clocks and words", "", tuple(items), "cards")

    def _why(self, traced: Traced) -> tuple[Words, ...]:
        """Why a rule applies, and the answers that decide it."""
        deciding = because(self.flow, self._answers, self._settings, traced).removeprefix(" (").removesuffix(")")
        words = Words(traced.why)
        return (words, Words(f"{upper(deciding)}.", 11.5, ink=SOFT)) if deciding else (words,)

    def _upper(self, code: str) -> str:
        return upper(self.flow.codes[code].label)

    def _mark(self, code: str, caption: str, look: Look) -> Mark:
        return Mark(code, self._upper(code), caption, look, self.tones.get(code, PERSON))


_OVERRULED = "It had to overrule the rest of the flow. Its owner should look at it."


def _others(ids: Iterable[str], what: str) -> str:
    ids = list(ids)
    if not ids:
        return ""
    return f"{either(ids, 'and')} {'do' if len(ids) > 1 else 'does'} not {what}."
