"""Everything the assistant says in a drill, in one place. It never blames, and never pretends to be real."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amends.flows.problems import either

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from amends.cases import Case
    from amends.drills.library import Drill, Part
    from amends.drills.outcome import Judged
    from amends.incidents.models import Incident

WHICH = (
    "Practice: a real case, told as it unfolded, without names. You work with me as on the day, against the "
    "clock; then we look back together. Nothing of it is counted, nobody is told, "
    "and your own results are yours alone. Which one?"
)
FOR_TEAMS = (
    "To practise as a team, mention me in a channel and say 'practise', or begin on the page 'Practise'; leads can "
    "then follow."
)
UNREADABLE = (
    "The drills cannot be read just now. Tell the people who look after them to run 'amends drill check'. "
    "If something real has happened, tell me."
)
REAL_IS_OPEN = (
    "{reference} is open here, and it is real. Finish it first; then we practise. All that you say "
    "now still counts as real."
)
UNDER_WAY = "We are in the middle of a drill: {title}. Go on with it, or end it first."
GONE = "This drill is not there any more, so there is no story to go on with. Close it when you are done."
PRACTICE_OR_REAL = "We are in a drill, {reference}. Is what you say now part of it, or has something real happened?"
PRACTICE = "This is practice."
NOBODY_TOLD = "This is practice, so nobody was told."
ALONE = "Only you see how it goes."
AS_TEAM = "You practise as a team: leads can follow along."
AS_ON_THE_DAY = (
    "Act as on the day, and mark a step as done when you would have done it. If something real happens meanwhile, say "
    "'this is real'. Now tell me in your own words what happened."
)
CHANGED = "If this changes something, change the answer; then go on."
LEFT = "The drill has ended. Nothing of it is counted."
NOW_REAL = "The drill has ended. Tell me in your own words what happened; from here on it is real."
BEFORE_YOU_CLOSE = "Before it ends, one more thing happens."
NONE_DONE = "You marked no step as done."

LABEL_REAL = "This is real, no drill"
LABEL_PRACTICE = "It is part of the drill"
LABEL_END = "End the drill"
LABEL_ANOTHER = "Another drill"

HELD = {
    "must": "had to be done",
    "fine": "right either way",
    "wrong": "would have been a mistake",
}
"""How a response was judged."""
BASIS = {
    "observers": "those who watched it",
    "court": "a court",
    "regulator": "the regulator",
    "literature": "the research on such cases",
    "inferred": "us, from what the reports tell",
}
ADVISED_OTHERWISE = {
    ("left_out", False): " It was not in the advice that your answers led to.",
    ("against", True): " It was in the advice that your answers led to.",
}
"""Whoever followed the advice, and whose advice was not what was judged right, reads why."""
RECEIVED = {
    "good": "It was received well.",
    "mixed": "It was received neither well nor badly.",
    "bad": "It went badly.",
}


def marked(incident: Incident) -> str:
    """The title of an incident, with the mark of practice where it is one."""
    return f"{PRACTICE} {incident.title}" if incident.drill else incident.title


def listed(drills: Iterable[Drill], done: frozenset[str]) -> str:
    """The drills, numbered from easy to hard."""
    lines = [
        f"{n}. {each.title} ({each.grade}, {each.minutes} minutes{'; you have done it' if each.id in done else ''})"
        for n, each in enumerate(drills, start=1)
    ]
    return "\n".join([WHICH, *lines, FOR_TEAMS])


def begins(drill: Drill, number: int, *, team: bool) -> str:
    """The beginning of a drill: what it is, who you are, and the first part of the story."""
    head = f"Drill {number}: {drill.title} ({drill.grade}). {PRACTICE} {AS_TEAM if team else ALONE}"
    aim = f"The clock runs from now; aim for {drill.minutes} minutes."
    return "\n\n".join([head, f"{drill.you} {aim}", story(drill.told[0]), AS_ON_THE_DAY])


def story(part: Part, minutes: int | None = None) -> str:
    """A part of the story, with its time, and how long this has taken."""
    so_far = "" if minutes is None else f" (your clock: {counted(minutes)})"
    return f"Drill, {part.clock}{so_far}. {part.text}"


def counted(minutes: int) -> str:
    """A number of minutes in words."""
    return "less than a minute" if minutes < 1 else "1 minute" if minutes == 1 else f"{minutes} minutes"


def took(seconds: int, drill: Drill, case: Case) -> str:
    """How long it took, beside what was aimed at and how long the organisation took."""
    theirs = f" The organisation's first step in public came: {case.time_to_response}." if case.time_to_response else ""
    return f"You took {counted(seconds // 60)}; the aim was {drill.minutes}.{theirs}"


def steps(done: Mapping[str, int], labels: Mapping[str, str]) -> list[str]:
    """What was done, and when."""
    return [f"{labels[code]}, after {counted(seconds // 60)}." for code, seconds in done.items()] or [NONE_DONE]


def judged(each: Judged, label: str, advised: bool | None) -> str:
    """One response: how it was judged, what was done, and where the advice was otherwise, that it came of the answers.

    Args:
        advised: whether it stood in the advice; None when there was none.
    """
    said = {
        "as_judged": "You did it." if each.done else "You left it.",
        "either_way": "You did it." if each.done else "You left it.",
        "left_out": "It was not marked as done this time.",
        "against": "You did it this time.",
    }
    why = "" if advised is None else ADVISED_OTHERWISE.get((each.what, advised), "")
    return f"{label}: {HELD[each.verdict]}. {said[each.what]}{why}"


def read_otherwise(topic: str, given: Sequence[str], known: Sequence[str]) -> str:
    """A question that was answered otherwise than the case was read."""
    said, read = ([f'"{label}"' for label in labels] for labels in (given, known))
    return f"{topic}: you said {either(said, 'and') or 'nothing'}; we read {either(read, 'and')}."


def was(case: Case) -> str:
    """Whom it happened to."""
    return f"It happened in {case.year} to {case.organisation}: {case.what_happened}"
