"""Answers in, decision out: gates, then the first row, floors, what is forbidden, offers, never-rules, level.

Pure: the same flow, answers and settings give the same decision, with the reasons for each part of it.
`amends.flows.encode` says the same in the solver's language; a test holds the two together.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from amends.flows.answers import mask_of, options_of, situation
from amends.flows.decision import Confidence, Deadline, Decision, Step, Traced
from amends.flows.model import Times
from amends.flows.problems import either

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from amends.flows.answers import Answers
    from amends.flows.model import Answer, Flow, Level, Question, Rule


def decide(flow: Flow, answers: Answers, settings: Collection[str] = ()) -> Decision:
    """What the flow advises for these answers; missing ones are read as the flow says.

    Args:
        flow: a loaded flow.
        answers: from `parse_answers`.
        settings: the organisation's yes/no settings that are on.
    """
    case = _Case(flow, situation(flow, answers, settings))
    case.recommend_row()
    case.apply_gates()
    case.apply_floors()
    case.drop_forbidden()
    case.make_offers()
    case.keep_never_rules()
    return case.decision(answers)


def with_recommended(flow: Flow, answers: Answers, settings: Collection[str], codes: Sequence[str]) -> list[int]:
    """The situation as rules see it that look at what is recommended, when it is these codes."""
    case = _Case(flow, situation(flow, answers, settings))
    case.order = list(codes)
    case._recommended()  # noqa: SLF001 - of this module
    return case.s


def label(flow: Flow, value: float) -> Confidence:
    """A confidence with the word that is shown for it."""
    value = round(max(value, 0.0), 2)
    rule = flow.confidence
    if value >= rule.show_high_from:
        return Confidence(value, "high")
    return Confidence(value, "medium" if value >= rule.show_medium_from else "low")


def is_unsure(flow: Flow, question: Question, answer: Answer) -> bool:
    """Whether somebody said that they are not sure. A missing answer says nothing, however it is read."""
    options = options_of(question, mask_of(question, answer))
    return any(option in flow.confidence.unsure_options for option in options)


class _Case:
    """One decision in the making: the situation, the steps in their order, and what fired so far."""

    def __init__(self, flow: Flow, s: list[int]) -> None:
        self.flow = flow
        self.s = s
        self.order: list[str] = []
        self.how: dict[str, str] = {}
        self.forbidden: dict[str, str] = {}
        self.optional: list[str] = []
        self.wording: list[str] = []
        self.refused: list[str] = []
        self.trace: list[Traced] = []
        self.gates = [gate for gate in flow.gates.values() if gate.guard.test(s)]
        for gate in self.gates:
            s[flow.recommended_slot + 1] |= gate.bit
        self.row = next((row for row in flow.rows.values() if row.guard.test(s)), None)
        if self.row is not None:
            s[flow.recommended_slot + 2] = self.row.bit

    def recommend_row(self) -> None:
        """The steps of the row, or those of the first of its special cases that matches."""
        row, s = self.row, self.s
        if row is None:
            return
        steps = next((steps for guard, steps in row.instead if guard.test(s)), row.steps)
        for step in steps:
            if step.guard.test(s):
                self.order.append(step.code)
                if step.how:
                    self.how[step.code] = step.how
        self._note("row", row, "recommends", tuple(self.order))

    def apply_gates(self) -> None:
        """Gates add after what the row recommends, some roles before the public responses."""
        codes = self.flow.codes
        for gate in self.gates:
            new = tuple(code for code in gate.add if code not in self.order)
            for code in new:
                place = len(self.order)
                if codes[code].before_public:
                    place = next((n for n, other in enumerate(self.order) if codes[other].public), place)
                self.order.insert(place, code)
            self._note("gate", gate, "adds" if new else "applies", new)
            if gate.forbid:
                self._forbid(gate, gate.forbid)
        self._recommended()

    def apply_floors(self) -> None:
        """Floors, in order; each sees what the ones before it did."""
        for floor in self.flow.floors:
            if not floor.guard.test(self.s):
                continue
            added = []
            for add in floor.add:
                if add.code in self.order or not add.guard.test(self.s):
                    continue
                place = len(self.order)
                if add.in_place_of in self.order:
                    place = self.order.index(add.in_place_of)
                elif add.after in self.order:
                    place = self.order.index(add.after) + 1
                self.order.insert(place, add.code)
                added.append(add.code)
            dropped = self._drop(floor.drop)
            self.wording += floor.wording
            if dropped:
                self._note("floor", floor, "drops", dropped)
            if added:
                self._note("floor", floor, "adds", tuple(added))
            self._recommended()

    def drop_forbidden(self) -> None:
        """What a gate forbids goes, whatever recommended it."""
        if self._drop(tuple(self.forbidden)):
            self._recommended()

    def make_offers(self) -> None:
        """An offer is made only if every line of its test holds; each line that does not is noted."""
        for offer in self.flow.offers:
            code = (offer.code,)
            failed = [line for line in offer.lines if not line.guard.test(self.s)]
            for line in failed:
                self.trace.append(Traced("offer", line.id, offer.title, "does not offer", code, line.says))
            if not failed and offer.code not in self.forbidden and offer.code not in self.order:
                self.order.append(offer.code)
                self.optional.append(offer.code)
                self.how[offer.code] = f"{offer.how} {offer.task}"
                self._note("offer", offer, "offers", code)
                self._recommended()

    def keep_never_rules(self) -> None:
        """The last word: what is refused here is named, and removed if it was recommended all the same."""
        codes = self.flow.codes
        for rule in self.flow.never:
            if rule.never_empty is not None:
                if not any(codes[code].kind == "response" for code in self.order):
                    self.order.append(rule.never_empty)
                    self.refused.append(rule.id)
                    self._note("never", rule, "adds", (rule.never_empty,))
            elif rule.guard.test(self.s) and not self.s[self.flow.recommended_slot] & rule.without:
                broken = self._drop(rule.refuse)
                if broken:
                    self.refused.append(rule.id)
                    self._note("never", rule, "refuses", broken)
                if not rule.without:
                    self._forbid(rule, rule.refuse)
            self._recommended()
        self.order.sort(key=lambda code: not codes[code].first)

    def decision(self, answers: Answers) -> Decision:
        """All that came out of it."""
        flow, s = self.flow, self.s
        clear_first = tuple(dict.fromkeys(role for gate in self.gates for role in gate.clear_first))
        level = next(level for level in flow.levels if level.guard.test(s))
        return Decision(
            row=self.row.id if self.row else None,
            steps=tuple(self._step(code, clear_first) for code in self.order),
            forbidden=self.forbidden,
            do_not=tuple(act for gate in self.gates for act in gate.do_not),
            wording=self._wording(),
            clear_first=clear_first,
            level=level.level,
            level_name=level.name,
            decider=self._decider(level),
            first_public_line=level.first_public_line,
            look_again=level.look_again,
            deadlines=self._deadlines(answers),
            cites=tuple(dict.fromkeys(clause for traced in self.trace for clause in traced.clauses)),
            confidence=self._confidence(answers),
            missing=self._missing(answers),
            trace=tuple(self.trace),
            refused=tuple(self.refused),
        )

    def _recommended(self) -> None:
        bits = 0
        for code in self.order:
            bits |= self.flow.codes[code].bit
        self.s[self.flow.recommended_slot] = bits

    def _drop(self, codes: tuple[str, ...]) -> tuple[str, ...]:
        dropped = tuple(code for code in codes if code in self.order)
        for code in dropped:
            self.order.remove(code)
        return dropped

    def _forbid(self, rule: Rule, codes: tuple[str, ...]) -> None:
        for code in codes:
            self.forbidden.setdefault(code, rule.reason)
        self.trace.append(Traced("forbidden", rule.id, rule.title, "forbids", codes, rule.reason))

    def _note(
        self,
        kind: Literal["gate", "row", "floor", "offer", "never"],
        rule: Rule,
        did: Literal["recommends", "adds", "applies", "drops", "offers", "refuses"],
        codes: tuple[str, ...],
    ) -> None:
        self.trace.append(Traced(kind, rule.id, rule.title, did, codes, rule.reason, rule.clauses))

    def _step(self, code: str, clear_first: tuple[str, ...]) -> Step:
        known = self.flow.codes[code]
        sentences = [self.how.get(code, known.how)]
        for gate in self.gates:
            special = self.row is not None and self.row.id in gate.how_unless_row
            hows = gate.how_instead if special else gate.how
            if code in hows:
                sentences.append(hows[code])
        clearing = clear_first if known.public else ()
        return Step(code, known.kind, " ".join(sentences), code in self.optional, clearing)

    def _wording(self) -> tuple[str, ...]:
        lines = [
            *(self.row.wording if self.row else ()),
            *(line for gate in self.gates for line in gate.wording),
        ]
        lines += self.wording
        lines += [rule.says for rule in self.flow.wording if rule.guard.test(self.s)]
        return tuple(dict.fromkeys(lines))

    def _decider(self, level: Level) -> str:
        codes = self.flow.codes
        added = dict.fromkeys(code for gate in self.gates for code in gate.add)
        roles = [codes[code].label for code in added if codes[code].kind == "person"]
        if not level.with_gate_roles or not roles:
            return level.decider
        return f"{level.decider}, with {either(roles, 'and')}"

    def _deadlines(self, answers: Answers) -> tuple[Deadline, ...]:
        times = next((a.value for a in answers.values() if isinstance(a.value, Times)), Times())
        found = []
        for rule in self.flow.deadlines:
            if rule.guard.test(self.s):
                start = times.noticed if rule.starts_at == "noticed" else None
                due = start + timedelta(hours=rule.hours) if start and rule.hours else None
                found.append(Deadline(rule.id, rule.title, rule.limit, due, rule.starts, rule.reference, rule.mark))
        return tuple(found)

    def _confidence(self, answers: Answers) -> Confidence:
        rule = self.flow.confidence
        value = {"high": rule.high, "medium": rule.medium, "low": rule.low}[self.row.confidence if self.row else "low"]
        for name, answer in answers.items():
            question = self.flow.questions[name]
            if question.confirm:
                value -= rule.inferred * answer.inferred
                value -= rule.unsure * is_unsure(self.flow, question, answer)
        return label(self.flow, value)

    def _missing(self, answers: Answers) -> tuple[str, ...]:
        return tuple(
            name
            for name, question in self.flow.questions.items()
            if name not in answers
            and question.when_missing is not None
            and not (question.implied is not None and question.implied[1].test(self.s))
        )
