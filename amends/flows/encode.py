"""A flow as a formula, for questions about all combinations of answers at once.

It says what `decide` does, over Boolean variables: one for each option of each question. `Copy` is the flow
for one unknown set of answers; two copies, compared, show whether an answer can change the advice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import z3

from amends.flows.conditions import All, AnyOf, Condition, Has, Not, Only

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from amends.flows.model import Flow, Guard, Question, RowStep

Bits = dict[int, z3.BoolRef]
"""The formulas of the bits of one number of a situation: bit -> whether it is set."""


class Copy:
    """The flow over one set of unknown answers.

    Attributes:
        options: question -> option -> whether it is answered.
        implied: question -> whether it follows from other answers; only for questions that have such a rule.
        rows, gates: whether each fires.
        responses, people, forbidden, deadlines: code or id -> whether it is part of the decision.
        levels: for each level in the flow's order, whether it applies.
        broken: never-rule -> whether the rest of the flow would break it.
        asks_time: whether a deadline runs whose start is asked for.
        rules: what always holds of the variables.
    """

    def __init__(self, flow: Flow, prefix: str, settings: frozenset[str]) -> None:
        self._flow = flow
        self.options: dict[str, dict[str, z3.BoolRef]] = {
            name: {option: z3.Bool(f"{prefix}.{name}.{option}") for option in question.options}
            for name, question in flow.questions.items()
        }
        self.rules: list[z3.BoolRef] = []
        self._situation: list[Bits] = []
        for name, question in flow.questions.items():
            self.rules += _well_formed(question, self.options[name])
            self._situation.append({question.bits[o]: var for o, var in self.options[name].items()})
        on = {bit: z3.BoolVal(name in settings) for name, bit in flow.settings.items()}
        self._situation += [{}, {}, {}, on]
        self.implied = {
            name: self._holds(question.implied[1].condition)
            for name, question in flow.questions.items()
            if question.implied is not None
        }
        self._decide()

    def _decide(self) -> None:
        flow = self._flow
        slot = flow.recommended_slot
        self.gates = {name: self._when(gate.guard) for name, gate in flow.gates.items()}
        self._situation[slot + 1] = {flow.gates[name].bit: fires for name, fires in self.gates.items()}

        self.rows: dict[str, z3.BoolRef] = {}
        earlier: list[z3.BoolRef] = []
        for name, row in flow.rows.items():
            matches = self._when(row.guard)
            self.rows[name] = z3.And(matches, *(z3.Not(other) for other in earlier))
            earlier.append(matches)
        self._situation[slot + 2] = {flow.rows[name].bit: applies for name, applies in self.rows.items()}

        codes: dict[str, z3.BoolRef] = {code: self._recommended_by_rows(code) for code in flow.codes}
        for code, by_row in list(codes.items()):
            added = [self.gates[name] for name, gate in flow.gates.items() if code in gate.add]
            codes[code] = z3.Or(by_row, *added)
        self._recommend(codes)
        self._apply_floors(codes)

        by_gate = {
            code: z3.Or(*(self.gates[name] for name, gate in flow.gates.items() if code in gate.forbid))
            for code in codes
        }
        for code, forbidden in by_gate.items():
            codes[code] = z3.And(codes[code], z3.Not(forbidden))
        self._recommend(codes)
        for offer in flow.offers:
            holds = [self._when(line.guard) for line in offer.lines]
            codes[offer.code] = z3.Or(codes[offer.code], z3.And(*holds, z3.Not(by_gate[offer.code])))
            self._recommend(codes)
        forbidden = dict(by_gate)
        self.broken = self._keep_never_rules(codes, forbidden)

        self.responses = {code: codes[code] for code in flow.responses}
        self.people = {code: codes[code] for code in flow.people}
        self.forbidden = forbidden
        self.levels: list[z3.BoolRef] = []
        above: list[z3.BoolRef] = []
        for level in flow.levels:
            matches = self._when(level.guard)
            self.levels.append(z3.And(matches, *(z3.Not(other) for other in above)))
            above.append(matches)
        self.deadlines = {rule.id: self._when(rule.guard) for rule in flow.deadlines}
        asked = [self.deadlines[rule.id] for rule in flow.deadlines if rule.starts_at]
        self.asks_time = z3.Or(*asked)

    def outcome(self) -> list[z3.BoolRef]:
        """What counts as advice: responses, people, what is forbidden, the level and the deadlines."""
        parts: list[Mapping[str, z3.BoolRef]] = [self.responses, self.people, self.forbidden, self.deadlines]
        return [formula for part in parts for formula in part.values()] + self.levels

    def _recommended_by_rows(self, code: str) -> z3.BoolRef:
        return z3.Or(
            *(
                z3.And(self.rows[name], self._in_row(name, code))
                for name in self._flow.rows
                if self._mentions(name, code)
            )
        )

    def _mentions(self, name: str, code: str) -> bool:
        row = self._flow.rows[name]
        return any(step.code == code for steps in (row.steps, *(s for _, s in row.instead)) for step in steps)

    def _in_row(self, name: str, code: str) -> z3.BoolRef:
        row = self._flow.rows[name]
        formula = self._among(row.steps, code)
        for guard, steps in reversed(row.instead):
            formula = z3.If(self._when(guard), self._among(steps, code), formula)
        return formula

    def _among(self, steps: Sequence[RowStep], code: str) -> z3.BoolRef:
        return z3.Or(*(self._when(step.guard) for step in steps if step.code == code))

    def _apply_floors(self, codes: dict[str, z3.BoolRef]) -> None:
        for floor in self._flow.floors:
            applies = self._when(floor.guard)
            added = {add.code: z3.And(applies, self._when(add.guard)) for add in floor.add}
            for code, formula in added.items():
                codes[code] = z3.Or(codes[code], formula)
            for code in floor.drop:
                codes[code] = z3.And(codes[code], z3.Not(applies))
            self._recommend(codes)

    def _keep_never_rules(
        self, codes: dict[str, z3.BoolRef], forbidden: dict[str, z3.BoolRef]
    ) -> dict[str, z3.BoolRef]:
        broken: dict[str, z3.BoolRef] = {}
        flow = self._flow
        for rule in flow.never:
            if rule.never_empty is not None:
                empty = z3.Not(z3.Or(*(codes[code] for code in flow.responses)))
                broken[rule.id] = empty
                codes[rule.never_empty] = z3.Or(codes[rule.never_empty], empty)
            else:
                saved = [codes[code] for code, known in flow.codes.items() if known.bit & rule.without]
                applies = z3.And(self._when(rule.guard), z3.Not(z3.Or(*saved)))
                broken[rule.id] = z3.And(applies, z3.Or(*(codes[code] for code in rule.refuse)))
                for code in rule.refuse:
                    codes[code] = z3.And(codes[code], z3.Not(applies))
                    if not rule.without:
                        forbidden[code] = z3.Or(forbidden[code], applies)
            self._recommend(codes)
        return broken

    def _recommend(self, codes: Mapping[str, z3.BoolRef]) -> None:
        slot = self._flow.recommended_slot
        self._situation[slot] = {self._flow.codes[code].bit: formula for code, formula in codes.items()}

    def _when(self, guard: Guard) -> z3.BoolRef:
        return self._holds(guard.condition)

    def _holds(self, condition: Condition) -> z3.BoolRef:
        match condition:
            case Has(slot, mask):
                return z3.Or(*(var for bit, var in self._situation[slot].items() if bit & mask))
            case Only(slot, mask):
                return z3.And(*(z3.Not(var) for bit, var in self._situation[slot].items() if not bit & mask))
            case Not(part):
                return z3.Not(self._holds(part))
            case All(parts):
                return z3.And(*(self._holds(part) for part in parts))
            case AnyOf(parts):
                return z3.Or(*(self._holds(part) for part in parts))


def _well_formed(question: Question, options: Mapping[str, z3.BoolRef]) -> list[z3.BoolRef]:
    """One option, or for many-choice at least one, with an option that stands alone standing alone."""
    if not options:
        return []
    variables = list(options.values())
    if question.kind != "many":
        return [z3.PbEq([(var, 1) for var in variables], 1)]
    rules = [z3.Or(*variables)]
    for option, var in options.items():
        if question.bits[option] & question.alone:
            rules.append(z3.Implies(var, z3.Not(z3.Or(*(v for o, v in options.items() if o != option)))))
    return rules
