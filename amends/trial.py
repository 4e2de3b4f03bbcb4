"""A flow tried in the terminal: question by question, with the advice so far after each answer."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from amends.conversation.codes import said
from amends.flows import Answer, AnswerError, Times, next_question, recommend, why, why_not
from amends.flows.answers import mask_of, options_of, parse_answers
from amends.flows.explain import mid_sentence
from amends.flows.pivots import pivots
from amends.flows.problems import either, unknown
from amends.trial_shown import advice_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any
    from zoneinfo import ZoneInfo

    from rich.console import Console

    from amends.flows import Decision, Flow
    from amends.flows.model import Question

HELP = """\
[bold]2[/bold] or [bold]1, 4[/bold]          answer the question with this option, or these
[bold]skip[/bold]               leave the question open (so does an empty line)
[bold]change harm=upset[/bold]  answer any question, several options with commas between
[bold]clear harm[/bold]         take that answer back
[bold]ask harm[/bold]           ask this question next
[bold]answers[/bold]            what is answered so far
[bold]advice[/bold]             the whole advice
[bold]why[/bold]                why it is that
[bold]why not apologise[/bold]  why it is not another
[bold]what if[/bold]            which one answer would change it
[bold]load NAME[/bold]          the answers of a public case, or of an incident such as INC-2026-0042
[bold]start[/bold]              from the beginning
[bold]quit[/bold]               end (so does Ctrl-D)"""
_change = re.compile(r"(?:change\s+)?([A-Za-z]\w*)\s*=\s*(.*)", re.DOTALL)


@dataclass
class Trial:
    """One person trying one flow.

    Args:
        titles: those of the clauses, by id.
        load: the answers of a case or an incident as JSON by its name; raises LookupError with a sentence.
    """

    flow: Flow
    settings: frozenset[str]
    zone: ZoneInfo
    titles: Mapping[str, str]
    load: Callable[[str], Mapping[str, Any]]
    out: Console
    answers: dict[str, Answer] = field(default_factory=dict)
    skipped: set[str] = field(default_factory=set)
    asked: str | None = None
    settled: bool = False

    def run(self, lines: Iterator[str]) -> None:
        """Take lines until there are no more, or until 'quit'."""
        self.out.print(f"[bold]{escape(self.flow.title)}[/bold] [dim]version {self.flow.version[:12]}[/dim]")
        self.out.print("Answer with a number. 'help' says what else you can type.")
        self.ask()
        for line in lines:
            words = " ".join(line.split())
            if words.lower() in ("quit", "exit", "q"):
                return
            try:
                self.take(words)
            except (AnswerError, LookupError) as error:
                self.out.print(str(error), markup=False, style="yellow")

    def take(self, words: str) -> None:
        """One line.

        Raises:
            AnswerError, LookupError: it cannot be used; a sentence.
        """
        verb, _, rest = words.partition(" ")
        change = _change.fullmatch(words)
        simple: dict[str, Callable[[], None]] = {
            "help": lambda: self.out.print(HELP),
            "?": lambda: self.out.print(HELP),
            "answers": self.show_answers,
            "advice": self.show_advice,
            "why": lambda: self.explain(rest),
            "what": self.show_pivots,
            "start": self.start,
            "skip": self.skip,
            "": self.skip,
            "load": lambda: self.load_answers(rest),
            "ask": lambda: self.ask(rest),
            "clear": lambda: self.clear(rest),
        }
        if change:
            self.answer(self._question(change[1]), change[2])
        elif verb.lower() in simple:
            simple[verb.lower()]()
        elif self.asked is not None:
            self.answer(self.flow.questions[self.asked], words)
        else:
            raise AnswerError("Nothing is left to ask. Type 'change QUESTION=OPTION', 'why', 'what if' or 'help'.")

    def answer(self, question: Question, words: str) -> None:
        """Answer a question with numbers or names of its options, or with times."""
        if question.kind == "times":
            self.answers[question.id] = Answer(self._times(words))
        else:
            parts = [part for part in re.split(r"[,\s]+", words) if part]
            options = [self._option(question, part) for part in parts]
            if not options:
                raise AnswerError(f"Give an option of {question.id}: {', '.join(question.options)}.")
            value = options if question.kind == "many" else options[0] if len(options) == 1 else options
            self.answers |= parse_answers(self.flow, {question.id: value})
        self.skipped.discard(question.id)
        self.show_short()
        self.ask()

    def skip(self) -> None:
        """Leave the question open."""
        if self.asked is not None:
            self.skipped.add(self.asked)
        self.ask()

    def clear(self, name: str) -> None:
        """Take an answer back."""
        question = self._question(name)
        self.answers.pop(question.id, None)
        self.skipped.discard(question.id)
        self.show_short()
        self.ask()

    def start(self) -> None:
        """Forget all answers."""
        self.answers, self.skipped, self.settled = {}, set(), False
        self.ask()

    def load_answers(self, name: str) -> None:
        """Take the answers of a case or an incident instead of those that are there."""
        if not name:
            raise AnswerError("Say what to load: the name of a public case, or a reference such as INC-2026-0042.")
        raw = self.load(name)
        answers: dict[str, Answer] = {}
        for question, value in raw.items():
            answers |= self._usable(question, value)
        self.answers, self.skipped, self.settled = answers, set(), False
        self.show_answers()
        self.ask()

    def ask(self, name: str = "") -> None:
        """Ask what can still change the advice; when nothing is left, show the advice once."""
        self.asked = self._question(name).id if name else self._next()
        if self.asked is None:
            if not self.settled:
                self.show_advice()
            self.settled = True
            return
        self.settled = False
        question = self.flow.questions[self.asked]
        self.out.print()
        self.out.print(f"[bold]{escape(question.ask)}[/bold] [dim]{escape(question.id)}[/dim]")
        for number, option in enumerate(question.options.values(), 1):
            self.out.print(f"  {number:2}  {escape(option.label)} [dim]{escape(option.code)}[/dim]")
        hints = {
            "many": "Several numbers, with commas between.",
            "times": "When it was posted and noticed, such as 2026-03-24 21:20, 2026-03-24 21:40; or 'now'.",
        }
        if question.kind in hints:
            self.out.print(f"  [dim]{hints[question.kind]}[/dim]")

    def show_short(self) -> None:
        """The advice so far, in one line."""
        decision = self.decision()
        steps = either([mid_sentence(self._label(step.code)) for step in decision.steps], "and")
        words = "Advice so far" if decision.missing else "Advice"
        self.out.print(f"{words}: {steps}. Level {decision.level}.", markup=False, style="cyan")

    def show_answers(self) -> None:
        """What is answered."""
        if not self.answers:
            self.out.print("Nothing is answered yet.")
            return
        table = Table("Question", "Answer", "Name", box=None)
        for name in self.flow.questions:
            if name in self.answers:
                question, answer = self.flow.questions[name], self.answers[name]
                options = options_of(question, mask_of(question, answer))
                told = either([question.options[option].label for option in options], "and") or self._told(answer)
                table.add_row(escape(question.topic), escape(told), escape(f"{name}={','.join(options)}"))
        self.out.print(table)

    def show_advice(self) -> None:
        """The whole advice."""
        decision = self.decision()
        self.out.print()
        self.out.print(f"[bold]Advice, level {decision.level}[/bold]", style="cyan")
        for line in advice_lines(self.flow, decision, self.zone, self.titles):
            self.out.print(line)

    def explain(self, rest: str) -> None:
        """'why', 'why not apologise', or why a question is asked."""
        if not rest:
            self.out.print(why(self.flow, self.answers, self.settings) or "No rule fired.", markup=False)
            return
        words = rest.removeprefix("not").strip()
        if not rest.startswith("not") and words in self.flow.questions:
            self.out.print(self.flow.questions[words].why, markup=False)
            return
        codes = (words,) if words in self.flow.codes else said(words, self.flow.codes)
        if not codes:
            raise AnswerError(unknown("response or role", words or "nothing", self.flow.codes))
        for code in codes:
            self.out.print(why_not(self.flow, self.answers, code, self.settings).text, markup=False)

    def show_pivots(self) -> None:
        """Which one answer would change the advice."""
        found = pivots(self.flow, self.answers, self.settings)
        for pivot in found:
            topic = self.flow.questions[pivot.question].topic
            line = f"- {topic}: {pivot.answer_told(self.flow)}. Then {pivot.change_told(self.flow)}."
            self.out.print(line, markup=False)
        if not found:
            self.out.print("No single other answer changes the advice.")

    def decision(self) -> Decision:
        """What is advised now."""
        return recommend(self.flow, self.answers, self.settings)

    def _next(self) -> str | None:
        """The next question that matters and was not skipped; a skipped one is tried as if it did not exist."""
        question = next_question(self.flow, self.answers, self.settings)
        if question is None or question not in self.skipped:
            return question
        open_ = self.decision().missing
        return next((name for name in open_ if name not in self.skipped), None)

    def _question(self, name: str) -> Question:
        if name not in self.flow.questions:
            raise AnswerError(unknown("question", name, self.flow.questions))
        return self.flow.questions[name]

    def _option(self, question: Question, word: str) -> str:
        names = list(question.options)
        if not word.isdecimal():
            return word
        if len(word) > 4 or not 1 <= int(word) <= len(names):
            raise AnswerError(f"There is no number {word[:8]} here. Give one from 1 to {len(names)}.")
        return names[int(word) - 1]

    def _times(self, words: str) -> Times:
        if words.lower() == "now":
            now = datetime.now(UTC)
            return Times(now, now)
        times = [self._time(text.strip()) for text in words.split(",")]
        if len(times) > 2 or times != sorted(times):
            raise AnswerError("Give when it was posted and then when it was noticed, with a comma between.")
        return Times(times[0] if len(times) == 2 else None, times[-1])

    def _time(self, text: str) -> datetime:
        try:
            return datetime.fromisoformat(text).replace(tzinfo=self.zone)
        except ValueError as error:
            raise AnswerError(f"{text[:40]} is no time. Write it such as 2026-03-24 21:20.") from error

    def _usable(self, question: str, value: Any) -> dict[str, Answer]:
        try:
            return parse_answers(self.flow, {question: value})
        except AnswerError as error:
            self.out.print(f"{error} That answer is left out.", markup=False, style="yellow")
            return {}

    def _told(self, answer: Answer) -> str:
        if not isinstance(answer.value, Times):
            return "nothing"
        pairs = (("posted", answer.value.posted), ("noticed", answer.value.noticed))
        return ", ".join(f"{name} {time.astimezone(self.zone):%d %B %Y, %H:%M}" for name, time in pairs if time)

    def _label(self, code: str) -> str:
        return self.flow.codes[code].label
