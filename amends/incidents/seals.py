"""Seals: every entry of every trail gets one with a key, in one chain over all of the record.

A seal is the HMAC-SHA-256 of a JSON array, written as in `chain`: its number, the trail (`of`), the entry's sequence,
the entry's hash, the key's id, and the seal before it (64 zeros for the first). Numbers have no gaps. So an entry that
was taken away, also the last of its trail or a whole incident, leaves its seal behind; one that was put in has none;
and nobody without the key can make one. What a chain cannot show is its own end: see `amends.integrity.anchors`.

Seals are written at the very end of a transaction: where many write at once, each waits for the one before it, and so
no longer than it takes to keep what is written.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import event, insert, inspect, select, text

from amends.incidents.chain import FIRST, written
from amends.incidents.models import Base, Seal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection
    from sqlalchemy.orm import Session

    from amends.incidents.keys import Keys

KEYS = "amends_keys"
"""Where a session holds what gives it the keys."""
_NEW = "amends_to_seal"
_LOCK = 2012
"""PostgreSQL's advisory lock of all that seal. It is the last one that a transaction takes."""


class Head(NamedTuple):
    """The end of the chain of seals: how many there are, and the last one."""

    number: int
    seal: str


def head(session: Session) -> Head:
    """Where the chain of seals ends now."""
    last = session.execute(select(Seal.number, Seal.seal).order_by(Seal.number.desc()).limit(1)).first()
    return Head(*last) if last else Head(0, FIRST)


def seal_at_end(session: Session, entry: Base, of: str, sequence: int, hash_: str) -> None:
    """Have a new entry sealed when its transaction is kept; each trail calls it for what it appends."""
    session.info.setdefault(_NEW, []).append((entry, of, sequence, hash_))


def seal(session: Session) -> None:
    """Seal what was added; called before a transaction is kept, after everything else.

    Raises:
        NoKey: there is nothing to seal with. Nothing is kept then.
    """
    if _NEW not in session.info or session.in_nested_transaction():
        return
    session.flush()
    # What was taken back with a savepoint is not there any more.
    new = [each[1:] for each in session.info.pop(_NEW) if inspect(each[0]).persistent]
    if not new:
        return
    keys: Keys = session.info[KEYS]()
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
    session.execute(insert(Seal), rows(keys, head(session), new))


def keep_sealed(session: Session) -> None:
    """Have a session seal what it adds."""
    event.listen(session, "before_commit", seal)


def rows(keys: Keys, end: Head, entries: Iterable[tuple[str, int, str]]) -> list[dict[str, str | int]]:
    """The seals of entries, each a trail, a sequence and a hash, that follow the end of the chain."""
    number, last = end
    made: list[dict[str, str | int]] = []
    id_, key = keys.newest, keys.by_id[keys.newest]
    for of, sequence, hash_ in entries:
        number += 1
        last = mac(key, number, of, sequence, hash_, id_, last)
        made.append({"number": number, "of": of, "entry": sequence, "key": id_, "seal": last})
    return made


def mac(key: bytes, number: int, of: str, sequence: int, hash_: str, id_: str, previous: str) -> str:
    """A seal; see the top of this module."""
    return hmac.digest(key, written([number, of, sequence, hash_, id_, previous]).encode(), "sha256").hex()


_UNSEALED = (
    "SELECT i.reference, t.sequence, t.hash FROM trail_entry t JOIN incident i ON i.id = t.incident_id ORDER BY t.id",
    "SELECT 'policy', sequence, hash FROM policy_trail ORDER BY sequence",
    "SELECT 'audit', sequence, hash FROM access_audit ORDER BY sequence",
)


def seal_all(connection: Connection, keys: Keys, batch: int = 10_000) -> int:
    """Seal a record in which nothing is sealed yet, as it is now; how many entries that were.

    It is for the migration, and for a record that was put in from elsewhere: what was changed before, no seal shows.
    """
    end = Head(0, FIRST)
    for query in _UNSEALED:
        with connection.exec_driver_sql(query, execution_options={"yield_per": batch}) as result:
            for part in result.partitions():
                made = rows(keys, end, part)
                connection.execute(insert(Seal), made)
                end = Head(int(made[-1]["number"]), str(made[-1]["seal"]))
    return end.number
