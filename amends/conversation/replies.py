"""What the assistant says: text for everybody, and a typed payload that each channel draws its own way.

`text` alone is always enough to understand a reply and to go on by typing; the web chat, the terminal and
Slack draw the rest as cards, buttons and boxes. A button's `send` is the message that pressing it sends.
"""

from __future__ import annotations

import json
from datetime import datetime  # noqa: TC003 - pydantic reads it at run time
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Button(_Part):
    """A press that sends `send`, an intent with its entities, so that nothing has to be understood."""

    label: str
    send: str
    style: Literal["plain", "primary", "danger"] = "plain"


class _Reply(_Part):
    text: str
    buttons: tuple[Button, ...] = ()


class TextReply(_Reply):
    """Words and perhaps buttons, nothing else to draw."""

    type: Literal["text"] = "text"


class FailureReply(_Reply):
    """The assistant could not work: what to do instead.

    The gateway sends it when the bot does not answer, an action when nothing could be recorded; the message
    then stays waiting and is sent again.
    """

    type: Literal["failure"] = "failure"


class SafeStepsReply(_Reply):
    """What to do in the first minute, before any question."""

    type: Literal["safe_steps"] = "safe_steps"
    reference: str
    steps: tuple[str, ...]


class Understood(_Part):
    """One thing read from the person's own words: the question it answers, and the words it rests on."""

    question: str
    ask: str
    values: tuple[str, ...]
    label: str
    words: str


class Choice(_Part):
    """One option of a question, or one box to tick."""

    code: str
    label: str


class UnderstoodReply(_Reply):
    """What was understood, for one-tap confirmation. Buttons: all right, and one to change each.

    `ticks` are questions of which nothing was said, each a box. Whoever ticks those that are in play, or none,
    need not be asked about the others: `press_answer(UNDERSTOOD, "none" or "question,question", state)`.
    """

    type: Literal["understood"] = "understood"
    state: str
    facts: tuple[Understood, ...]
    details: tuple[str, ...] = ()
    """Other things noticed, in words: the platform, the account, a count, a time."""
    ticks: tuple[Choice, ...] = ()


class QuestionReply(_Reply):
    """The current question. Pressing option `code` sends `press_answer(question, code, state)`."""

    type: Literal["question"] = "question"
    state: str
    question: str
    kind: Literal["one", "many", "scale", "times"]
    options: tuple[Choice, ...] = ()
    chosen: tuple[str, ...] = ()
    """What was answered before, when the question is asked again."""
    why: str


class Done(_Part):
    """Who did a step, and when they say they did it."""

    who: str
    at: datetime


class StepToDo(_Part):
    """One step of the recommendation. Pressing Done sends `press_done(code, state)`."""

    code: str
    label: str
    kind: Literal["response", "person"]
    how: str
    optional: bool = False
    clear_first: tuple[str, ...] = ()
    """Labels of the roles that clear the words before they go out."""
    contact: str = ""
    done: Done | None = None


class Refusal(_Part):
    """Something not to do, and why."""

    code: str
    label: str
    reason: str


class Clock(_Part):
    """A deadline: `due` is a time when its start is known, else `starts` says from when it counts."""

    id: str
    title: str
    limit: str
    due: datetime | None
    starts: str
    reference: str
    verified: bool


class ClauseCard(_Part):
    """A clause of the organisation's policy, with the law it rests on."""

    id: str
    title: str
    text: str
    owner: str
    legal: str
    verified: bool
    note: str = ""
    """Why it stands here, or which clause it gives way to."""


class RecommendationReply(_Reply):
    """The advice. Buttons: why, what was asked, help with the words."""

    type: Literal["recommendation"] = "recommendation"
    reference: str
    state: str
    headline: str
    provisional: bool
    missing: tuple[str, ...]
    steps: tuple[StepToDo, ...]
    refusals: tuple[Refusal, ...]
    do_not: tuple[str, ...] = ()
    """Acts that are no responses, and must not be done."""
    wording: tuple[str, ...]
    level: int
    level_name: str
    decider: str
    first_public_line: str
    look_again: str
    clocks: tuple[Clock, ...]
    clauses: tuple[ClauseCard, ...]
    confidence: Literal["high", "medium", "low"]
    decided_by_lead: str = ""
    """Who decided instead of the flow, on what, why, and what of the flow it goes against; stands first."""
    drill: bool = False
    """Practice: nobody outside is told."""
    unfinished: str = ""
    """What is not settled after a public reply, and when it is asked again."""


class ClausesReply(_Reply):
    """Clauses found for a question about policy; none found: `text` names the owner to ask."""

    type: Literal["clause"] = "clause"
    clauses: tuple[ClauseCard, ...]


class Finding(_Part):
    """What is wrong with some words of a draft: the rule that says so, by its short name; with clauses, what it is."""

    sentence: str
    problem: str
    instead: str
    rule: str
    clauses: tuple[str, ...] = ()


class DraftReply(_Reply):
    """A draft, checked: what was found, under `heading` and before what is said of all of it (`after`)."""

    type: Literal["draft"] = "draft"
    findings: tuple[Finding, ...]
    heading: str = ""
    after: tuple[str, ...] = ()


class Section(_Part):
    """A part of a look back: what it is about, and what is said of it."""

    title: str
    lines: tuple[str, ...]


class DebriefReply(_Reply):
    """The look back after a drill."""

    type: Literal["debrief"] = "debrief"
    title: str
    sections: tuple[Section, ...]
    clauses: tuple[ClauseCard, ...]


class IncidentLine(_Part):
    """One of my incidents, for the status list."""

    reference: str
    state: str
    title: str
    next_step: str
    due: datetime | None
    deadline: str = ""
    """What has to be done until then."""
    current: bool


class StatusReply(_Reply):
    """My open incidents."""

    type: Literal["status"] = "status"
    incidents: tuple[IncidentLine, ...]


Reply = Annotated[
    TextReply
    | FailureReply
    | SafeStepsReply
    | UnderstoodReply
    | QuestionReply
    | RecommendationReply
    | ClausesReply
    | DraftReply
    | DebriefReply
    | StatusReply,
    Field(discriminator="type"),
]

_reply: TypeAdapter[Reply] = TypeAdapter(Reply)


def read_reply(message: object) -> Reply:
    """One message of Rasa's channel as a reply; plain text becomes a `TextReply`."""
    if isinstance(message, dict) and "custom" in message:
        return _reply.validate_python(message["custom"])
    if isinstance(message, dict) and isinstance(message.get("text"), str):
        buttons = tuple(Button(label=b["title"], send=b["payload"]) for b in message.get("buttons", ()))
        return TextReply(text=message["text"], buttons=buttons)
    raise ValueError("The bot sent a message that is neither text nor one of our replies.")


def press(intent: str, **entities: str) -> str:
    """The message that a button sends: an intent and its entities, which Rasa reads without guessing."""
    return f"/{intent}{json.dumps(entities, ensure_ascii=False)}" if entities else f"/{intent}"


def press_answer(question: str, values: str, state: str) -> str:
    """Answer `question` with `values` (codes joined by commas), pressed on a card drawn at `state`."""
    return press("press", question=question, value=values, state=state)


def press_done(step: str, state: str) -> str:
    """Say that a recommended step is done."""
    return press("action_done", step=step, state=state)
