"""A flow as a formula, for questions about all combinations of answers at once.

It says what `decide` does, over Boolean variables: one for each option of each question. `Copy` is the flow
for one unknown set of answers; two copies, compared, show whether an answer can change the advice. The same
formulas are made for the solver (`Formulas`) and as decision diagrams (`amends.flows.diagrams`), which can be
counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import z3

from amends.flows.conditions import All, AnyOf, Condition, Has, Not, Only

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from amends.flows.model import Flow, Guard, Question, RowStep

Formula = Any
"""A z3 formula or the number of a diagram's node, depending on the logic it was made with."""

Bits = dict[int, Formula]
"""The formulas of the bits of one number of a situation: bit -> whether it is set."""


class Logic(Protocol):
    """What formulas are made of."""

    def option(self, question: str, option: str) -> Formula:
        """Whether the option is answered."""

    def setting(self, name: str) -> Formula:
        """Whether the setting is on."""

    def fixed(self, value: bool) -> Formula:
        """Always, or never."""

    def every(self, parts: Iterable[Formula]) -> Formula:
        """Whether all parts hold."""

    def some(self, parts: Iterable[Formula]) -> Formula:
        """Whether at least one part holds."""

    def opposite(self, part: Formula) -> Formula:
        """Whether the part does not hold."""

    def one_of(self, options: Sequence[Formula]) -> Formula:
        """Whether exactly one of the options of a question is answered."""


class Formulas:
    """The logic of the solver. Two copies with different prefixes have different answers and the same settings.

    Args:
        prefix: of the answers' names.
        context: where z3 keeps them. z3 does not survive two threads in one context, so whoever makes formulas that
            others do not share gives a new one; None is the one that the whole program shares.
    """

    def __init__(self, prefix: str, context: z3.Context | None = None) -> None:
        self._prefix = prefix
        self.context = z3.main_ctx() if context is None else context

    def option(self, question: str, option: str) -> z3.BoolRef:
        """See `Logic`; also below."""
        return z3.Bool(f"{self._prefix}.{question}.{option}", self.context)

    def setting(self, name: str) -> z3.BoolRef:
        """A free variable, named for the setting."""
        return z3.Bool(f"setting.{name}", self.context)

    def fixed(self, value: bool) -> z3.BoolRef:
        """A constant."""
        return z3.BoolVal(value, self.context)

    def every(self, parts: Iterable[z3.BoolRef]) -> z3.BoolRef:
        """A conjunction."""
        return z3.And(*parts, self.context)

    def some(self, parts: Iterable[z3.BoolRef]) -> z3.BoolRef:
        """A disjunction."""
        return z3.Or(*parts, self.context)

    def opposite(self, part: z3.BoolRef) -> z3.BoolRef:
        """A negation."""
        return z3.Not(part, self.context)

    def one_of(self, options: Sequence[z3.BoolRef]) -> z3.BoolRef:
        """A pseudo-Boolean equation."""
        return z3.PbEq([(var, 1) for var in options], 1, self.context)


