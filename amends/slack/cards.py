"""Every reply of the assistant as a message of Slack. Pure: values in, a message out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amends.conversation.replies import (
    ClausesReply,
    DebriefReply,
    DraftReply,
    QuestionReply,
    RecommendationReply,
    SafeStepsReply,
    StatusReply,
    UnderstoodReply,
)
from amends.slack import blocks as kit
from amends.slack import question_card
from amends.slack.advice_card import advice
from amends.slack.question_card import says, settled
from amends.slack.status import due_by, in_words

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from amends.conversation.replies import ClauseCard, Reply
    from amends.slack.blocks import Block, Message


def draw(reply: Reply, *, zone: ZoneInfo, now: datetime, tell: frozenset[str] = frozenset()) -> Message:
    """One reply as a message.

    Args:
        reply: of any type.
        zone: the organisation's; times are said in it.
        now: to say a time of another day with its day.
        tell: the roles that can be told with a button.
    """
    if isinstance(reply, RecommendationReply):
        return advice(reply, zone=zone, now=now, tell=tell)
    if isinstance(reply, QuestionReply):
        return question_card.question(reply)
    if isinstance(reply, UnderstoodReply):
        return question_card.understood(reply)
    if isinstance(reply, SafeStepsReply):
        return _safe_steps(reply)
    if isinstance(reply, ClausesReply) and reply.clauses:
        return kit.drawn(lambda room: [*clauses(reply.clauses, room), *kit.rows_of(says(reply.buttons))])
    if isinstance(reply, DraftReply) and reply.findings:
        return kit.drawn(lambda room: [*findings(reply, room), *kit.rows_of(says(reply.buttons))])
    if isinstance(reply, DebriefReply):
        return kit.drawn(lambda room: [*_look_back(reply, room), *kit.rows_of(says(reply.buttons))])
    if isinstance(reply, StatusReply) and reply.incidents:
        return kit.drawn(lambda room: _status(reply, zone, now, room))
    return _text(reply)


def stands_below(reference: str) -> Message:
    """What an older card of the advice becomes."""
    return kit.message([kit.context(f"The advice for {reference} has changed. It stands further down.")])


def clauses(cards: tuple[ClauseCard, ...], room: int) -> list[Block]:
    """Clauses: what each says, who owns it, the law behind it."""
    drawn: list[Block] = []
    for one in cards:
        law = f"Rests on: {one.legal}" if one.legal else ""
        checked = "" if one.verified else "Nobody has checked this legal reference yet."
        drawn.append(kit.section(f"{one.id} {one.title}", one.text, most=room))
        drawn.append(kit.context(f"Owner: {one.owner}", law, one.note or checked, most=min(room, 500)))
    return drawn


def findings(reply: DraftReply, room: int) -> list[Block]:
    """What is wrong with a draft, and after that what is said of all of it."""
    drawn: list[Block] = [kit.section("Change this before it goes out", reply.heading)]
    for one in reply.findings:
        if one.clauses:
            lines = [one.sentence, one.problem, f"Instead: {one.instead}", "; ".join(one.clauses)]
            drawn.append(kit.section(one.rule, "\n".join(lines), most=room))
        else:
            drawn.append(kit.section(one.sentence, f"{one.problem} {one.instead}", most=room))
    return [*drawn, *([kit.section(text="\n".join(reply.after), most=room)] if reply.after else [])]


def _look_back(reply: DebriefReply, room: int) -> list[Block]:
    """What came of a drill, a part at a time, and the clauses behind it."""
    parts = [kit.section(each.title, "\n".join(each.lines), most=room) for each in reply.sections]
    return [kit.header(reply.title), *parts, *clauses(reply.clauses, room)]


def _safe_steps(reply: SafeStepsReply) -> Message:
    """The first minute: the steps first, the reference in small print."""
    before = [line for line in reply.text.split("\n") if not any(step in line for step in reply.steps)]

    def drawn(room: int) -> list[Block]:
        steps = "\n".join(f"{n}. {kit.escaped(kit.one_line(step), room)}" for n, step in enumerate(reply.steps, 1))
        return [
            kit.section(text="\n".join(before), most=room),
            *([kit.marked_section(steps)] if steps else []),
            *kit.rows_of(says(reply.buttons)),
        ]

    return kit.drawn(drawn)


def _status(reply: StatusReply, zone: ZoneInfo, now: datetime, room: int) -> list[Block]:
    """My open incidents, each with a button to go on with it."""
    drawn: list[Block] = []
    left = list(reply.buttons)
    for n, one in enumerate(reply.incidents):
        here = "We are talking about this one." if one.current else ""
        lines = [in_words(one.state), one.next_step, due_by(one.due, now, zone, one.deadline), here]
        text = "\n".join([one.title, " ".join(line for line in lines if line)])
        on = next((b for b in left if b.label.endswith(one.reference)), None)
        accessory = None
        if on is not None and len(on.send) <= kit.LONGEST_VALUE:
            left.remove(on)
            accessory = kit.button("Go on", f"say:{n}", on.send, spoken=on.label)
        drawn.append(kit.section(one.reference, text, accessory, most=room))
    return [*drawn, *kit.rows_of(says(left, start=len(reply.incidents)))]


def _text(reply: Reply) -> Message:
    """Words, and buttons."""

    def drawn(room: int) -> list[Block]:
        return [*_paragraphs(reply.text, room), *kit.rows_of(says(reply.buttons))]

    return kit.drawn(drawn) if reply.buttons else kit.message(kit.fitted(drawn), kit.LONGEST)


def _paragraphs(text: str, room: int) -> list[Block]:
    """A long text in as many sections as it needs; with little room it is clipped."""
    if room < kit.LONGEST_SECTION:
        return [kit.section(text=text, most=room)]
    return [kit.section(text=part) for part in kit.paragraphs(text, room)] or [kit.section(text=kit.ELLIPSIS)]


__all__ = ["advice", "clauses", "draw", "findings", "settled", "stands_below"]
