"""The database, and what lies in it that should have gone out or been handled."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import and_, func, or_, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from amends.incidents.database import MIGRATIONS, Database, RecordUnavailable
from amends.incidents.models import Participant
from amends.ops.checks.finding import fault, off, ok, warning
from amends.outbox.tables import Inbound, Outgoing

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from amends.ops.checks.finding import Finding
    from amends.settings import Settings

SLOW = timedelta(minutes=5)
"""What waits longer than this is held up by something."""


def database(settings: Settings) -> Finding:
    """Whether the record can be reached, is at the newest version, and can be written."""
    name = "database"
    try:
        place = Database(settings.database_url)
    except RecordUnavailable as error:
        return fault(name, str(error), "Set DATABASE_URL in .env, or leave it out.")
    url = make_url(settings.database_url)
    try:
        if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
            return fault(name, "There is no record yet.", "Start Amends with 'make run', or run 'amends migrate'.")
        with place.read() as session:
            now = MigrationContext.configure(session.connection()).get_current_revision()
        known = ScriptDirectory(str(MIGRATIONS))
        if now != known.get_current_head():
            return _wrong_version(now, {each.revision for each in known.walk_revisions()})
        _write(place)
    except (RecordUnavailable, SQLAlchemyError) as error:
        reason = str(error).split("\n", 1)[0].split(" Nothing was recorded.", 1)[0].rstrip(".")
        return fault(name, f"{reason}.", f"See that {_where(settings)} is there, may be written, and has room.")
    finally:
        place.dispose()
    return ok(name, f"The record ({url.get_backend_name()}) is at the newest version and can be written.")


def _wrong_version(now: str | None, known: set[str]) -> Finding:
    if now is None or now in known:
        said = f"The record is at version {now or 'none'}, which is not the newest."
        return fault("database", said, "Run 'amends migrate', or start Amends again.")
    said = f"The record is at version {now}, which this program does not know."
    return fault("database", said, "A newer program was here: install that one again.")


def _where(settings: Settings) -> str:
    return make_url(settings.database_url).render_as_string(hide_password=True)


def _write(place: Database) -> None:
    """Write something and take it back."""
    with place.begin() as session:
        session.add(Participant(id=f"doctor:{uuid.uuid4().hex}", name="doctor", first_seen=datetime.now(UTC)))
        session.flush()
        session.rollback()


def clock(settings: Settings) -> datetime | None:
    """What time it is where the database is; None when that is this machine, or it does not say."""
    if make_url(settings.database_url).get_backend_name() == "sqlite":
        return None
    place = Database(settings.database_url)
    try:
        with place.read() as session:
            found = session.scalar(text("SELECT clock_timestamp()"))
    except (RecordUnavailable, SQLAlchemyError):
        return None
    finally:
        place.dispose()
    return found if isinstance(found, datetime) else None


def work(settings: Settings, at: datetime) -> list[Finding]:
    """What could not be sent, what could not be handled, and when something last came from Slack."""
    place = Database(settings.database_url)
    try:
        with place.read() as session:
            return [_outgoing(session, at), _inbound(session, at), _events(session, at)]
    except (RecordUnavailable, SQLAlchemyError):
        return [off("dead letters", "What waits cannot be read.", "Mend the database first.")]
    finally:
        place.dispose()


def _outgoing(session: Session, at: datetime) -> Finding:
    dead = session.scalar(select(func.count()).where(Outgoing.dead_at.is_not(None), Outgoing.sent_at.is_(None))) or 0
    if dead:
        last = session.scalar(
            select(Outgoing.last_error)
            .where(Outgoing.dead_at.is_not(None), Outgoing.sent_at.is_(None))
            .order_by(Outgoing.dead_at.desc())
            .limit(1)
        )
        said = f"{_count(dead, 'message')} could not be sent; the last one because of {last or 'an unknown reason'}."
        return warning(
            "dead letters", said, "Mend the reason; then a comms lead can press Resend on the Home tab of the app."
        )
    # One that waits for its time is not late; one that is tried again and again is.
    late = or_(Outgoing.not_before < at - SLOW, and_(Outgoing.last_error.is_not(None), Outgoing.created_at < at - SLOW))
    waiting = select(func.count()).where(Outgoing.sent_at.is_(None), Outgoing.dead_at.is_(None), late)
    if slow := session.scalar(waiting) or 0:
        said = f"{_count(slow, 'message')} to Slack should have gone out more than five minutes ago."
        return warning("dead letters", said, "See that the desk runs and Slack answers; read var/log/desk.log.")
    return ok("dead letters", "Everything that had to go to Slack went out.")


def _inbound(session: Session, at: datetime) -> Finding:
    aside = session.scalar(select(func.count()).where(Inbound.set_aside.is_(True))) or 0
    if aside:
        last = session.scalar(
            select(Inbound.last_error).where(Inbound.set_aside.is_(True)).order_by(Inbound.id.desc()).limit(1)
        )
        said = f"{_count(aside, 'thing')} from Slack could not be handled; the last one because of {last or 'a fault'}."
        return warning(
            "set aside", said, "Read var/log/desk.log, and ask those who wrote whether they still need help."
        )
    waiting = select(func.count()).where(Inbound.handled_at.is_(None), Inbound.received_at < at - SLOW)
    if slow := session.scalar(waiting) or 0:
        said = f"{_count(slow, 'thing')} from Slack waited more than five minutes and is not handled."
        return warning("set aside", said, "See that the desk runs and the bot answers; read var/log/desk.log.")
    return ok("set aside", "Everything that came from Slack was handled.")


def _events(session: Session, at: datetime) -> Finding:
    last = session.scalar(select(func.max(Inbound.received_at)))
    if last is None:
        return warning(
            "events",
            "Nothing has come from Slack yet.",
            "Send the bot a direct message; if nothing comes, look at Event Subscriptions on the app's page.",
        )
    return ok("events", f"The last thing from Slack came {_ago(at - last)} ago.")


def _ago(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    if minutes < 1:
        return "less than a minute"
    for size, unit in ((24 * 60, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size:
            return _count(minutes // size, unit)
    raise AssertionError(minutes)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
