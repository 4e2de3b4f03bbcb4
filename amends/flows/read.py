"""From the text of a flow file to a checked `Flow`, or to the list of everything that is wrong with it."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from amends.flows import conditions, model
from amends.flows.conditions import Names, Reader
from amends.flows.model import FREE, Guard
from amends.flows.problems import FlowError, unknown
from amends.flows.shape import read_shape
from amends.flows.source import Source, text_of

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from amends.flows import format as f
    from amends.flows.format import FlowPart
    from amends.flows.model import Flow
    from amends.flows.source import Path_

SPECIAL = ("recommended", "gate", "row", "not", "any_of", "all_of")
STAGES = ("recommended", "gate", "row")


def load_flow(path: Path, clauses: Collection[str] | None = None) -> Flow:
    """The flow in a file.

    Args:
        path: the file.
        clauses: ids of the clauses that exist; with None, cited clauses are not checked.

    Raises:
        FlowError: the file cannot be read, or something in it is wrong; it has every mistake.
    """
    return parse_flow(text_of(path), str(path), None if clauses is None else frozenset(clauses))


@lru_cache(maxsize=32)
def parse_flow(text: str, file: str = "flow", clauses: frozenset[str] | None = None) -> Flow:
    """The flow in a text; see `load_flow`. The same text gives the same object."""
    source = Source(text, file)
    part = read_shape(source)
    if part is None:
        raise FlowError(source.problems)
    flow = _Builder(source, part, clauses).flow(text)
    if source.problems:
        raise FlowError(list(dict.fromkeys(source.problems)))
    return flow


class _Builder:
    """Turns the models of a file into a `Flow`, reporting every name that leads nowhere."""

    def __init__(self, source: Source, part: FlowPart, clauses: Collection[str] | None) -> None:
        self._source = source
        self._part = part
        self._clauses = clauses
        codes = [*part.responses, *part.people]
        self._codes = {code: 1 << n for n, code in enumerate(dict.fromkeys(codes))}
        self._names = self._read_names()
        self._reader = Reader(source, self._names)
        self._read_terms()

    def flow(self, text: str) -> Flow:
        part = self._part
        self._check_names()
        return model.Flow(
            id=part.flow,
            title=part.title,
            about=part.about,
            says=tuple(part.says),
            version=hashlib.sha256(text.encode()).hexdigest(),
            source=text,
            safe_steps=tuple(
                model.SafeStep(step.says, self._between(step.when, step.unless, ("safe_steps", n), ()))
                for n, step in enumerate(part.safe_steps)
            ),
            questions={id_: self._question(id_, q) for id_, q in part.questions.items()},
            settings=self._names.settings,
            codes=self._all_codes(),
            gates={id_: self._gate(id_, n, gate) for n, (id_, gate) in enumerate(part.gates.items())},
            rows={id_: self._row(id_, n, row) for n, (id_, row) in enumerate(part.rows.items())},
            floors=tuple(self._floor(id_, floor) for id_, floor in part.floors.items()),
            offers=tuple(self._offer(id_, offer) for id_, offer in part.offers.items()),
            never=tuple(self._never(id_, rule) for id_, rule in part.never.items()),
            wording=tuple(
                model.WordingRule(
                    id_,
                    rule.says,
                    self._guard(rule.when, ("wording", id_, "when"), STAGES),
                    self._cited(rule.clauses, ("wording", id_)),
                )
                for id_, rule in part.wording.items()
            ),
            levels=self._levels(),
            deadlines=tuple(self._deadline(id_, rule) for id_, rule in part.deadlines.items()),
            letters=tuple(self._letter(id_, letter) for id_, letter in part.letters.items()),
            confidence=part.confidence,
        )

    # names

    def _read_names(self) -> Names:
        part = self._part
        questions: dict[str, tuple[int, str, Mapping[str, int]]] = {}
        for n, (id_, question) in enumerate(part.questions.items()):
            bits = {code: 1 << k for k, code in enumerate(question.options)}
            questions[id_] = (n, question.kind, bits)
        groups: dict[str, tuple[str, int]] = {}
        for name, group in part.groups.items():
            place = ("groups", name)
            if group.question not in questions:
                self._source.report((*place, "question"), unknown("question", group.question, questions))
                continue
            known = questions[group.question][2]
            mask = 0
            for n, option in enumerate(group.options):
                if option in part.groups and option not in known:
                    message = f"{option} is a group. A group holds options, not groups, so that none goes in a circle."
                    self._source.report((*place, "options", n), message)
                elif option not in known:
                    message = unknown(f"option of {group.question}", option, known)
                    self._source.report((*place, "options", n), message)
                mask |= known.get(option, 0)
            if name in known:
                self._source.report(place, f"{name} is already an option of {group.question}.", key=True)
            groups[name] = (group.question, mask)
        slot = len(part.questions)
        return Names(
            questions=questions,
            groups=groups,
            terms={},
            settings={name: 1 << n for n, name in enumerate(part.settings)},
            special={
                "recommended": (slot, self._codes),
                "gate": (slot + 1, {name: 1 << n for n, name in enumerate(part.gates)}),
                "row": (slot + 2, {name: 1 << n for n, name in enumerate(part.rows)}),
            },
            settings_slot=slot + 3,
        )

    def _read_terms(self) -> None:
        """Terms may use the terms above them, so that they cannot go round in a circle."""
        for name, term in self._part.terms.items():
            for used in _words_of(term.when):
                if used in self._part.terms and used not in self._names.terms:
                    self._source.report(
                        ("terms", name, "when"),
                        f"{name} uses {used}, which stands {'here' if used == name else 'further down'}. "
                        "A term can only use the terms above it.",
                    )
                    self._names.terms[used] = conditions.ALWAYS
            self._names.terms[name] = self._reader.read(term.when, ("terms", name, "when"))

    def _check_names(self) -> None:
        """A word means one thing: no name stands for two."""
        part = self._part
        seen: dict[str, str] = dict.fromkeys(SPECIAL, "a word of the format")
        for section in ("questions", "terms", "settings"):
            for name in getattr(part, section):
                if name in seen:
                    self._source.report((section, name), f"{name} is already {seen[name]}.", key=True)
                seen[name] = f"the name of one of the {section}"
        for name in part.people:
            if name in part.responses:
                self._source.report(("people", name), f"{name} is already a response.", key=True)

    def _cited(self, clauses: Sequence[str], path: Path_) -> tuple[str, ...]:
        for n, clause in enumerate(clauses):
            if self._clauses is not None and clause not in self._clauses:
                self._source.report((*path, "clauses", n), unknown("clause", clause, self._clauses))
        return tuple(clauses)

    def _known_codes(self, names: Sequence[str], path: Path_, among: Collection[str] | None = None) -> tuple[str, ...]:
        allowed = self._codes if among is None else among
        for n, name in enumerate(names):
            if name not in allowed:
                what = "response or role" if among is None else "response" if among is self._part.responses else "role"
                self._source.report((*path, n), unknown(what, name, allowed))
        return tuple(name for name in names if name in allowed)

    # conditions

    def _guard(self, when: Mapping[str, Any] | None, path: Path_, allowed: Collection[str]) -> Guard:
        return FREE if not when else Guard.of(self._reader.read(when, path, allowed))

    def _between(
        self,
        when: Mapping[str, Any] | None,
        unless: Mapping[str, Any] | None,
        path: Path_,
        allowed: Collection[str],
    ) -> Guard:
        guard = self._guard(when, (*path, "when"), allowed)
        if not unless:
            return guard
        other = self._reader.read(unless, (*path, "unless"), allowed)
        return Guard.of(conditions.All((guard.condition, conditions.Not(other))))

    # parts

    def _question(self, id_: str, part: f.QuestionPart) -> model.Question:
        path: Path_ = ("questions", id_)
        index, _, bits = self._names.questions[id_]
        if part.kind == "times" and part.options:
            self._source.report((*path, "options"), f"{id_} asks for times, so it has no options.", key=True)
        if part.kind != "times" and len(part.options) < 2:
            self._source.report(path, f"{id_} needs at least two options.", key=True)
        if part.alone and part.kind != "many":
            self._source.report((*path, "alone"), f"'alone' is for questions of kind many; {id_} is {part.kind}.")
        missing = part.when_missing
        names = [] if missing is None else missing if isinstance(missing, list) else [missing]
        if isinstance(missing, list) and part.kind != "many":
            self._source.report((*path, "when_missing"), f"{id_} takes one option, not a list.")
        decides = part.kind != "times" and part.ask_before is None
        if decides and missing is None:
            self._source.report(path, f"'when_missing' is missing: how is {id_} read when nobody answered?", key=True)
        if part.ask_before is not None and part.ask_before not in self._part.responses:
            message = unknown("response", part.ask_before, self._part.responses)
            self._source.report((*path, "ask_before"), message)
        labels: dict[str, str] = {}
        options = {}
        for code, option in part.options.items():
            label = option if isinstance(option, str) else option.label
            if label in labels:
                message = f"{code} has the same words as {labels[label]}. People could not tell them apart."
                self._source.report((*path, "options", code), message)
            labels[label] = code
            if isinstance(option, str):
                options[code] = model.Option(code, label)
            else:
                options[code] = model.Option(code, label, tuple(option.says), option.for_the_record, option.up_to)
        return model.Question(
            id=id_,
            index=index,
            topic=part.topic,
            ask=part.ask,
            kind=part.kind,
            options=options,
            bits=bits,
            alone=self._option_bits(part.alone, bits, (*path, "alone")),
            why=part.why,
            confirm=part.confirm,
            when_missing=self._option_bits(names, bits, (*path, "when_missing")) if missing is not None else None,
            implied=self._implied(part, bits, index, path),
            ask_before=part.ask_before,
            for_the_record=part.for_the_record,
            tick=self._tick(part, path),
        )

    def _tick(self, part: f.QuestionPart, path: Path_) -> model.Tick | None:
        if part.tick is None:
            return None
        for key in ("no", "yes"):
            code = getattr(part.tick, key)
            if code is not None and code not in part.options:
                self._source.report((*path, "tick", key), unknown("option", code, part.options))
        return model.Tick(part.tick.says, part.tick.no, part.tick.yes)

    def _implied(
        self, part: f.QuestionPart, bits: Mapping[str, int], index: int, path: Path_
    ) -> tuple[int, Guard] | None:
        if part.implied is None:
            return None
        guard = self._guard(part.implied.when, (*path, "implied", "when"), ())
        later = [q for q, (n, _, _) in self._names.questions.items() if n >= index]
        for q in later:
            if self._names.questions[q][0] in conditions.slots(guard.condition):
                message = f"This looks at {q}, which is asked later. It can only look at earlier answers."
                self._source.report((*path, "implied", "when"), message)
        mask = self._option_bits([part.implied.value], bits, (*path, "implied", "value"))
        return mask, guard

    def _option_bits(self, names: Sequence[str], bits: Mapping[str, int], path: Path_) -> int:
        mask = 0
        for name in names:
            if name not in bits:
                self._source.report(path, unknown("option", name, bits))
            mask |= bits.get(name, 0)
        return mask

    def _all_codes(self) -> dict[str, model.Code]:
        codes = {}
        for kind, section in (("response", self._part.responses), ("person", self._part.people)):
            for name, part in section.items():
                codes[name] = model.Code(
                    name,
                    self._codes[name],
                    "response" if kind == "response" else "person",
                    part.label,
                    part.how,
                    part.public,
                    part.before_public,
                    part.first,
                )
        return codes

    def _rule(self, id_: str, part: f.Rule, section: str) -> dict[str, Any]:
        cited = self._cited(part.clauses, (section, id_))
        return {"id": id_, "title": part.title, "reason": part.reason, "clauses": cited}

    def _hows(self, hows: Mapping[str, str], path: Path_) -> Mapping[str, str]:
        for name in hows:
            if name not in self._codes:
                self._source.report((*path, name), unknown("response or role", name, self._codes), key=True)
        return hows

    def _gate(self, id_: str, n: int, part: f.GatePart) -> model.Gate:
        path: Path_ = ("gates", id_)
        for k, row in enumerate(part.how_unless_row):
            if row not in self._part.rows:
                self._source.report((*path, "how_unless_row", k), unknown("row", row, self._part.rows))
        return model.Gate(
            **self._rule(id_, part, "gates"),
            bit=1 << n,
            guard=self._guard(part.when, (*path, "when"), ()),
            add=self._known_codes(part.add, (*path, "add")),
            forbid=self._known_codes(part.forbid, (*path, "forbid")),
            do_not=tuple(part.do_not),
            clear_first=self._known_codes(part.clear_first, (*path, "clear_first"), self._part.people),
            wording=tuple(part.wording),
            how=self._hows(part.how, (*path, "how")),
            how_unless_row=frozenset(part.how_unless_row),
            how_instead=self._hows(part.how_instead, (*path, "how_instead")),
        )

    def _row(self, id_: str, n: int, part: f.RowPart) -> model.Row:
        path: Path_ = ("rows", id_)
        return model.Row(
            **self._rule(id_, part, "rows"),
            bit=1 << n,
            guard=self._guard(part.when, (*path, "when"), ("gate",)),
            steps=self._steps(part.do, (*path, "do")),
            instead=tuple(
                (
                    self._guard(other.when, (*path, "instead", k, "when"), ("gate",)),
                    self._steps(other.do, (*path, "instead", k, "do")),
                )
                for k, other in enumerate(part.instead)
            ),
            wording=tuple(part.wording),
            confidence=part.confidence,
        )

    def _steps(self, steps: Sequence[f.Step], path: Path_) -> tuple[model.RowStep, ...]:
        read: list[model.RowStep] = []
        for n, step in enumerate(steps):
            name = step if isinstance(step, str) else next(iter(step))
            place = (*path, n) if isinstance(step, str) else (*path, n, name)
            if name not in self._codes:
                self._source.report(place, unknown("response or role", name, self._codes), key=True)
                continue
            if any(name == other.code for other in read):
                self._source.report(place, f"{name} stands here twice.", key=True)
            if isinstance(step, str):
                read.append(model.RowStep(name, FREE, ""))
            else:
                part = step[name]
                read.append(
                    model.RowStep(name, self._between(part.when, part.unless, place, ("gate",)), part.how or "")
                )
        return tuple(read)

    def _floor(self, id_: str, part: f.FloorPart) -> model.Floor:
        path: Path_ = ("floors", id_)
        additions = []
        for code, add in part.add.items():
            place = (*path, "add", code)
            names = [code, *(name for name in (add.after, add.in_place_of) if name)]
            for name in names:
                if name not in self._codes:
                    self._source.report(place, unknown("response or role", name, self._codes), key=True)
            if code in self._codes:
                guard = self._guard(add.when, (*place, "when"), STAGES)
                additions.append(model.Addition(code, guard, add.after, add.in_place_of))
        return model.Floor(
            **self._rule(id_, part, "floors"),
            guard=self._guard(part.when, (*path, "when"), STAGES),
            drop=self._known_codes(part.drop, (*path, "drop")),
            add=tuple(additions),
            wording=tuple(part.wording),
        )

    def _offer(self, id_: str, part: f.OfferPart) -> model.Offer:
        if id_ not in self._part.responses:
            self._source.report(("offers", id_), unknown("response", id_, self._part.responses), key=True)
        return model.Offer(
            **self._rule(id_, part, "offers"),
            code=id_,
            lines=tuple(
                model.Line(name, line.says, self._guard(line.when, ("offers", id_, "lines", name, "when"), STAGES))
                for name, line in part.lines.items()
            ),
            how=part.how,
            task=part.task,
        )

    def _never(self, id_: str, part: f.NeverPart) -> model.Never:
        path: Path_ = ("never", id_)
        if bool(part.refuse) == bool(part.never_empty):
            self._source.report(path, "A never-rule has either 'refuse' or 'never_empty'.", key=True)
        if part.never_empty is not None and part.never_empty not in self._part.responses:
            message = unknown("response", part.never_empty, self._part.responses)
            self._source.report((*path, "never_empty"), message)
        without = 0
        for code in self._known_codes(part.without, (*path, "without")):
            without |= self._codes[code]
        return model.Never(
            **self._rule(id_, part, "never"),
            guard=self._guard(part.when, (*path, "when"), ("row",)),
            refuse=self._known_codes(part.refuse, (*path, "refuse")),
            without=without,
            never_empty=part.never_empty,
        )

    def _levels(self) -> tuple[model.Level, ...]:
        levels = []
        for n, part in enumerate(self._part.levels):
            guard = self._guard(part.when, ("levels", n, "when"), STAGES)
            levels.append(
                model.Level(
                    part.level,
                    part.name,
                    guard,
                    part.decider,
                    part.with_gate_roles,
                    part.first_public_line,
                    part.look_again,
                )
            )
            if part.level in [other.level for other in levels[:-1]]:
                self._source.report(("levels", n, "level"), f"Level {part.level} stands here twice.")
        if levels and levels[-1].guard is not FREE:
            place = ("levels", len(levels) - 1, "when")
            self._source.report(place, "The last level has to apply always: write 'when: {}'.")
        return tuple(levels)

    def _deadline(self, id_: str, part: f.DeadlinePart) -> model.DeadlineRule:
        path: Path_ = ("deadlines", id_)
        if part.hours and not part.starts_at:
            self._source.report((*path, "hours"), "'hours' needs 'starts_at': from which time do they count?")
        if part.starts_at and not part.hours:
            self._source.report((*path, "starts_at"), "'starts_at' needs 'hours': how long is it from then?")
        if part.starts_at and not any(q.kind == "times" for q in self._part.questions.values()):
            self._source.report((*path, "starts_at"), "No question asks for times, so this clock never starts.")
        return model.DeadlineRule(
            id_,
            part.title,
            part.limit,
            self._guard(part.when, (*path, "when"), STAGES),
            part.starts,
            part.starts_at,
            part.hours,
            part.reference,
            part.mark,
        )

    def _letter(self, id_: str, part: f.LetterPart) -> model.Letter:
        path: Path_ = ("letters", id_)
        if part.reference and not part.mark:
            self._source.report(path, "'mark' is missing: was the law that it names seen in a source?", key=True)
        if part.mark and not part.reference:
            self._source.report((*path, "mark"), "'mark' is said of a reference, and there is none here.")
        goes_with = self._known_codes(part.goes_with, (*path, "goes_with"))
        return model.Letter(id_, part.title, goes_with, tuple(part.points), part.reference or "", part.mark or "")


def _words_of(node: Any) -> list[str]:
    """Every name used as a key in a condition."""
    if isinstance(node, dict):
        return [str(k) for k in node] + [w for v in node.values() for w in _words_of(v)]
    if isinstance(node, list):
        return [w for v in node for w in _words_of(v)]
    return []
