"""The advice as one card: what to do now and then, by when, what not to do, and what else can be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amends.conversation import wording
from amends.conversation.replies import press_done
from amends.flows.problems import either
from amends.slack import blocks as kit
from amends.slack.status import labelled, low

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from amends.conversation.replies import Button, Clock, RecommendationReply, StepToDo
    from amends.slack.blocks import Block, Message

CONFIDENCE = {
    "high": "I am sure of this advice.",
    "medium": "I am fairly sure of this advice. If something looks wrong to you, ask a human.",
    "low": "I am not sure enough of this: a person must decide.",
}
MOST_STEPS = 16
MOST_LINES = 12
"""Of clocks, refusals and so on; what is beyond is counted."""


def advice(
    reply: RecommendationReply,
    *,
    zone: ZoneInfo,
    now: datetime,
    tell: frozenset[str] = frozenset(),
    ended: str = "",
) -> Message:
    """The card of the advice.

    Args:
        tell: the roles that can be told with a button.
        ended: how the incident ended, in a sentence; then nothing can be pressed but the reasons.
    """
    card = _Card(reply, zone, now, tell, ended)
    return kit.message(kit.fitted(card.blocks))


class _Card:
    def __init__(
        self, reply: RecommendationReply, zone: ZoneInfo, now: datetime, tell: frozenset[str], ended: str
    ) -> None:
        self.reply, self.zone, self.now, self.tell, self.ended = reply, zone, now, tell, ended
        self.pressed = 0

    def blocks(self, room: int) -> list[Block]:
        self.pressed = 0
        return [
            *self._first(room),
            *self._steps(room),
            *self._clocks(room),
            *self._not_to_do(room),
            *self._others(),
            self._small_print(room),
        ]

    def _first(self, room: int) -> list[Block]:
        """The line that says what to do now, and what has to be known before doing it."""
        reply = self.reply
        must = [step for step in self._open if not step.optional] or self._open
        if self.ended:
            drawn = [kit.header(self.ended)]
        elif must:
            drawn = [kit.header(f"Now: {low(must[0].label)}")]
        else:
            drawn = [kit.header("All steps are done")]
        decided = getattr(reply, "decided_by_lead", "")
        remark = reply.headline.partition(f"{reply.reference}, level")[0].strip()
        lines = [decided, remark if remark != reply.headline.strip() else ""]
        if reply.missing:
            lines.append(wording.PROVISIONAL.format(missing=either(list(reply.missing), "and")))
        if reply.confidence == "low":
            lines.append(wording.LOW_CONFIDENCE.format(decider=reply.decider.rstrip(". ")))
        text = "\n".join(line for line in lines if line)
        return [*drawn, kit.section(text=text, most=room)] if text else drawn

    @property
    def _open(self) -> list[StepToDo]:
        return [step for step in self.reply.steps if step.done is None]

    def _steps(self, room: int) -> list[Block]:
        drawn: list[Block] = []
        for n, step in enumerate(self.reply.steps[:MOST_STEPS], start=1):
            if step.done is None:
                drawn += self._step(n, step, room)
        more = len(self._open) - len([step for step in self.reply.steps[:MOST_STEPS] if step.done is None])
        done = [
            f"{n}. {labelled(step.label)}: {wording.clock(step.done.at, self.now, self.zone)}, {step.done.who}"
            for n, step in enumerate(self.reply.steps, start=1)
            if step.done is not None
        ]
        if more > 0:
            drawn.append(kit.context(f"And {more} more steps, which do not fit here."))
        if done:
            drawn.append(kit.context("Done:", *done, most=min(room, 200)))
        return drawn

    def _step(self, n: int, step: StepToDo, room: int) -> list[Block]:
        """One open step: how to do it, and its buttons."""
        title = f"{n}. {labelled(step.label)}{' (if you like)' if step.optional else ''}"
        lines = [step.how]
        if step.clear_first:
            lines.append(f"First cleared by {either(list(step.clear_first), 'and')}.")
        if step.contact:
            lines.append(f"Contact: {step.contact}")
        section = kit.section(title, " ".join(lines), most=room)
        buttons = [] if self.ended else self._step_buttons(step)
        if len(buttons) == 1:
            return [section | {"accessory": buttons[0]}]
        return [section, *kit.rows_of(buttons)]

    def _step_buttons(self, step: StepToDo) -> list[Block]:
        label = low(step.label)
        send = press_done(step.code, self.reply.state)
        first = next((one for one in self._open if not one.optional), None)
        style: kit.Style = "primary" if step is first else "plain"
        done = kit.button("Done", self._say(), send, style, spoken=f"Done: {label}")
        if step.kind != "person" or step.code not in self.tell:
            return [done]
        carries = kit.value(incident=self.reply.reference, role=step.code, state=self.reply.state)
        told = kit.button(f"Tell {label}", f"tell:{step.code}", carries, style)
        done.pop("style", None)
        return [told, done]

    def _clocks(self, room: int) -> list[Block]:
        lines = [self._clock(one) for one in self.reply.clocks]
        return _list("Clock", lines, room)

    def _clock(self, one: Clock) -> str:
        by = f"By {wording.clock(one.due, self.now, self.zone)}" if one.due else one.limit.rstrip(". ")
        start = "" if one.due else f" It counts from: {one.starts.rstrip('. ')}."
        limit = f" {one.limit.rstrip('. ')}." if one.due else ""
        checked = "" if one.verified else ", not verified"
        return f"{by}: {one.title.rstrip('. ')}.{limit}{start} ({one.reference}{checked})"

    def _not_to_do(self, room: int) -> list[Block]:
        lines = [f"{labelled(one.label)}: {one.reason}" for one in self.reply.refusals]
        lines += [labelled(text) for text in self.reply.do_not]
        return [
            *_list("Do not", lines, room),
            *_list("In what you say", list(self.reply.wording), room),
        ]

    def _others(self) -> list[Block]:
        """Why, clauses, words, change, a human, finish."""
        steps = {press_done(step.code, self.reply.state) for step in self.reply.steps}
        buttons = [button for button in self.reply.buttons if button.send not in steps]
        if self.ended:
            return kit.rows_of(self._clauses())
        why = [button for button in buttons if button.send.startswith("/ask_why")]
        rest = [button for button in buttons if button not in why]
        drawn = [*map(self._other, why), *self._clauses(), *map(self._other, rest)]
        return kit.rows_of([one for one in drawn if one is not None])

    def _other(self, button: Button) -> Block | None:
        if button.send == "/check_draft":
            carries = kit.value(incident=self.reply.reference, state=self.reply.state)
            return kit.button(button.label, "open_draft", carries)
        if len(button.send) > kit.LONGEST_VALUE:
            return None
        return kit.button(button.label, self._say(), button.send, button.style)

    def _clauses(self) -> list[Block]:
        count = len(self.reply.clauses)
        if not count:
            return []
        label = f"The clause{'s' if count > 1 else ''} behind it{f' ({count})' if count > 1 else ''}"
        return [kit.button(label, "open_clauses", kit.value(incident=self.reply.reference))]

    def _small_print(self, room: int) -> Block:
        reply = self.reply
        lines = [
            wording.decides(reply.decider, ()) if reply.confidence != "low" else "",
            wording.pace(reply.first_public_line, reply.look_again),
            CONFIDENCE[reply.confidence] if reply.confidence != "low" else "",
            f"{reply.reference}, level {reply.level} ({reply.level_name})",
        ]
        return kit.context(*lines, most=min(room, 600))

    def _say(self) -> str:
        self.pressed += 1
        return f"say:{self.pressed - 1}"


def _list(title: str, lines: Sequence[str], room: int) -> list[Block]:
    """A list under its title; none for none."""
    if not lines:
        return []
    kept = list(lines[:MOST_LINES])
    if len(lines) > MOST_LINES:
        kept.append(f"And {len(lines) - MOST_LINES} more.")
    each = min(room, kit.LONGEST_SECTION // (len(kept) + 1))
    return [kit.marked_section("\n".join([kit.bold(title), kit.bullets(kept, each)]))]
