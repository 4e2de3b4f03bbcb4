"""What must be true of a flow for every possible set of answers and every setting. Exact, by a solver.

Some row applies; no never-rule is broken; no rule is dead; no question or option is without effect; every
response and every role can be reached. What is not true is a finding: a sentence for the flow's owner, one
concrete situation, what the flow does there, and the line to look at. Deadlines always have a start because a
file in which one has none is not read (`amends.flows.read`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from amends.flows.effect import Effects, Tags
from amends.flows.problems import either
from amends.flows.situations import Search, Situation
from amends.flows.solver import MOST_CULPRITS, Solver
from amends.flows.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from amends.flows.model import Flow, Row
    from amends.flows.source import Path_

Kind = Literal[
    "no row",
    "never-rule broken",
    "dead row",
    "dead special case",
    "dead gate",
    "dead floor",
    "dead offer",
    "dead never-rule",
    "dead level",
    "dead deadline",
    "dead wording",
    "unreachable response",
    "unreachable person",
    "question without effect",
    "option without effect",
    "not proved",
]


@dataclass(frozen=True)
class Finding:
    """Something that is not as it must be.

    `subject` is the id of the rule, question or code; `options` those of a question that have no effect.
    `example` is one situation in which it shows, None when there is none to be in.
    """

    kind: Kind
    subject: str
    line: int
    column: int
    sentence: str
    example: Situation | None = None
    options: tuple[str, ...] = ()

    def as_json(self, flow: Flow) -> dict[str, Any]:
        """The finding with its situation told, ready for JSON."""
        example = self.example
        return {
            "kind": self.kind,
            "subject": self.subject,
            "options": list(self.options),
            "line": self.line,
            "column": self.column,
            "sentence": self.sentence,
            "situation": example.told(flow) if example else None,
            "answers": {name: answer.value for name, answer in example.answers.items()} if example else None,
            "settings": sorted(example.settings) if example else [],
            "trace": list(example.trace(flow)) if example else [],
        }


def prove(flow: Flow, tags: Tags | None = None) -> tuple[Finding, ...]:
    """Everything that is not true of a flow and must be, in the order of the file.

    Args:
        flow: a loaded flow.
        tags: the clauses that are shown because of an answer, see `effect.tags_of`.
    """
    prover = _Prover(flow)
    found = [
        *prover.rows(),
        *prover.never_rules(),
        *prover.gates_and_floors(),
        *prover.offers(),
        *prover.other_rules(),
        *prover.codes(),
        *prover.effects(tags or {}),
        *prover.undecided(),
    ]
    return tuple(sorted(found, key=lambda finding: (finding.line, finding.column)))


class _Prover:
    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        self._search = Search(flow)
        self._copy = self._search.copy
        self._effects_undecided = 0
        self._source: Source | None = None

    def rows(self) -> Iterator[Finding]:
        """Row by row, with all that the rows above take out of the way: far quicker than each row alone."""
        copy, search = self._copy, self._search
        logic = copy.logic
        left = Solver(copy.rules, search.context)
        for name, row in self._flow.rows.items():
            reached = left.possible(copy.matches[name])
            left.add(logic.opposite(copy.matches[name]))
            if not reached:
                yield self._dead_row(row)
                continue
            for n in range(len(row.instead)):
                if not search.possible(copy.instead[name, n]):
                    yield self._finding(
                        "dead special case",
                        name,
                        ("rows", name, "instead", n),
                        f"Special case {n + 1} of row {name} ({row.title}) can never apply: where the row applies, "
                        "its conditions do not hold, or a special case above it applies first.",
                    )
        nothing = logic.opposite(logic.some(copy.matches.values()))
        if left.check() and (example := search.example(nothing)) is not None:
            sentence = "In some situations no row applies, so nothing is advised."
            yield self._finding("no row", "rows", ("rows",), sentence, example)

    def _dead_row(self, row: Row) -> Finding:
        search, matches = self._search, self._copy.matches
        what = f"Row {row.id} ({row.title}) can never apply: "
        above = {}
        for name, condition in matches.items():
            if name == row.id:
                break
            above[name] = self._copy.logic.opposite(condition)
        example = search.example(matches[row.id])
        if example is None:
            sentence = f"{what}in no situation are all its conditions met."
        else:
            covering = search.culprits(matches[row.id], above)
            named = either(covering, "and") if 0 < len(covering) <= MOST_CULPRITS else "the rows"
            sentence = f"{what}every situation that it is meant for is taken by {named} above it."
        return self._finding("dead row", row.id, ("rows", row.id), sentence, example)

    def never_rules(self) -> Iterator[Finding]:
        copy, search, flow = self._copy, self._search, self._flow
        for rule in flow.never:
            example = search.example(copy.broken[rule.id])
            if example is not None:
                if rule.never_empty is not None:
                    what = "no response is advised there"
                else:
                    after = next(t for t in example.decision(flow).trace if t.rule == rule.id and t.did == "refuses")
                    what = f"the rest of the flow advises what it refuses: {self._labels(after.codes)}"
                sentence = f"Never-rule {rule.id} ({rule.title}) is broken in some situations: {what}."
                yield self._finding("never-rule broken", rule.id, ("never", rule.id), sentence, example)
            if not search.possible(copy.never[rule.id]):
                yield self._dead("dead never-rule", "never", rule.id, rule.title)

    def gates_and_floors(self) -> Iterator[Finding]:
        copy, search, flow = self._copy, self._search, self._flow
        for name, gate in flow.gates.items():
            if not search.possible(copy.gates[name]):
                yield self._dead("dead gate", "gates", name, gate.title)
        for floor in flow.floors:
            applies = copy.floors[floor.id]
            moves = [formula for (id_, _, _), formula in copy.moved.items() if id_ == floor.id]
            does = [applies] if floor.wording else moves
            if search.possible(copy.logic.some(does)):
                continue
            example = search.example(applies)
            if example is None:
                yield self._dead("dead floor", "floors", floor.id, floor.title)
            else:
                sentence = (
                    f"Floor {floor.id} ({floor.title}) never changes anything: whenever it applies, what it adds is "
                    "there already and what it drops is not."
                )
                yield self._finding("dead floor", floor.id, ("floors", floor.id), sentence, example)

    def offers(self) -> Iterator[Finding]:
        copy, search = self._copy, self._search
        for offer in self._flow.offers:
            if search.possible(copy.offers[offer.code]):
                continue
            lines = copy.lines[offer.code]
            what = f"Offer {offer.code} ({offer.title}) can never be made: "
            always = copy.logic.fixed(True)
            example = search.example(copy.logic.every(lines.values()))
            if example is None:
                clash = either(search.culprits(always, lines), "and")
                sentence = f"{what}{clash} cannot hold {'together' if ' ' in clash else 'at all'}."
            else:
                sentence = f"{what}wherever all its lines hold, it is forbidden or advised already."
            yield self._finding("dead offer", offer.code, ("offers", offer.code), sentence, example)

    def other_rules(self) -> Iterator[Finding]:
        copy, search, flow = self._copy, self._search, self._flow
        for n, (level, applies) in enumerate(zip(flow.levels, copy.levels, strict=True)):
            if not search.possible(applies):
                sentence = (
                    f"Level {level.level} ({level.name}) can never apply: its conditions never hold, or a level above "
                    "it always applies first."
                )
                yield self._finding("dead level", str(level.level), ("levels", n), sentence)
        for deadline in flow.deadlines:
            if not search.possible(copy.deadlines[deadline.id]):
                yield self._dead("dead deadline", "deadlines", deadline.id, deadline.title)
        for rule in flow.wording:
            if not search.possible(copy.wording[rule.id]):
                yield self._dead("dead wording", "wording", rule.id, rule.says)

    def codes(self) -> Iterator[Finding]:
        for code, known in self._flow.codes.items():
            if known.kind == "response" and not self._search.possible(self._copy.responses[code]):
                sentence = f"Response {code} ({known.label}) can never be advised."
                yield self._finding("unreachable response", code, ("responses", code), sentence)
            if known.kind == "person" and not self._search.possible(self._copy.people[code]):
                sentence = f"Role {code} ({known.label}) can never be brought in."
                yield self._finding("unreachable person", code, ("people", code), sentence)
        for question in self._flow.questions.values():
            if question.kind == "times" and not question.for_the_record and not self._asks_time():
                sentence = (
                    f"Question {question.id} ({question.topic}) is never asked: no deadline starts at its answer."
                )
                yield self._finding("question without effect", question.id, ("questions", question.id), sentence)

    def _asks_time(self) -> bool:
        return self._search.possible(self._copy.asks_time)

    def effects(self, tags: Tags) -> Iterator[Finding]:
        effects = Effects(self._copy, tags)
        for name, options in effects.without_effect():
            question = self._flow.questions[name]
            labels = [f"'{question.options[option].label}'" for option in options]
            path: Path_ = ("questions", name, "options", options[-1])
            example = self._search.example(self._copy.options[name][options[-1]])
            kind: Kind = "option without effect"
            if len(options) == len(question.options):
                kind = "question without effect"
                path = ("questions", name)
                sentence = (
                    f"Question {name} ({question.topic}) has no effect: whatever is answered, the advice is the same."
                )
            elif question.kind == "many":
                sentence = f"Option {labels[0]} of {name} has no effect: answered or not, the advice is the same."
            else:
                sentence = f"Nothing tells apart these options of {name}: {either(labels, 'and')}."
            yield self._finding(
                kind, name, path, f"{sentence} If that is meant, mark it 'for_the_record: yes'.", example, options
            )

        self._effects_undecided = effects.undecided

    def undecided(self) -> Iterator[Finding]:
        """What is said is true all the same; but there may be more."""
        if self._search.undecided or self._effects_undecided:
            sentence = "This flow is too large for all of it to be proved. Fewer rows or simpler conditions would help."
            yield self._finding("not proved", self._flow.id, ("flow",), sentence)

    def _dead(self, kind: Kind, section: str, id_: str, title: str) -> Finding:
        what = {"dead wording": "Wording rule"}.get(kind, kind.removeprefix("dead ").capitalize())
        sentence = f"{what} {id_} ({title}) can never apply: in no situation are all its conditions met."
        return self._finding(kind, id_, (section, id_), sentence)

    def _labels(self, codes: tuple[str, ...]) -> str:
        return either([self._flow.codes[code].label for code in codes], "and")

    def _finding(
        self,
        kind: Kind,
        subject: str,
        path: Path_,
        sentence: str,
        example: Situation | None = None,
        options: tuple[str, ...] = (),
    ) -> Finding:
        if self._source is None:
            self._source = Source(self._flow.source, "")
        line, column = self._source.place(path, key=True)
        return Finding(kind, subject, line, column, sentence, example, options)
