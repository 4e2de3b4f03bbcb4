"""Who is signed in: kept here, not in the cookie, so that signing out holds, in this browser or everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select

from amends.access import audit
from amends.access.audit import What
from amends.access.people import SignedIn
from amends.access.secret import hash_of, new_secret
from amends.access.tables import SessionRow
from amends.incidents.models import Participant

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from amends.incidents.database import Database
    from amends.settings import Settings

SEEN_EVERY = timedelta(minutes=1)
"""That somebody was here is written at most so often: a page that only shows should not write each time."""


@dataclass(frozen=True)
class Sessions:
    """The sessions of those who signed in."""

    database: Database
    settings: Settings
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def begin(self, person: SignedIn, way: str, old: str = "") -> str:
        """Sign somebody in; the secret for their cookie is new each time, and the one they had ends.

        Args:
            person: with the roles that they have from now on.
            way: oidc, slack or link.
            old: the secret that their browser had.
        """
        with self.database.begin() as session:
            return self.begin_in(session, person, way, old)

    def begin_in(self, session: Session, person: SignedIn, way: str, old: str = "") -> str:
        """The same, inside the caller's transaction."""
        secret, now = new_secret(), self.now()
        session.execute(delete(SessionRow).where((SessionRow.ends_at < now) | (SessionRow.seen_at < now - self._idle)))
        if old:
            session.execute(delete(SessionRow).where(SessionRow.hash == hash_of(old)))
        session.add(
            SessionRow(
                hash=hash_of(secret),
                participant_id=person.id,
                name=person.name,
                roles=" ".join(sorted(person.roles)),
                way=way,
                begun_at=now,
                seen_at=now,
                ends_at=now + timedelta(hours=self.settings.session_hours),
            )
        )
        known = session.get(Participant, person.id)
        if known is None:
            session.add(Participant(id=person.id, name=person.name, first_seen=now))
        else:
            known.name = person.name
        audit.viewed(session, person, What.SIGNED_IN, "", now, {"way": way})
        return secret

    def find(self, secret: str) -> SignedIn | None:
        """Who is signed in with this secret; None if nobody, or no longer."""
        hash_, now = hash_of(secret), self.now()
        with self.database.read() as session:
            row = session.get(SessionRow, hash_)
        if row is None or row.ends_at <= now or row.seen_at + self._idle <= now:
            return None
        if now - row.seen_at > SEEN_EVERY:
            self._touch(hash_, now)
        return SignedIn(row.participant_id, row.name, frozenset(row.roles.split()), hash_)

    def end(self, person: SignedIn) -> None:
        """Sign somebody out in the browser that they use."""
        with self.database.begin() as session:
            session.execute(delete(SessionRow).where(SessionRow.hash == person.session_id))
            audit.viewed(session, person, What.SIGNED_OUT, "", self.now())

    def end_all(self, person: SignedIn, by: SignedIn | None = None) -> int:
        """Sign somebody out everywhere, and tell in how many browsers that was.

        Args:
            by: who does it, if it is not they.
        """
        with self.database.begin() as session:
            mine = SessionRow.participant_id == person.id
            count = session.scalar(select(func.count()).select_from(SessionRow).where(mine)) or 0
            session.execute(delete(SessionRow).where(mine))
            details: dict[str, object] = {"browsers": count} | ({"whom": person.name} if by else {})
            audit.viewed(session, by or person, What.SIGNED_OUT_EVERYWHERE, "", self.now(), details)
        return count

    def of(self, person: SignedIn) -> list[SessionRow]:
        """The browsers in which somebody is signed in now, the one used last first."""
        now = self.now()
        query = select(SessionRow).where(
            SessionRow.participant_id == person.id, SessionRow.ends_at > now, SessionRow.seen_at > now - self._idle
        )
        with self.database.read() as session:
            return list(session.scalars(query.order_by(SessionRow.seen_at.desc())))

    def all(self) -> list[SignedIn]:
        """Everybody who is signed in now, in each browser, by name."""
        now = self.now()
        query = select(SessionRow).where(SessionRow.ends_at > now, SessionRow.seen_at > now - self._idle)
        with self.database.read() as session:
            found = session.scalars(query.order_by(SessionRow.name, SessionRow.hash))
            return [SignedIn(row.participant_id, row.name, frozenset(row.roles.split()), row.hash) for row in found]

    @property
    def _idle(self) -> timedelta:
        return timedelta(minutes=self.settings.session_idle_minutes)

    def _touch(self, hash_: str, now: datetime) -> None:
        with self.database.begin() as session:
            row = session.get(SessionRow, hash_)
            if row is not None:
                row.seen_at = now
