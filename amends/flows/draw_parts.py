"""What stands in the picture of a flow, stage by stage, before anything has a place or a size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from amends.flows.draw_items import Item, Picture, Stage, nth, tones
from amends.flows.draw_leads import leads_to
from amends.flows.draw_svg import SOFT, Mark, Words
from amends.flows.in_words import InWords, lower, quoted, upper
from amends.flows.problems import either

if TYPE_CHECKING:
    from collections.abc import Mapping

    from amends.flows.draw_svg import Look
    from amends.flows.model import Flow, Question


def picture_of(flow: Flow) -> Picture:
    """What the picture of a flow shows."""
    parts = _Parts(flow)
    stages = (
        parts.safe_steps(),
        parts.questions(),
        parts.terms(),
        parts.gates(),
        parts.rows(),
        parts.floors(),
        parts.offers(),
        parts.never(),
        parts.responses(),
        parts.people(),
        parts.levels(),
        parts.deadlines(),
        parts.wording(),
        parts.letters(),
    )
    lanes = {code: (c.label, parts.tones[code]) for code, c in flow.responses.items()}
    about = (Words(flow.about, 13.5, ink=SOFT), Words(f"Version {flow.version[:12]}", 11, ink=SOFT, gap=6))
    return Picture(flow.id, flow.title, about, tuple(stage for stage in stages if stage.items), lanes)


class _Parts:
    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.tones = tones(flow)
        self.told = InWords(flow)
        self._raw: Mapping[str, Any] = self.told.content

    def safe_steps(self) -> Stage:
        items = []
        for n, (step, raw) in enumerate(zip(self.flow.safe_steps, self._raw["safe_steps"], strict=True), 1):
            only = self.told.only_if(raw)
            words = (Words(upper(f"{only}."), ink=SOFT),) if only else ()
            items.append(Item("safe_steps", str(n), f"{n}. {step.says}", words))
        return Stage(
            "In the first minute",
            "Shown before any question is asked.",
            tuple(items),
            "cards",
            columns=min(len(items), 5),
        )

    def questions(self) -> Stage:
        return Stage(
            "Questions, in this order",
            "A question is asked only while its answer can still change the advice.",
            tuple(self._question(n, question) for n, question in enumerate(self.flow.questions.values(), 1)),
            "cards",
            in_order=True,
        )

    def _question(self, n: int, question: Question) -> Item:
        flow, raw = self.flow, self._raw["questions"][question.id]
        labels = " · ".join(self.told.label(question.id, option) for option in question.options)
        kinds = {"one": "One of", "many": "Any of", "scale": "From least to most"}
        words = [Words(question.ask)]
        if question.kind in kinds:
            words.append(Words(f"{kinds[question.kind]}: {labels}", 11.5, ink=SOFT))
        rules = []
        if question.implied is not None:
            value = quoted(self.told.label(question.id, str(raw["implied"]["value"])))
            rules.append(f"Not asked if {self.told.whole(raw['implied']['when'])}: then it is {value}.")
        if question.ask_before is not None:
            rules.append(f"Asked only while {quoted(flow.codes[question.ask_before].label)} is still possible.")
        if question.tick is not None:
            rules.append("One tick can settle it.")
        if question.confirm:
            rules.append("Always confirmed.")
        if question.for_the_record:
            rules.append("For the record alone.")
        if question.when_missing:
            options = [o for o, bit in question.bits.items() if bit & question.when_missing]
            rules.append(f"No answer counts as {either([quoted(self.told.label(question.id, o)) for o in options])}.")
        if rules:
            words.append(Words(" ".join(rules), 11.5, gap=5))
        if leads := leads_to(flow, question):
            words.append(Words(f"Leads to {leads}.", 11.5, ink=SOFT, gap=5))
        return Item("questions", question.id, f"{n}. {upper(question.topic)}", tuple(words))

    def terms(self) -> Stage:
        items = [
            Item("terms", name, upper(str(term["says"])), self._if(term["when"], "That is so if"))
            for name, term in (self._raw.get("terms") or {}).items()
        ]
        return Stage("What some words mean", "The rules below say these in a few words.", tuple(items), "cards")

    def gates(self) -> Stage:
        items = []
        for gate in self.flow.gates.values():
            raw = self._raw["gates"][gate.id]
            words = [*self._if(raw["when"]), *self._soft(gate.reason, *gate.do_not)]
            if gate.clear_first:
                who = either([self.flow.codes[code].label for code in gate.clear_first], "and")
                words.append(Words(f"Words for the public are cleared first by {who}.", ink=SOFT))
            marks = [self._mark(code, "adds", "added") for code in gate.add]
            marks += [self._mark(code, "rules out", "out") for code in gate.forbid]
            items.append(Item("gates", gate.id, f"{gate.id}  {gate.title}", tuple(words), tuple(marks)))
        says = "They bring somebody in, rule a response out, and say who clears the words."
        return Stage("Gates: every one that fits applies", says, tuple(items), "lanes")

    def rows(self) -> Stage:
        items = []
        for n, row in enumerate(self.flow.rows.values()):
            raw = self._raw["rows"][row.id]
            words, marks = self._steps(raw["do"])
            first = "If" if n == 0 else "Otherwise, if"
            when = self._if(raw["when"], first) if self.told.parts(raw["when"]) else (Words("In every other case"),)
            words = (*when, *words, *self._soft(row.reason))
            items.append(Item("rows", row.id, f"{row.id}  {row.title}", words, marks))
            for case in raw.get("instead") or ():
                words, marks = self._steps(case["do"])
                words = (*self._if(case["when"], "Instead, if"), *words)
                items.append(Item("rows", row.id, f"{row.id}  {row.title}: a case of its own", words, marks))
        says = "Its steps are advised in the order of their numbers."
        return Stage("Rows: from the top, the first that fits decides", says, tuple(items), "lanes", in_order=True)

    def _steps(self, raw: list[Any]) -> tuple[tuple[Words, ...], tuple[Mark, ...]]:
        words, marks = [], []
        for n, step in enumerate(raw, 1):
            code, only = self.told.step(step)
            label = self.flow.codes[code].label
            caption = nth(n) + (", perhaps" if only else "")
            marks.append(self._mark(code, caption, "maybe" if only else "always"))
            if only:
                words.append(Words(f"{upper(label)} {only}.", 11.5, ink=self.tones[code].dark))
        return tuple(words), tuple(marks)

    def floors(self) -> Stage:
        items = []
        for floor in self.flow.floors:
            raw = self._raw["floors"][floor.id]
            marks = [self._mark(code, "takes out", "out") for code in floor.drop]
            words = list(self._if(raw["when"]))
            for code, part in (raw.get("add") or {}).items():
                only = self.told.only_if(part)
                marks.append(self._mark(str(code), "adds, perhaps" if only else "adds", "added"))
                if only:
                    label = upper(self.flow.codes[str(code)].label)
                    words.append(Words(f"{label} {only}.", 11.5, ink=self.tones[str(code)].dark))
            words += self._soft(floor.reason)
            items.append(Item("floors", floor.id, f"{floor.id}  {floor.title}", tuple(words), tuple(marks)))
        says = "Each sees what the ones above it did."
        return Stage("Floors: they put right what came out so far", says, tuple(items), "lanes", in_order=True)

    def offers(self) -> Stage:
        items = []
        for offer in self.flow.offers:
            raw = self._raw["offers"][offer.code]
            words = [Words("Only if every one of these holds:", bold=True)]
            for line in offer.lines:
                when = self.told.whole(raw["lines"][line.id]["when"])
                words.append(Words(f"{line.id}  {line.says}", gap=5))
                words.append(Words(f"Holds if {when}.", 11.5, ink=SOFT, indent=14, gap=1))
            words.append(Words(offer.task, gap=6))
            mark = self._mark(offer.code, "may be added", "maybe")
            items.append(Item("offers", offer.code, offer.title, tuple(words), (mark,)))
        says = "Nobody has to take it up."
        return Stage("Offers: on top, only if every line holds", says, tuple(items), "lanes")

    def never(self) -> Stage:
        items = []
        for rule in self.flow.never:
            raw = self._raw["never"][rule.id]
            if rule.never_empty is not None:
                marks = [self._mark(rule.never_empty, "if nothing is left", "added")]
                words = list(self._soft(rule.reason))
            else:
                without = [quoted(c.label) for c in self.flow.codes.values() if c.bit & rule.without]
                marks = [self._mark(code, "stops, unless" if without else "stops", "guard") for code in rule.refuse]
                words = list(self._if(raw.get("when"), "Stops it if"))
                if without:
                    words.append(Words(f"Unless {either(without)} is advised, too.", bold=True))
                words += self._soft(rule.reason)
            items.append(Item("never", rule.id, f"{rule.id}  {rule.title}", tuple(words), tuple(marks)))
        says = "A bar stands across the response that it guards. What breaks one of these is taken out."
        return Stage("Never: these have the last word", says, tuple(items), "lanes")

    def responses(self) -> Stage:
        items = []
        for code, c in self.flow.responses.items():
            guards = [rule.id for rule in self.flow.never if code in rule.refuse]
            guarded = (Words(f"Guarded by {either(guards, 'and')}.", bold=True),) if guards else ()
            marks = (self._mark(code, "", "always"),)
            items.append(Item("responses", code, c.label, (Words(c.how), *guarded), marks, self.tones[code]))
        return Stage("What is advised", "The responses that came through.", tuple(items), "foot")

    def people(self) -> Stage:
        items = [Item("people", code, upper(c.label), (Words(c.how),)) for code, c in self.flow.people.items()]
        return Stage("Who is brought in", "By gates, rows and floors.", tuple(items), "cards")

    def levels(self) -> Stage:
        items = []
        for n, (level, raw) in enumerate(zip(self.flow.levels, self._raw["levels"], strict=True), 1):
            when = self._if(raw["when"], "If" if n == 1 else "Otherwise, if") or (Words("In every other case"),)
            words = (
                *when,
                Words(f"Decides: {level.decider}.", bold=True, gap=6),
                Words(f"First words in public: {level.first_public_line}"),
                Words(f"Look again: {level.look_again}."),
            )
            items.append(Item("levels", str(n), f"Level {level.level}: {level.name}", words))
        says = "The first that fits says who decides, and how fast."
        beside = min(len(items), 4)
        return Stage("How serious it is", says, tuple(items), "cards", in_order=True, columns=beside)

    def deadlines(self) -> Stage:
        items = []
        for rule in self.flow.deadlines:
            when = self._if(self._raw["deadlines"][rule.id]["when"])
            seen = "" if rule.mark == "S" else " (not verified)"
            words = (*when, Words(f"Starts {lower(rule.starts)}."), Words(rule.reference + seen, 11.5, ink=SOFT))
            items.append(Item("deadlines", rule.id, rule.title, (Words(rule.limit, bold=True), *words)))
        return Stage("Clocks that may run", "All that fit run.", tuple(items), "cards")

    def wording(self) -> Stage:
        items = [
            Item("wording", rule.id, rule.says, self._if(self._raw["wording"][rule.id].get("when")))
            for rule in self.flow.wording
        ]
        return Stage("What is said, and what is not", "All that fit are shown.", tuple(items), "cards")

    def letters(self) -> Stage:
        items = []
        for letter in self.flow.letters:
            helps = either([self.flow.codes[code].label for code in letter.goes_with], "and")
            law = (Words(letter.law, 11.5, ink=SOFT),) if letter.law else ()
            items.append(Item("letters", letter.id, letter.title, (Words(f"Helps with: {helps}."), *law)))
        return Stage("Letters to begin from", "Skeletons; a person writes and sends.", tuple(items), "cards")

    def _if(self, when: Mapping[str, Any] | None, first: str = "If") -> tuple[Words, ...]:
        parts = self.told.parts(when)
        return tuple(Words(f"{first if n == 0 else 'and'} {part}") for n, part in enumerate(parts))

    def _soft(self, *texts: str) -> tuple[Words, ...]:
        return tuple(Words(text, 11.5, ink=SOFT, gap=4) for text in texts)

    def _mark(self, code: str, caption: str, look: Look) -> Mark:
        return Mark(code, upper(self.flow.codes[code].label), caption, look, self.tones[code])
