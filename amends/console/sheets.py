"""A document on the owners' desk: its draft, or what is live while there is none; read, and saved on the newest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from amends.workshop import Around, Conflict, Document, Draft, Owner, around, draft_of, live, save_draft

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from amends.incidents.database import Database

MOST_TRIES = 20
"""So often a save begins again on what somebody else saved in the same moment."""


@dataclass(frozen=True)
class Sheet:
    """The text of a document that is edited. `beside` are the other documents, as they are live."""

    kind: ClassVar[Literal["flow", "policy"]]
    name: str
    text: str
    draft: Draft | None
    beside: Around

    @classmethod
    def read(cls, session: Session, name: str) -> Self:
        """What is edited now.

        Raises:
            UnknownVersion: there is no such document.
        """
        document = Document(cls.kind, name)
        draft = draft_of(session, document)
        text = draft.text if draft else live(session, document).text
        return cls(name, text, draft, around(session))

    @classmethod
    def save(cls, database: Database, name: str, owner: Owner, edit: Callable[[Self], str]) -> Self:
        """Save what `edit` makes of the newest text; it is called again when somebody saved in the same moment.

        Raises:
            Conflict: others saved every time.
            UnknownVersion: there is no such document.
        """
        for tried in range(MOST_TRIES):
            try:
                with database.read() as session:
                    sheet = cls.read(session, name)
                text = edit(sheet)  # outside the transaction, so that others need not wait while it is checked
                if text == sheet.text:
                    return sheet
                with database.begin() as session:
                    sheet.refuse_if_overtaken(session)
                    now = datetime.now(UTC)
                    save_draft(session, sheet.document, text, owner=owner, seen=sheet.revision, now=now)
                    return cls.read(session, name)
            except Conflict:  # noqa: PERF203 - begun again on what is there now
                if tried == MOST_TRIES - 1:
                    raise
        raise AssertionError

    @property
    def document(self) -> Document:
        """The document that it is the text of."""
        return Document(self.kind, self.name)

    @property
    def showing(self) -> str:
        """What the page says that it shows."""
        return "draft" if self.draft else "live"

    @property
    def revision(self) -> int:
        """Of the draft, 0 without one."""
        return self.draft.revision if self.draft else 0

    def refuse_if_overtaken(self, session: Session) -> None:
        """Without a draft, what was edited is what is live; another version may have gone live since.

        Raises:
            Conflict: one has.
        """
        if self.draft is None and live(session, self.document).text != self.text:
            raise Conflict(draft_of(session, self.document))
