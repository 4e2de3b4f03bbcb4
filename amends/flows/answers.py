"""Answers as they come in and go out, and the situation that they add up to."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from amends.flows.model import Answer, Times
from amends.flows.problems import AnswerError, unknown

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from amends.flows.model import Flow, Question

    Answers = Mapping[str, Answer]


def parse_answers(flow: Flow, raw: Any) -> dict[str, Answer]:
    """Answers from JSON.

    Args:
        flow: the flow whose questions are answered.
        raw: question -> an option, a list of options, `{"posted", "noticed"}` in ISO 8601 for times, or
            `{"value": ..., "inferred": true}` around any of these. A question without an answer is left
            out, or is null or an empty list.

    Raises:
        AnswerError: an unknown question or option, or a value of the wrong shape.
    """
    if not isinstance(raw, dict):
        raise AnswerError("Answers are one JSON object: question names with their answers.")
    answers = {}
    for name, value in raw.items():
        if name not in flow.questions:
            raise AnswerError(unknown("question", str(name), flow.questions))
        answer = _parse(flow.questions[name], value)
        if answer is not None:
            answers[name] = answer
    return answers


def answers_json(answers: Answers) -> dict[str, Any]:
    """Answers as JSON, which `parse_answers` reads back."""
    raw: dict[str, Any] = {}
    for name, answer in answers.items():
        value: Any = answer.value
        if isinstance(value, Times):
            times = (("posted", value.posted), ("noticed", value.noticed))
            value = {key: time.isoformat() for key, time in times if time}
        elif isinstance(value, tuple):
            value = list(value)
        raw[name] = {"value": value, "inferred": True} if answer.inferred else value
    return raw


def situation(flow: Flow, answers: Answers, settings: Collection[str] = ()) -> list[int]:
    """The numbers that conditions look at: what was answered, else implied, else read as missing."""
    numbers: list[int] = []
    for name, question in flow.questions.items():
        answer = answers.get(name)
        if answer is not None:
            numbers.append(mask_of(question, answer))
        elif question.implied is not None and question.implied[1].test(numbers):
            numbers.append(question.implied[0])
        else:
            numbers.append(question.when_missing or 0)
    on = 0
    for name in settings:
        on |= flow.settings.get(name, 0)
    numbers += (0, 0, 0, on)
    return numbers


def is_implied(flow: Flow, question: Question, answers: Answers) -> bool:
    """Whether an unanswered question follows from what is known, so that it is not asked."""
    if question.implied is None:
        return False
    mask, guard = question.implied
    return guard.test(situation(flow, answers)) and mask != 0


def mask_of(question: Question, answer: Answer) -> int:
    """The bits of the options that an answer holds; times hold none."""
    value = answer.value
    if isinstance(value, str):
        return question.bits[value]
    if isinstance(value, Times):
        return 0
    mask = 0
    for option in value:
        mask |= question.bits[option]
    return mask


def options_of(question: Question, mask: int) -> tuple[str, ...]:
    """The options whose bits are in a mask, in the question's order."""
    return tuple(option for option, bit in question.bits.items() if bit & mask)


def _parse(question: Question, raw: Any) -> Answer | None:
    inferred = False
    if isinstance(raw, dict) and "value" in raw:
        strange = sorted(set(raw) - {"value", "inferred"})
        if strange or not isinstance(raw.get("inferred", False), bool):
            raise AnswerError(f'The answer to {question.id} is written {{"value": ..., "inferred": true}}.')
        inferred = raw.get("inferred", False)
        raw = raw["value"]
    if raw is None or raw == []:
        return None
    if question.kind == "times":
        return Answer(_times(question, raw), inferred)
    if question.kind == "many":
        options = raw if isinstance(raw, list) else [raw]
        for option in options:
            _check_option(question, option)
        return Answer(tuple(option for option in question.options if option in options), inferred)
    if isinstance(raw, list):
        raise AnswerError(f"{question.id} takes one option, not a list.")
    _check_option(question, raw)
    return Answer(raw, inferred)


def _check_option(question: Question, raw: Any) -> None:
    if not isinstance(raw, str) or raw not in question.options:
        raise AnswerError(unknown(f"option of {question.id}", str(raw)[:80], question.options))


def _times(question: Question, raw: Any) -> Times:
    example = f'The answer to {question.id} is written {{"posted": "2026-03-02T21:20:00+00:00", "noticed": ...}}.'
    if not isinstance(raw, dict) or not raw or set(raw) - {"posted", "noticed"}:
        raise AnswerError(example)
    times: dict[str, datetime | None] = {"posted": None, "noticed": None}
    for key, text in raw.items():
        if text is None:
            continue
        try:
            times[key] = datetime.fromisoformat(text)
        except (TypeError, ValueError) as error:
            raise AnswerError(f"{str(text)[:80]} is not a time in ISO 8601. {example}") from error
        if times[key].tzinfo is None:  # type: ignore[union-attr]
            raise AnswerError(f"{text} does not say its time zone: end it with +00:00 or another offset.")
    posted, noticed = times["posted"], times["noticed"]
    if posted and noticed and noticed < posted:
        raise AnswerError("It cannot have been noticed before it was posted. Check the two times.")
    return Times(posted, noticed)
