"""The advice as one card: what to do now and then, by when, what not to do, and what else can be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amends.conversation import wording
from amends.conversation.replies import press_done
from amends.conversation.wording import labelled, low
from amends.flows.problems import either
from amends.slack import blocks as kit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from amends.conversation.replies import Button, Clock, RecommendationReply, StepToDo
    from amends.slack.blocks import Block, Message

CONFIDENCE = {
    "high": "I am sure of this advice.",
    "medium": "I am fairly sure of this advice. If something looks wrong to you, ask a human.",
}
MOST_STEPS = 16
LEAST_HOW = 700
"""In the text of the card the steps are told in full for longer than the lists."""
MOST_LINES = 16
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
        tell: the roles that can be told with a button; in practice nobody is.
        ended: how the incident ended, in a sentence; then nothing can be pressed but the reasons.
    """
    card = _Card(reply, zone, now, frozenset() if reply.drill else tell, ended)
    return kit.drawn(card.blocks, lambda room: card.blocks(max(room, LEAST_HOW), room))


class _Card:
    def __init__(
        self, reply: RecommendationReply, zone: ZoneInfo, now: datetime, tell: frozenset[str], ended: str
    ) -> None:
        self.reply, self.zone, self.now, self.tell, self.ended = reply, zone, now, tell, ended
        self.pressed = 0

    def blocks(self, room: int, in_lists: int | None = None) -> list[Block]:
        """All of it; `in_lists` for each line of a list, when that is to be shorter than the rest."""
        self.pressed = 0
        lists = in_lists or room
        return [
            *self._first(room),
            *self._steps(room),
            *self._clocks(lists),
            *self._not_to_do(lists),
            *self._others(),
            self._small_print(room),
        ]

    def _first(self, room: int) -> list[Block]:
        """What to do now, and how; then what has to be known of the advice as a whole."""
        reply, now = self.reply, self._now_to_do
        drawn = [kit.header(self.ended or (f"Now: {_do(now)}" if now else "All steps are done"))]
        if now is not None:
            drawn += self._step("", now, room)
        remark, found, _ = reply.headline.partition(f"{reply.reference}, level")
        lines = [reply.decided_by_lead, remark.strip() if found else ""]
        if reply.missing:
            lines.append(wording.PROVISIONAL.format(missing=either(list(reply.missing), "and")))
        if self._unsure:
            lines.append(wording.LOW_CONFIDENCE.format(decider=reply.decider.rstrip(". ")))
        lines.append(reply.unfinished)
        text = "\n".join(line for line in lines if line)
        return [*drawn, kit.section(text=text, most=room)] if text else drawn

    @property
    def _now_to_do(self) -> StepToDo | None:
        """The first open step that is not optional, else the first that is; none in the end."""
        if self.ended:
            return None
        return next((step for step in self._open if not step.optional), next(iter(self._open), None))

    @property
    def _unsure(self) -> bool:
        """Whether the flow leaves it to a person, and nobody has decided yet."""
        return self.reply.confidence == "low" and not self.reply.decided_by_lead

    @property
    def _open(self) -> list[StepToDo]:
        return [step for step in self.reply.steps if step.done is None]

    def _steps(self, room: int) -> list[Block]:
        """The other steps, in order; those that are done in small print."""
        drawn: list[Block] = []
        numbered = list(enumerate(self.reply.steps, start=1))
        rest = [(n, step) for n, step in numbered if step.done is None and step is not self._now_to_do]
        for n, step in rest[:MOST_STEPS]:
            title = f"{n}. {labelled(_do(step))}{' (if you like)' if step.optional else ''}"
            drawn += self._step(title, step, room)
        if len(rest) > MOST_STEPS:
            drawn.append(kit.context(f"And {len(rest) - MOST_STEPS} more steps, which do not fit here."))
        done = [
            f"{n}. {labelled(_do(step))}: {wording.clock(step.done.at, self.now, self.zone)}, {step.done.who}"
            for n, step in numbered
            if step.done is not None
        ]
        return [*drawn, kit.context("Done:", *done, most=min(room, 200))] if done else drawn

    def _step(self, title: str, step: StepToDo, room: int) -> list[Block]:
        """One open step: how to do it, and its buttons."""
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
        """Done; before it, where a role can be told, the button that tells it."""
        send = press_done(step.code, self.reply.state)
        strong: kit.Style = "primary" if step is self._now_to_do else "plain"
        told = step.kind == "person" and step.code in self.tell
        done = kit.button("Done", self._say(), send, "plain" if told else strong, spoken=f"Done: {_do(step)}")
        if not told:
            return [done]
        carries = kit.value(incident=self.reply.reference, role=step.code, state=self.reply.state)
        return [kit.button(f"Tell {low(step.label)}", f"tell:{step.code}", carries, strong), done]

    def _clocks(self, room: int) -> list[Block]:
        lines = [self._clock(one) for one in self.reply.clocks]
        return _list("Clock", lines, room)

    def _clock(self, one: Clock) -> str:
        """A deadline. That nobody has verified it stands where it is never cut off."""
        title = f"{one.title.rstrip('. ')}{'' if one.verified else ' (not verified)'}"
        limit = one.limit.rstrip(". ")
        if one.due:
            return f"By {wording.clock(one.due, self.now, self.zone)}: {title}. {limit}. ({one.reference})"
        return f"{title}: {low(limit)}. It counts from: {one.starts.rstrip('. ')}. ({one.reference})"

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
        buttons = {button.send: button for button in self.reply.buttons if button.send not in steps}.values()
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
            wording.decides(reply.decider, ()) if not self._unsure else "",
            wording.pace(reply.first_public_line, reply.look_again),
            "" if reply.decided_by_lead or self._unsure else CONFIDENCE[reply.confidence],
            f"{reply.reference}, level {reply.level} ({reply.level_name})",
        ]
        return kit.context(*lines, most=min(room, 600))

    def _say(self) -> str:
        self.pressed += 1
        return f"say:{self.pressed - 1}"


def _do(step: StepToDo) -> str:
    """A step as what one does, in the middle of a sentence."""
    return f"bring in {low(step.label)}" if step.kind == "person" else low(step.label)


def _list(title: str, lines: Sequence[str], room: int) -> list[Block]:
    """A list under its title; none for none."""
    if not lines:
        return []
    kept = list(lines[:MOST_LINES])
    if len(lines) > MOST_LINES:
        kept.append(f"And {len(lines) - MOST_LINES} more.")
    return [kit.marked_section("\n".join([kit.bold(title), kit.bullets(kept, room)]))]