class Copy:
    """The flow over one set of unknown answers.

    Args:
        flow: a loaded flow.
        logic: what its formulas are made of.
        settings: the yes/no settings that are on; with None, they are unknown as the answers are.

    Attributes:
        flow, logic: as given.
        options: question -> option -> whether it is answered.
        settings: setting -> whether it is on.
        implied: question -> whether it follows from other answers; only for questions that have such a rule.
        rows, gates, offers: whether each fires; an offer fires when it is made.
        lines: offer -> line -> whether it holds.
        matches: row -> whether its condition holds, whatever the rows above it do.
        instead: row, number of the special case -> whether its steps replace the row's own.
        floors: floor -> whether its condition holds; `moved`: floor, `add` or `drop`, code -> whether it does so.
        responses, people, forbidden, deadlines, wording: code or id -> whether it is part of the decision.
        levels: for each level in the flow's order, whether it applies.
        never, refuses: never-rule -> whether its condition holds; and whether nothing saves what it refuses either.
        refused: never-rule, code -> whether it takes away a code that was recommended.
        broken: never-rule -> whether the rest of the flow would break it.
        asks_time: whether a deadline runs whose start is asked for.
        rules: what always holds of the variables.
    """

    def __init__(self, flow: Flow, logic: Logic, settings: frozenset[str] | None = None) -> None:
        self.flow = flow
        self.logic = logic
        self.options: dict[str, dict[str, Formula]] = {
            name: {option: logic.option(name, option) for option in question.options}
            for name, question in flow.questions.items()
        }
        self.settings = {
            name: logic.setting(name) if settings is None else logic.fixed(name in settings) for name in flow.settings
        }
        self.rules: list[Formula] = []
        self._situation: list[Bits] = []
        for name, question in flow.questions.items():
            self.rules += self._well_formed(question)
            self._situation.append({question.bits[o]: var for o, var in self.options[name].items()})
        on = {bit: self.settings[name] for name, bit in flow.settings.items()}
        self._situation += [{}, {}, {}, on]
        self.implied = {
            name: self._holds(question.implied[1].condition)
            for name, question in flow.questions.items()
            if question.implied is not None
        }
        self._choose_row()
        self._decide()

    def outcome(self) -> list[Formula]:
        """What counts as advice: responses, people, what is forbidden, the level and the deadlines."""
        parts: list[Mapping[str, Formula]] = [self.responses, self.people, self.forbidden, self.deadlines]
        return [formula for part in parts for formula in part.values()] + self.levels

    def cites(self) -> dict[str, list[Formula]]:
        """Each clause that is cited, with whatever does so: the rules that are told as having applied."""
        flow = self.flow
        fired: list[tuple[Sequence[str], Formula]] = [(row.clauses, self.rows[row.id]) for row in flow.rows.values()]
        fired += [(gate.clauses, self.gates[gate.id]) for gate in flow.gates.values()]
        floors = {floor.id: floor.clauses for floor in flow.floors}
        fired += [(floors[id_], formula) for (id_, _, _), formula in self.moved.items()]
        fired += [(offer.clauses, self.offers[offer.code]) for offer in flow.offers]
        fired += [(rule.clauses, self.broken[rule.id]) for rule in flow.never]
        found: dict[str, list[Formula]] = {}
        for clauses, formula in fired:
            for clause in clauses:
                found.setdefault(clause, []).append(formula)
        return found

    def _choose_row(self) -> None:
        flow, logic = self.flow, self.logic
        slot = flow.recommended_slot
        self.gates = {name: self._when(gate.guard) for name, gate in flow.gates.items()}
        self._situation[slot + 1] = {flow.gates[name].bit: fires for name, fires in self.gates.items()}
        self.matches = {name: self._when(row.guard) for name, row in flow.rows.items()}
        self.rows = dict(zip(self.matches, self._first(list(self.matches.values())), strict=True))
        self._situation[slot + 2] = {flow.rows[name].bit: applies for name, applies in self.rows.items()}
        self.instead: dict[tuple[str, int], Formula] = {}
        for name, row in flow.rows.items():
            cases = self._first([self._when(guard) for guard, _ in row.instead])
            self.instead |= {(name, n): logic.every((self.rows[name], case)) for n, case in enumerate(cases)}

    def _decide(self) -> None:
        flow, logic = self.flow, self.logic
        sources: dict[str, list[Formula]] = {code: [] for code in flow.codes}
        for _, steps in self.step_lists():
            for recommended, step in steps:
                sources[step.code].append(recommended)
        for name, gate in flow.gates.items():
            for code in gate.add:
                sources[code].append(self.gates[name])
        codes: dict[str, Formula] = {code: logic.some(parts) for code, parts in sources.items()}
        self._recommend(codes)
        self._apply_floors(codes)

        by_gate = {
            code: logic.some(self.gates[name] for name, gate in flow.gates.items() if code in gate.forbid)
            for code in codes
        }
        for code, forbidden in by_gate.items():
            codes[code] = logic.every((codes[code], logic.opposite(forbidden)))
        self._recommend(codes)
        self._make_offers(codes, by_gate)
        self.forbidden = dict(by_gate)
        self._keep_never_rules(codes)

        self.responses = {code: codes[code] for code in flow.responses}
        self.people = {code: codes[code] for code in flow.people}
        self.levels = self._first([self._when(level.guard) for level in flow.levels])
        self.deadlines = {rule.id: self._when(rule.guard) for rule in flow.deadlines}
        self.wording = {rule.id: self._when(rule.guard) for rule in flow.wording}
        self.asks_time = logic.some(self.deadlines[rule.id] for rule in flow.deadlines if rule.starts_at)

    def _first(self, conditions: Sequence[Formula]) -> list[Formula]:
        """For each condition, whether it is the first that holds."""
        logic = self.logic
        firsts = []
        none_before = logic.fixed(True)
        for condition in conditions:
            firsts.append(logic.every((condition, none_before)))
            none_before = logic.every((none_before, logic.opposite(condition)))
        return firsts

    def step_lists(self) -> list[tuple[str, list[tuple[Formula, RowStep]]]]:
        """The steps of each row and of each of its special cases, with the row, and whether they are recommended."""
        logic = self.logic
        found = []
        for name, row in self.flow.rows.items():
            special = [self.instead[name, n] for n in range(len(row.instead))]
            own = logic.every((self.rows[name], *(logic.opposite(case) for case in special)))
            for applies, steps in ((own, row.steps), *zip(special, (s for _, s in row.instead), strict=True)):
                found.append((name, [(logic.every((applies, self._when(step.guard))), step) for step in steps]))
        return found

    def _apply_floors(self, codes: dict[str, Formula]) -> None:
        logic = self.logic
        self.floors: dict[str, Formula] = {}
        self.moved: dict[tuple[str, str, str], Formula] = {}
        for floor in self.flow.floors:
            applies = self._when(floor.guard)
            self.floors[floor.id] = applies
            added = {add.code: logic.every((applies, self._when(add.guard))) for add in floor.add}
            for code, formula in added.items():
                self.moved[floor.id, "add", code] = logic.every((formula, logic.opposite(codes[code])))
                codes[code] = logic.some((codes[code], formula))
            for code in floor.drop:
                self.moved[floor.id, "drop", code] = logic.every((applies, codes[code]))
                codes[code] = logic.every((codes[code], logic.opposite(applies)))
            self._recommend(codes)

    def _make_offers(self, codes: dict[str, Formula], forbidden: Mapping[str, Formula]) -> None:
        logic = self.logic
        self.offers: dict[str, Formula] = {}
        self.lines: dict[str, dict[str, Formula]] = {}
        for offer in self.flow.offers:
            code = offer.code
            holds = {line.id: self._when(line.guard) for line in offer.lines}
            self.lines[code] = holds
            self.offers[code] = logic.every(
                (*holds.values(), logic.opposite(forbidden[code]), logic.opposite(codes[code]))
            )
            codes[code] = logic.some((codes[code], self.offers[code]))
            self._recommend(codes)

    def _keep_never_rules(self, codes: dict[str, Formula]) -> None:
        flow, logic = self.flow, self.logic
        self.broken: dict[str, Formula] = {}
        self.never: dict[str, Formula] = {rule.id: self._when(rule.guard) for rule in flow.never}
        self.refuses: dict[str, Formula] = {}
        self.refused: dict[tuple[str, str], Formula] = {}
        for rule in flow.never:
            if rule.never_empty is not None:
                empty = logic.opposite(logic.some(codes[code] for code in flow.responses))
                self.broken[rule.id] = empty
                codes[rule.never_empty] = logic.some((codes[rule.never_empty], empty))
            else:
                saved = [codes[code] for code, known in flow.codes.items() if known.bit & rule.without]
                applies = logic.every((self.never[rule.id], logic.opposite(logic.some(saved))))
                self.refuses[rule.id] = applies
                for code in rule.refuse:
                    self.refused[rule.id, code] = logic.every((applies, codes[code]))
                    codes[code] = logic.every((codes[code], logic.opposite(applies)))
                    if not rule.without:
                        self.forbidden[code] = logic.some((self.forbidden[code], applies))
                self.broken[rule.id] = logic.some(self.refused[rule.id, code] for code in rule.refuse)
            self._recommend(codes)

    def _recommend(self, codes: Mapping[str, Formula]) -> None:
        slot = self.flow.recommended_slot
        self._situation[slot] = {self.flow.codes[code].bit: formula for code, formula in codes.items()}

    def _when(self, guard: Guard) -> Formula:
        return self._holds(guard.condition)

    def _holds(self, condition: Condition) -> Formula:
        logic = self.logic
        match condition:
            case Has(slot, mask):
                return logic.some(var for bit, var in self._situation[slot].items() if bit & mask)
            case Only(slot, mask):
                outside = (var for bit, var in self._situation[slot].items() if not bit & mask)
                return logic.opposite(logic.some(outside))
            case Not(part):
                return logic.opposite(self._holds(part))
            case All(parts):
                return logic.every([self._holds(part) for part in parts])
            case AnyOf(parts):
                return logic.some([self._holds(part) for part in parts])

    def _well_formed(self, question: Question) -> list[Formula]:
        """One option, or for many-choice at least one, with an option that stands alone standing alone."""
        logic = self.logic
        options = self.options[question.id]
        if not options:
            return []
        if question.kind != "many":
            return [logic.one_of(list(options.values()))]
        rules = [logic.some(options.values())]
        for option, var in options.items():
            if question.bits[option] & question.alone:
                others = logic.some(v for o, v in options.items() if o != option)
                rules.append(logic.opposite(logic.every((var, others))))
        return rules


def context_of(copy: Copy) -> z3.Context:
    """The context in which the formulas of a copy were made; only for one made of `Formulas`."""
    assert isinstance(copy.logic, Formulas)
    return copy.logic.context
