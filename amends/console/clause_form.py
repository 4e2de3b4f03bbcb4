"""The plain editor of one clause: from what stands in a policy to the fields of a form, and back."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from amends.flows.problems import either

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from amends.flows import Flow
    from amends.policies import Clause

SPARE_ROWS = 2
"""Empty rows to fill in; saving brings new ones."""
MOST_PARTS = 2
"""Answers that one row can ask for together; a clause that has more keeps them."""
MARKS = {
    "S": "The law it names was seen in a source",
    "M": "The law it names is from memory, to be verified",
    "S/M": "Part of the law was seen, part is from memory",
    "P": "It names no law: policy only",
}
ID = re.compile(r"[A-Za-z][A-Za-z0-9]{0,9}-[0-9]{1,4}(?:\.[0-9]{1,4}){0,3}\Z")
TEXTS = {"title": "Title", "text": "Text", "owner": "Owner", "legal": "Law"}
LONGEST = {"title": 200, "text": 4_000, "owner": 200, "legal": 400}


@dataclass
class ClauseForm:
    """What the form holds.

    `tags` has one list of answers a row; `beats` pairs of a clause that gives way to this one, and why.
    """

    id: str
    title: str = ""
    text: str = ""
    keywords: list[str] = field(default_factory=list)
    tags: list[list[str]] = field(default_factory=list)
    supports: list[str] = field(default_factory=list)
    forbids: list[str] = field(default_factory=list)
    owner: str = ""
    legal: str = ""
    mark: str = ""
    beats: list[tuple[str, str]] = field(default_factory=list)

    @property
    def rows(self) -> list[list[str]]:
        """The rows of answers with room for more: each as many picks as it can have, '' for none."""
        filled = [row + [""] * max(0, MOST_PARTS - len(row)) for row in self.tags]
        return [*filled, *([""] * MOST_PARTS for _ in range(SPARE_ROWS))]

    @property
    def gives_way(self) -> list[tuple[str, str]]:
        """The clauses that give way to it, with room for one more."""
        return [*self.beats, ("", "")]

    def value(self) -> dict[str, Any]:
        """The clause as it stands in the file."""
        value: dict[str, Any] = {
            "title": self.title,
            "text": self.text,
            "keywords": self.keywords,
            "applies_when": ["+".join(row) for row in self.tags],
            "supports": self.supports,
            "forbids": self.forbids,
            "owner": self.owner,
            "legal": self.legal,
            "mark": self.mark,
        }
        return {**value, "beats": dict(self.beats)} if self.beats else value

    def keeping_order(self, clause: Clause | None) -> ClauseForm:
        """The same, with what was ticked before in the order in which it stood."""
        if clause is None:
            return self

        def ordered(now: list[str], before: Sequence[str]) -> list[str]:
            return [*(code for code in before if code in now), *(code for code in now if code not in before)]

        supports, forbids = ordered(self.supports, clause.supports), ordered(self.forbids, clause.forbids)
        return replace(self, supports=supports, forbids=forbids)

    def mistakes(self, taken: Iterable[str] = ()) -> dict[str, str]:
        """What has to be put right: field -> a sentence.

        Args:
            taken: ids that a new clause cannot have.
        """
        found: dict[str, str] = {}
        if not ID.match(self.id):
            found["id"] = "Give it a number such as SM-2.9: the policy's letters, a dash and a number."
        elif self.id in taken:
            found["id"] = f"There is a clause {self.id} already. Take another number."
        for name, label in TEXTS.items():
            if not getattr(self, name):
                found[name] = f"{label} is empty." + (' Write "none (policy only)".' if name == "legal" else "")
            elif len(getattr(self, name)) > LONGEST[name]:
                found[name] = f"{label} is longer than {LONGEST[name]:,} characters."
        if not self.tags:
            found["tags"] = "Pick at least one answer for which it is shown."
        if self.mark not in MARKS:
            found["mark"] = "Say whether the law was seen in a source."
        both = [code for code in self.supports if code in self.forbids]
        if both:
            found["forbids"] = f"It cannot argue both for and against {either(both, 'and')}."
        missing = [other for other, reason in self.beats if not reason]
        if missing:
            found["beats"] = f"Say why this goes before {either(missing, 'and')}."
        if self.id in dict(self.beats):
            found["beats"] = "A clause cannot give way to itself."
        return found


def form_of(clause: Clause) -> ClauseForm:
    """A clause in the fields of the form."""
    return ClauseForm(
        id=clause.id,
        title=clause.title,
        text=clause.text,
        keywords=list(clause.keywords),
        tags=[tag.split("+") for tag in clause.applies_when],
        supports=list(clause.supports),
        forbids=list(clause.forbids),
        owner=clause.owner,
        legal=clause.legal,
        mark=clause.mark,
        beats=list(clause.beats.items()),
    )


def form_sent(pairs: Sequence[tuple[str, str]], id_: str = "") -> ClauseForm:
    """What was sent, in the fields of the form.

    Args:
        id_: of a clause that is there; a new one sends its own.
    """
    said = dict(pairs)

    def line(name: str) -> str:
        return " ".join(said.get(name, "").split())

    def every(name: str) -> list[str]:
        return list(dict.fromkeys(value for key, value in pairs if key == name and value))

    rows: dict[str, list[str]] = {}
    reasons = {}
    beats = {}
    for key, value in pairs:
        name, _, number = key.partition(".")
        if name == "tag":
            rows.setdefault(number, []).append(value)
        elif name == "beats" and value:
            beats[number] = value
        elif name == "because":
            reasons[number] = " ".join(value.split())
    tags = [list(dict.fromkeys(part for part in row if part)) for row in rows.values()]
    return ClauseForm(
        id=id_ or line("id"),
        title=line("title"),
        text=line("text"),
        keywords=list(dict.fromkeys(word for part in said.get("keywords", "").split("\n") if (word := _plain(part)))),
        tags=[list(row) for row in dict.fromkeys(tuple(row) for row in tags if row)],
        supports=every("supports"),
        forbids=every("forbids"),
        owner=line("owner"),
        legal=line("legal"),
        mark=line("mark"),
        beats=[(other, reasons.get(number, "")) for number, other in beats.items()],
    )


def differences(theirs: ClauseForm, yours: ClauseForm, say: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Where two forms of one clause differ: the field's label, what the other owner saved, what stands in the form.

    Args:
        say: words for answers and responses.
    """
    found = []
    for name, label in LABELS.items():
        one, other = (_told(getattr(form, name), say) for form in (theirs, yours))
        if one != other:
            found.append((label, one, other))
    return found


