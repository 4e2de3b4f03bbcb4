"""The form of each section of a flow: which fields an element has, what they are called, and what they are for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from amends.console.editing.conditions import When
from amends.console.editing.fields import (
    Choice,
    Field,
    Flag,
    Items,
    Many,
    Number,
    Part,
    Phrases,
    Steps,
    Text,
    WhenMissing,
)
from amends.console.editing.pick import Pick

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from amends.console.editing.pick import Picks

EVERY_STAGE = ("gate", "row", "recommended")


@dataclass(frozen=True)
class Section:
    """A section: `title` of its table, `one` of its elements as 'a row', and the fields of their form.

    `listed`: it is a list, so that its elements have numbers, not names. `single`: it is one form.
    `named`: the name is picked from these instead of typed; `slug`: the field out of which a name is made.
    """

    name: str
    title: str
    one: str
    about: str
    fields: Sequence[Field]
    listed: bool = False
    single: bool = False
    named: Callable[[Picks], list[Pick]] | None = None
    slug: str = "title"
    ordered: bool = True


def _picks(*pairs: tuple[str, str]) -> Callable[[Picks], list[Pick]]:
    found = [Pick(value, label) for value, label in pairs]
    return lambda _: found


_KINDS = _picks(
    ("one", "One option is picked"),
    ("many", "All that fit are picked"),
    ("scale", "One option, from least to most"),
    ("times", "Times: when it was posted and noticed"),
)
_CONFIDENCE = _picks(("high", "High"), ("medium", "Medium"), ("low", "Low"))
_MARKS = _picks(
    ("S", "S: seen in a source"),
    ("M", "M: from memory, to be verified"),
    ("S/M", "S/M: part of each"),
)
_REASON = Text("reason", "Reason", "One sentence for the person: why the assistant says this.", required=True, rows=2)
_TITLE = Text("title", "Title", required=True)
_CLAUSES = Many(
    "clauses", "Clauses it rests on", "Tick the rules of your policies that say so.", choices=lambda p: p.every_clause()
)
_WORDING = Phrases("wording", "Rules for the words", "What must be minded when somebody writes. One on each line.")
_HOW = Text("how", "How, said here", "Left empty, the general words of the response or role are said.", rows=2)


def _codes(picks: Picks) -> list[Pick]:
    return picks.codes()


def _when(stages: tuple[str, ...] = (), label: str = "Applies when", *, required: bool = True) -> When:
    hint = "All lines have to hold. Without a line it applies always." if required else ""
    return When("when", label, hint, required=required, stages=stages)


def _steps() -> Steps:
    return Steps(
        "do",
        "Steps, in their order",
        required=True,
        item="step",
        fields=(
            Choice("code", "What or who", choices=_codes, required=True, empty="Pick one"),
            _HOW,
            When("when", "Only when", stages=("gate",), folded=True),
            When("unless", "But not when", stages=("gate",), folded=True),
        ),
    )


_OPTIONS = Items(
    "options",
    "Options",
    "In their order; on a scale from least to most. The first words are the button's.",
    item="option",
    key=Text("code", "Short name", "For the rules. Left empty, it is made from the label."),
    slug="label",
    short="label",
    fields=(
        Text("label", "Label", required=True),
        Phrases("says", "How people put it", "In their own words, one on each line. The assistant learns from them."),
        Flag("for_the_record", "Kept for the record alone: it changes nothing of the advice"),
        Number("up_to", "Said as a number, up to", "For a question how many. The last option has none."),
    ),
)


def _own(picks: Picks) -> Sequence[Pick]:
    return picks.own


_QUESTION = (
    Text("topic", "Topic", "What it is about, in a few words: 'who could be hurt'.", required=True),
    Text("ask", "Question", "As it is asked.", required=True, rows=2),
    Choice("kind", "Kind of answer", choices=_KINDS, default="one"),
    _OPTIONS,
    Many("alone", "Options that exclude the others", "For a question of which all that fit are picked.", choices=_own),
    Text("why", "Why do you ask?", "What the assistant answers to that.", required=True, rows=2),
    Flag("confirm", "Always confirmed by the person, however sure it looks"),
    WhenMissing("when_missing", "Read as, when nobody answered", "When somebody stops early.", choices=_own),
    Part(
        "implied",
        "Follows from an earlier answer",
        "Then it is not asked.",
        needs="value when",
        fields=(
            Choice("value", "The option that follows", choices=_own, empty="None"),
            When("when", "When", required=False),
        ),
    ),
    Choice(
        "ask_before",
        "Asked only before this is advised",
        "For a question about doing, not about deciding.",
        choices=lambda p: p.responses(),
        empty="No such response: it is asked to decide",
    ),
    Flag("for_the_record", "Kept for the record alone: it changes nothing of the advice"),
    Part(
        "tick",
        "A box beside what was understood",
        "Several questions are settled with one tap.",
        needs="says no yes",
        fields=(
            Text("says", "What the box says"),
            Choice("no", "Empty, it means", choices=_own, empty="Pick one"),
            Choice("yes", "Ticked, it means", choices=_own, empty="The question is asked"),
        ),
    ),
    Text("infer", "A note for authors", "What gives the answer away. Nobody else sees it.", rows=2),
)
_HOWS = Items(
    "how",
    "Steps said otherwise while it applies",
    item="step",
    key=Choice("code", "What or who", choices=_codes, empty="Pick one"),
    one="text",
    fields=(Text("text", "How", rows=2),),
)
_GATE = (
    _TITLE,
    _when(),
    Many("add", "Adds", choices=_codes),
    Many("forbid", "Forbids", choices=_codes),
    Phrases("do_not", "What must not be done", "Acts that are no responses. One on each line."),
    Many("clear_first", "Who clears the words first", choices=lambda p: p.people()),
    _WORDING,
    _HOWS,
    Many("how_unless_row", "In these rows it is said as below instead", choices=lambda p: p.rules("rows")),
    Items(
        "how_instead",
        "Said in those rows",
        item="step",
        key=Choice("code", "What or who", choices=_codes, empty="Pick one"),
        one="text",
        fields=(Text("text", "How", rows=2),),
    ),
    _REASON,
    _CLAUSES,
)
_ROW = (
    _TITLE,
    _when(("gate",)),
    _steps(),
    Items(
        "instead",
        "Other steps in a special case",
        "The first special case that applies replaces the steps above.",
        item="special case",
        fields=(_when(("gate",), "In this case"), _steps()),
    ),
    _WORDING,
    Choice("confidence", "How sure it is", choices=_CONFIDENCE, required=True),
    _REASON,
    _CLAUSES,
)
_FLOOR = (
    _TITLE,
    _when(EVERY_STAGE),
    Many("drop", "Drops", choices=_codes),
    Items(
        "add",
        "Adds",
        item="step",
        key=Choice("code", "What or who", choices=_codes, empty="Pick one"),
        fields=(
            When("when", "Only when", stages=EVERY_STAGE, folded=True),
            Choice("after", "Stands behind", choices=_codes, empty="Anywhere"),
            Choice("in_place_of", "In place of", choices=_codes, empty="Nothing"),
        ),
    ),
    _WORDING,
    _REASON,
    _CLAUSES,
)
_OFFER = (
    _TITLE,
    Items(
        "lines",
        "Its test: every line must hold",
        required=True,
        item="line",
        key=Text("code", "Short name", "Left empty, it is made from the words."),
        slug="says",
        fields=(Text("says", "Said when it does not hold", required=True), _when(EVERY_STAGE, "Holds when")),
    ),
    Text("how", "How", required=True, rows=2),
    Text("task", "To do before it is used", required=True, rows=2),
    _REASON,
    _CLAUSES,
)
_NEVER = (
    _TITLE,
    When(
        "when",
        "Applies when",
        "All lines have to hold. Without a line it applies always.",
        stages=("row",),
    ),
    Many("refuse", "Refuses", choices=lambda p: p.codes()),
    Many("without", "Only if none of these is recommended too", choices=_codes),
    Choice(
        "never_empty",
        "Or: advised when nothing else is left",
        choices=lambda p: p.responses(),
        empty="It refuses something",
    ),
    _REASON,
    _CLAUSES,
)
_LEVEL = (
    Number("level", "Level", "9 is the most serious.", required=True),
    Text("name", "Name", required=True),
    _when(EVERY_STAGE),
    Text("decider", "Who decides", required=True),
    Flag("with_gate_roles", "The people that gates bring in decide with them"),
    Text("first_public_line", "First public line", required=True),
    Text("look_again", "Looked at again", "With a time, such as 'in 2 hours': it is asked again then.", required=True),
)
_DEADLINE = (
    _TITLE,
    Text("limit", "Limit", required=True, rows=2),
    _when(EVERY_STAGE),
    Text("starts", "Counts from", "In words.", required=True),
    Choice(
        "starts_at",
        "Counts from the answer",
        choices=_picks(("noticed", "When it was noticed")),
        empty="No: it has no clock",
    ),
    Number("hours", "Hours from then"),
    Text("reference", "Law", "Cited exactly.", required=True),
    Choice("mark", "Was it checked?", choices=_MARKS, required=True),
)
_LETTER = (
    _TITLE,
    Many("goes_with", "Helps to write", "What it is a skeleton for.", required=True, choices=_codes),
    Phrases("points", "Points", "One on each line; ___ stands where a person fills in.", required=True),
    Text("reference", "Law", "Cited exactly. Left empty, it rests on none."),
    Choice("mark", "Was the law checked?", choices=_MARKS, empty="It names no law"),
)
_CODE = (
    Text("label", "Label", required=True),
    Text("how", "How", "What doing it means when no rule says it better.", required=True, rows=2),
)
_FIRST = Flag("first", "Done before anything else")

SECTIONS = {
    section.name: section
    for section in (
        Section(
            "questions",
            "Questions",
            "question",
            "Asked in this order, and only while the answer can still change the advice.",
            _QUESTION,
            slug="topic",
        ),
        Section(
            "safe_steps",
            "Safe steps",
            "safe step",
            "Shown before any question.",
            (
                Text("says", "What to do", required=True, rows=2),
                When("when", "Only when"),
                When("unless", "But not when"),
            ),
            listed=True,
        ),
        Section("gates", "Gates", "gate", "All that match apply: they add, forbid and change.", _GATE),
        Section("rows", "Rows", "row", "The first that matches decides.", _ROW),
        Section("floors", "Floors", "floor", "They put right what came out so far, one after the other.", _FLOOR),
        Section(
            "offers",
            "Offers",
            "offer",
            "Added on top, only if every line of their test holds.",
            _OFFER,
            named=lambda p: p.responses(),
        ),
        Section("never", "Never-rules", "never-rule", "They have the last word.", _NEVER),
        Section(
            "wording",
            "Rules for the words",
            "wording rule",
            "Said beside the advice.",
            (
                Text("says", "What it says", required=True, rows=2),
                When("when", "Applies when", "Without a line it applies always.", stages=EVERY_STAGE),
                _CLAUSES,
            ),
            slug="says",
        ),
        Section(
            "levels",
            "Levels",
            "level",
            "How serious it is: the first that matches. The last one applies always.",
            _LEVEL,
            listed=True,
        ),
        Section("deadlines", "Deadlines", "deadline", "Clocks that run, with the law they come from.", _DEADLINE),
        Section(
            "letters",
            "Letters",
            "letter",
            "Skeletons of what has to be written, shown beside what they help with. Nothing is sent.",
            _LETTER,
        ),
        Section(
            "responses",
            "Responses",
            "response",
            "What can be advised.",
            (*_CODE, Flag("public", "The public reads it; others may have to clear it"), _FIRST),
            slug="label",
        ),
        Section(
            "people",
            "People",
            "role",
            "Who can be brought in.",
            (*_CODE, Flag("before_public", "Brought in before anything public"), _FIRST),
            slug="label",
        ),
        Section(
            "groups",
            "Groups of options",
            "group",
            "A name for several options of one question.",
            (
                Choice("question", "Question", choices=lambda p: p.questions(), required=True, empty="Pick one"),
                Many("options", "Options", required=True, choices=lambda p: p.own, open=True),
            ),
            slug="question",
        ),
        Section(
            "terms",
            "Named conditions",
            "named condition",
            "A name for a condition, so that rules can say it in one word. It can use those above it.",
            (Text("says", "What it says", required=True), _when(label="Holds when")),
            slug="says",
        ),
        Section(
            "settings",
            "Settings of the organisation",
            "setting",
            "On or off for the whole organisation; rules may look at them.",
            (Text("says", "What it says", required=True),),
            slug="says",
        ),
        Section(
            "confidence",
            "Confidence",
            "confidence",
            "How sure a row is, and what lowers it. Numbers from 0 to 1.",
            (
                Number("high", "High means", required=True),
                Number("medium", "Medium means", required=True),
                Number("low", "Low means", required=True),
                Number("inferred", "Taken off for each answer that was only inferred", required=True),
                Number("unsure", "Taken off for each answer that is unsure", required=True),
                Number("changes", "Taken off when another answer would change the responses", required=True),
                Many("unsure_options", "Options that mean unsure", required=True, choices=lambda p: p.every_option()),
                Number("show_high_from", "Shown as high from", required=True),
                Number("show_medium_from", "Shown as medium from", required=True),
            ),
            single=True,
        ),
        Section(
            "about",
            "The flow itself",
            "title",
            "What it is called, what it holds to, and how people begin to tell of it.",
            (
                _TITLE,
                Text("about", "About", required=True, rows=4),
                Phrases(
                    "says",
                    "How people begin to tell of it",
                    "First messages in their own words, one on each line. The assistant learns from them when this "
                    "flow is the right one. Without any, it is never chosen.",
                ),
            ),
            single=True,
        ),
    )
}
"""By name, in the order of the overview."""
