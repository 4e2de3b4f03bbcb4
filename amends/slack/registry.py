"""What can be done from Slack, and who may do it: each handler is declared here, with its permission beside it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from amends.slack.desk import Desk
    from amends.slack.people import Person

Kind = Literal["message", "press", "command", "shortcut", "submission", "home", "file"]
Role = Literal["staff", "lead", "guest"]

COLLEAGUES: frozenset[str] = frozenset({"staff", "lead"})
EVERYBODY: frozenset[str] = frozenset({"staff", "lead", "guest"})
"""Guests are let in only where `slack_guests` is on, whatever a handler declares."""
LEADS: frozenset[str] = frozenset({"lead"})


@dataclass(frozen=True)
class May:
    """Who may do something, with which incident, and while it stands how.

    Attributes:
        roles: those who may.
        incident: `seen` if the call has to name an incident that this person may see.
        states: the states of that incident in which it may be done; None: in all.
    """

    roles: frozenset[str]
    incident: Literal["none", "seen"] = "none"
    states: frozenset[str] | None = None


@dataclass(frozen=True)
class Call:
    """Something that came from Slack, as a handler gets it.

    Attributes:
        key: names it; the same key has its effect once.
        kind: message, press, command, shortcut, submission, home or file.
        id: what it was declared with: `message` or `mention`; the action id of a press (its block id, if that is
            declared and the action id is not); the command; the callback id of a shortcut or view; `home`; `file`.
        payload: as it came: of a message, file or home the event (with `team`; of a file also with `file`); else
            the whole payload. Of a press with several actions the one that is meant is `action`.
        person: who did it.
        at: when it was received, UTC.
        reference: of the incident named in `value`; empty if there is none.
        value: of a press its value or the value of the chosen option, of a submission the private metadata, of a
            message its text, of a command what stands behind it. A mapping if it is a JSON object.
    """

    key: str
    kind: str
    id: str
    payload: Mapping[str, Any]
    person: Person
    at: datetime
    reference: str
    value: Mapping[str, Any] | str


class Refused(Exception):  # noqa: N818 - it reads as what it says
    """This will not be done. The message is a sentence for the person, who gets it where nobody else sees it."""


class NotYet(Exception):  # noqa: N818 - it reads as what it says
    """This has to wait for something else; it is tried again in a second."""


Handler = Callable[["Desk", Call], Awaitable[None]]
Check = Callable[[Mapping[str, Any]], "dict[str, str] | None"]
Answer = Callable[[Mapping[str, Any]], "dict[str, Any]"]


@dataclass(frozen=True)
class Entry:
    """A handler with what it was declared with."""

    kind: str
    id: str
    may: May | None
    handler: Handler
    check: Check | None = None
    answer: Answer | None = None

    def fits(self, id_: str) -> bool:
        """Whether this handles an id; one that ends in `:` or `|` handles all that begin so."""
        return id_.startswith(self.id) if self.id.endswith((":", "|")) else id_ == self.id


class Registry:
    """The handlers, found by kind and id. What nobody declared is not handled; without `may` nobody may."""

    def __init__(self) -> None:
        self._entries: dict[tuple[str, str], Entry] = {}

    def on(
        self,
        kind: Kind,
        id_: str,
        may: May | None = None,
        *,
        check: Check | None = None,
        answer: Answer | None = None,
    ) -> Callable[[Handler], Handler]:
        """Declare a handler.

        Args:
            kind: what it handles.
            id_: exactly this id, or, ending in `:` or `|`, all that begin so. The longest that fits is taken.
            may: who may; nobody, when it is left out.
            check: for submissions: takes the payload before it is acknowledged, returns what is wrong by block id.
                It must be quick, and must not read the record.
            answer: for submissions: takes the payload, returns the body of the acknowledgement
                (`{"response_action": "update", "view": ...}`) or the view that takes the place of this one.

        Raises:
            ValueError: this was declared before.
        """

        def declare(handler: Handler) -> Handler:
            if (kind, id_) in self._entries:
                raise ValueError(f"{kind} {id_} is handled twice.")
            self._entries[kind, id_] = Entry(kind, id_, may, handler, check, answer)
            return handler

        return declare

    def find(self, kind: str, id_: str) -> Entry | None:
        """The handler of this, if there is one."""
        exact = self._entries.get((kind, id_))
        if exact is not None:
            return exact
        fitting = [each for each in self._entries.values() if each.kind == kind and each.fits(id_)]
        return max(fitting, key=lambda each: len(each.id), default=None)

    def entries(self) -> Iterator[Entry]:
        """All that was declared, in that order."""
        yield from self._entries.values()


HANDLERS = Registry()
"""What the modules of this package declare when they are imported."""