LABELS = {
    "title": "Title",
    "text": "Text",
    "keywords": "Words that people use for it",
    "tags": "When it is shown",
    "supports": "It argues for",
    "forbids": "It argues against",
    "owner": "Owner",
    "legal": "Law",
    "mark": "Where the law comes from",
    "beats": "Clauses that give way to it",
}


def answers_of(flows: Sequence[Flow]) -> list[tuple[str, list[tuple[str, str]]]]:
    """The answers that can be picked: each question with its options, as (question:option, label)."""
    found: dict[str, dict[str, str]] = {}
    for flow in flows:
        for name, question in flow.questions.items():
            options = {f"{name}:{code}": option.label for code, option in question.options.items()}
            if options:
                found.setdefault(question.topic, {}).update(options)
    return [(topic, list(options.items())) for topic, options in found.items()]


def codes_of(flows: Sequence[Flow]) -> list[tuple[str, str]]:
    """The responses and roles that a clause can argue for or against: code and label."""
    found: dict[str, str] = {}
    for flow in flows:
        for code, known in flow.codes.items():
            found.setdefault(code, known.label)
    return list(found.items())


def words_for(flows: Sequence[Flow]) -> dict[str, str]:
    """Words for every answer and every response."""
    said = {tag: f"{topic}: {label}" for topic, options in answers_of(flows) for tag, label in options}
    return said | dict(codes_of(flows)) | MARKS


def _told(value: Any, say: Mapping[str, str]) -> str:
    if isinstance(value, str):
        return say.get(value, value)
    lines = []
    for each in value:
        if isinstance(each, tuple):
            lines.append(f"{each[0]}: {each[1]}")
        elif isinstance(each, list):
            lines.append(" and ".join(say.get(part, part) for part in each))
        else:
            lines.append(say.get(each, each))
    return "\n".join(lines) or "nothing"


def _plain(text: str) -> str:
    return " ".join(text.replace("\r", " ").split())
