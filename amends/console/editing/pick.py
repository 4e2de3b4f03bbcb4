"""What can be picked in a form: the questions, options, rules and clauses that there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from amends.flows import telling

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Pick:
    """One line of a pick list. `group` is the heading that it stands under."""

    value: str
    label: str
    group: str = ""


@dataclass(frozen=True)
class Picks:
    """Everything that the forms of one flow offer.

    Args:
        content: what the flow's text says.
        clauses: id -> title.
        question: the question whose form it is, as it was sent: its options can be picked in its own fields.
    """

    content: Mapping[str, Any]
    clauses: Mapping[str, str]
    own: tuple[Pick, ...] = ()

    def names(self, section: str) -> dict[str, Any]:
        """The elements of a section that have names."""
        part = self.content.get(section)
        return part if isinstance(part, dict) else {}

    def responses(self) -> list[Pick]:
        """The responses."""
        return self._codes("responses", "Responses")

    def people(self) -> list[Pick]:
        """The roles."""
        return self._codes("people", "People to bring in")

    def codes(self) -> list[Pick]:
        """Responses and roles."""
        return [*self.responses(), *self.people()]

    def rules(self, section: str) -> list[Pick]:
        """Gates or rows, with their titles."""
        return [Pick(name, telling.title(self.content, section, name)) for name in self.names(section)]

    def questions(self) -> list[Pick]:
        """The questions that have options."""
        return [
            Pick(name, telling.topic(self.content, name))
            for name, part in self.names("questions").items()
            if not (isinstance(part, dict) and part.get("kind") == "times")
        ]

    def options(self, question: str) -> list[Pick]:
        """The options of a question."""
        part = self.names("questions").get(question)
        options = part.get("options") if isinstance(part, dict) else None
        names = options if isinstance(options, dict) else {}
        return [Pick(code, telling.option(self.content, question, code)) for code in names]

    def groups(self, question: str) -> list[Pick]:
        """The groups of a question's options."""
        return [
            Pick(name, f"any of the group {name}")
            for name, part in self.names("groups").items()
            if isinstance(part, dict) and part.get("question") == question
        ]

    def kind(self, question: str) -> str:
        """The kind of a question."""
        part = self.names("questions").get(question)
        return str(part.get("kind", "one")) if isinstance(part, dict) else "one"

    def every_clause(self) -> list[Pick]:
        """The clauses, under the policy they belong to."""
        return [Pick(id_, f"{id_} {title}", id_.partition("-")[0]) for id_, title in self.clauses.items()]

    def every_option(self) -> list[Pick]:
        """Every option code of the flow once."""
        found = {
            code: code
            for part in self.names("questions").values()
            if isinstance(part, dict) and isinstance(part.get("options"), dict)
            for code in part["options"]
        }
        return [Pick(code, code) for code in found]

    def _codes(self, section: str, group: str) -> list[Pick]:
        return [
            Pick(code, str(part.get("label", code)) if isinstance(part, dict) else code, group)
            for code, part in self.names(section).items()
        ]
