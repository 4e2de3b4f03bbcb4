"""What the encoder's adapter learns from: every text in `data/` with what it answers, as JSON for Rasa's environment.

A lesson is a text and the tasks it belongs to: [task, options that are right, weight]. Tasks are `answer:QUESTION`
and `message:QUESTION` (the options of a question, and silence), `intent`, and `danger`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from amends.understanding.messages import WHOLE
from amends.understanding.texts import clean

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from amends.flows import Flow, Question
    from amends.understanding.examples import Examples, FirstMessage

SILENT = "-"
_UNTOUCHED = 0.3
"""What it weighs that a message is silent about a question: most messages are, about most."""

Lesson = tuple[str, list[tuple[str, list[str], float]]]


def lessons(flow: Flow, examples: Examples, data: Path) -> dict[str, Any]:
    """All lessons, and the options of each task.

    Args:
        flow: its questions, labels and phrases.
        examples: the texts of `data/understanding`.
        data: the folder with `nlu/`.
    """
    intents = [
        (line.removeprefix("- "), str(part["intent"]))
        for path in sorted((data / "nlu").glob("*.yml"))
        for part in yaml.safe_load(path.read_text("utf-8"))["nlu"]
        for line in part["examples"].splitlines()
    ]
    asked = [question for question in flow.questions.values() if question.options]
    tasks = {f"{kind}:{q.id}": [*q.options, SILENT] for kind in ("answer", "message") for q in asked}
    tasks |= {"intent": sorted({intent for _, intent in intents}), "danger": ["no", "yes"]}
    told: list[Lesson] = [lesson for question in asked for lesson in _of_answers(question, examples)]
    told += [_of_message(message, asked) for message in examples.told_in.get(flow.id, ()) for _ in range(2)]
    told += [(text, [("intent", [intent], 1.0)]) for text, intent in intents]
    told += [(text, [("danger", ["yes"], 1.0)]) for text in examples.danger]
    told += [(text, [("danger", ["no"], 1.0)]) for text in examples.harmless]
    return {"tasks": tasks, "lessons": told}


def _of_answers(question: Question, examples: Examples) -> Iterator[Lesson]:
    task = f"answer:{question.id}"
    taught = examples.answers.get(question.id, {})
    for code, option in question.options.items():
        for text in dict.fromkeys((option.label, *option.says, *taught.get(code, ()))):
            yield text, [(task, [code], 1.0)]
    for text in examples.dodges.get(question.id, ()):
        yield text, [(task, [SILENT], 1.0)]


def _of_message(message: FirstMessage, asked: list[Question]) -> Lesson:
    learn = []
    for question in asked:
        stated = [code for code in message.facts.get(question.id, ()) if code in question.options]
        if stated:
            learn.append((f"message:{question.id}", stated, 1.0))
        elif question.id not in message.allowed:
            learn.append((f"message:{question.id}", [SILENT], _UNTOUCHED))
    return clean(message.text)[:WHOLE], learn
