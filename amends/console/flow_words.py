"""What the payload of a trail entry says, in the words of the flow that it was written under."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from amends.console.told import Line
from amends.console.trail_words import OF_CODES
from amends.console.trail_words import label as label_of
from amends.console.words import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from amends.flows import Flow

_iso = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?([+-]\d\d:\d\d|Z)$")


class FlowWords:
    """The words of one version of a flow; codes as plain words where there is no flow that can be read."""

    def __init__(self, flow: Flow | None, clock: Callable[[datetime], str]) -> None:
        self.flow = flow
        self._clock = clock

    def lines(self, kind: str, payload: Mapping[str, Any]) -> Iterable[Line]:
        """What a payload says, each value under a plain name; an answer stands under its question."""
        question = payload.get("question")
        for key, value in sorted(payload.items(), key=lambda item: item[0] != "decision"):
            name = label_of(kind, key)
            if not name or value in (None, False, "", [], {}):
                continue
            if key == "question":
                if "value" not in payload:
                    yield Line("Question", self._ask(value))
            elif key == "value" and isinstance(question, str):
                yield Line(self._ask(question), self._answer(question, value))
            elif key == "before" and isinstance(question, str):
                yield Line("Answer before", self._answer(question, value))
            elif key in {"answers", "facts"} and isinstance(value, dict):
                yield from (Line(self._ask(asked), self._answer(asked, each)) for asked, each in value.items())
            elif key == "decision" and isinstance(value, dict):
                yield from self._decision(value)
            elif key == "near" and isinstance(value, list):
                yield Line("Not certain, so asked first", "; ".join(self._ask(asked) for asked in value))
            elif key in OF_CODES and isinstance(value, list):
                yield Line(name, "; ".join(self.label(code) for code in value))
            elif key == "asked" and kind == "abandoned":
                yield Line(name, self._ask(value))
            else:
                yield Line(name, self._plain(value))

    def _decision(self, decision: Mapping[str, Any]) -> Iterable[Line]:
        steps = [self.label(step["code"]) for step in decision.get("steps", ())]
        yield Line("Advice", "; ".join(steps) or "Nothing to do")
        if decision.get("forbidden"):
            yield Line("Not to do", "; ".join(self.label(code) for code in decision["forbidden"]))
        if decision.get("row"):
            yield Line("Rule", str(decision["row"]))

    def _ask(self, question: Any) -> str:
        found = self.flow.questions.get(str(question)) if self.flow else None
        return found.ask if found else plain(str(question))

    def _answer(self, question: str, value: Any) -> str:
        if isinstance(value, dict) and "value" in value:
            words = f" (from the words '{value['words']}')" if value.get("words") else ""
            note = " (understood, not said)" if value.get("inferred") else ""
            return self._answer(question, value["value"]) + words + note
        found = self.flow.questions.get(question) if self.flow else None
        if isinstance(value, list):
            return "; ".join(self._answer(question, each) for each in value)
        if found and isinstance(value, str) and value in found.options:
            return found.options[value].label
        return self._plain(value)

    def label(self, code: str) -> str:
        """What a step, response or role is called."""
        found = self.flow.codes.get(code) if self.flow else None
        return found.label if found else plain(code)

    def _plain(self, value: Any) -> str:
        if isinstance(value, dict):
            return "; ".join(
                f"{plain(str(k))}: {self._plain(v)}" for k, v in value.items() if v not in (None, "", [], {})
            )
        if isinstance(value, list):
            return "\n".join(self._plain(each) for each in value)
        if value is None:
            return "nothing"
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, str) and _iso.match(value):
            return self._clock(datetime.fromisoformat(value))
        return str(value)
