"""Steps of the advice, marked done: by whom, and when. The evidence comes before the taking down."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from amends.conversation import after_card, cards, closing, codes, keeping, promises_told, wording
from amends.conversation.replies import Button, TextReply, press_answer, press_done
from amends.incidents.record import State
from amends.incidents.trail import Kind

if TYPE_CHECKING:
    from amends.conversation.case import Case
    from amends.conversation.replies import Reply, StepToDo
    from amends.conversation.talk import Talk

_GONE = frozenset(("take_down", "hide_own", "contain"))
"""Steps after which the evidence may be gone."""


def step_done(talk: Talk) -> list[Reply]:
    """A step was done: by its button, or in words such as 'I deleted it ten minutes ago'."""
    case = talk.case
    if case is None:
        return [TextReply(text=wording.NOTHING_OPEN)]
    if talk.turn.pressed:
        state = talk.turn.entities.get("state", "")
        if state and state != case.state_id:
            return keeping.stale(talk)
    if case.state is not State.ADVISED:
        return [TextReply(text=wording.BUTTON_UNKNOWN)]
    decision = cards.decision_of(case)
    advised = [step.code for step in decision.steps]
    step = talk.turn.entities.get("step", "")
    named = [step] if step else named_in(case, talk.turn.words)
    if step and step not in advised:
        return [TextReply(text=wording.BUTTON_UNKNOWN)]
    if not named:
        if not cards.open_steps(case, decision):
            return closing.close(talk)
        if codes.said(talk.turn.words, case.flow.codes):
            case.write(Kind.NOTE_ADDED, {"text": talk.turn.words})
            return [TextReply(text=wording.NO_SUCH_STEP), *_which(case)]
        return _which(case)
    at = promises_told.done_at(talk)
    done_first = "preserve" in advised and "preserve" not in case.done and "preserve" not in named
    if done_first and not _GONE.isdisjoint(named):
        talk.wait_for("preserve_first", codes=named, at=at.isoformat())
        return []
    return mark(case, named, at)


def named_in(case: Case, words: str) -> list[str]:
    """The advised steps that words speak of."""
    advised = {step.code for step in cards.decision_of(case).steps}
    return [code for code in codes.said(words, case.flow.codes) if code in advised]


def after_preserve(talk: Talk, case: Case, waiting: dict[str, Any], *, saved: bool) -> list[Reply]:
    """The post was taken down; whether the evidence was saved before is known now."""
    del talk
    at = datetime.fromisoformat(waiting["at"])
    replies = mark(case, (["preserve"] if saved else []) + list(waiting["codes"]), at)
    return replies if saved else [TextReply(text=wording.SAVE_LATE), *replies]


def mark(case: Case, named: list[str], at: datetime) -> list[Reply]:
    """Record steps as done; what was recorded before stays as it was."""
    talk = case.talk
    zone = talk.tools.settings.zone
    who = talk.turn.actor_name or talk.turn.actor_id
    lines = []
    for code in named:
        label = case.flow.codes[code].label
        if code in case.done:
            before = case.done[code]
            at_before = wording.clock(datetime.fromisoformat(before["at"]), talk.at, zone)
            lines.append(f"Already recorded: {label[:1].lower()}{label[1:]}, at {at_before} by {before['who']}.")
            continue
        note(case, code, who, at)
        lines.append(wording.step_done(label, who, wording.clock(at, talk.at, zone)))
    case.save()
    return [_and_now(case, lines)]


def note(case: Case, code: str, who: str, at: datetime) -> None:
    """Record one step as done by somebody, at a time."""
    mark = {"who": who, "at": at.isoformat()}
    case.done[code] = mark
    case.write(Kind.STEP_DONE, {"step": code, "label": case.flow.codes[code].label, **mark})


def _and_now(case: Case, lines: list[str]) -> TextReply:
    left = cards.open_steps(case, cards.decision_of(case))
    show = Button(label=wording.LABEL_ADVICE, send=press_answer(cards.SHOW, "yes", case.state_id))
    if not left:
        finish = press_answer(cards.CLOSE, "yes", case.state_id)
        buttons = (Button(label=wording.LABEL_FINISH, send=finish, style="primary"), show)
        text = " ".join([*lines, wording.ALL_DONE]) + after_card.asks_again(case)
        return TextReply(text=text, buttons=buttons)
    first = left[0]
    return TextReply(
        text=" ".join([*lines, wording.next_step(first.label, first.how)]),
        buttons=(_done_button(case, first), show),
    )


def _which(case: Case) -> list[Reply]:
    buttons = tuple(_done_button(case, step) for step in cards.open_steps(case, cards.decision_of(case)))
    return [TextReply(text=wording.WHICH_STEP, buttons=buttons)]


def _done_button(case: Case, step: StepToDo) -> Button:
    return Button(label=f"Done: {step.label[:1].lower()}{step.label[1:]}", send=press_done(step.code, case.state_id))
