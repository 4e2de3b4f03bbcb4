"""The check of the whole record: every entry, seal, text and file, the guards, and what is noted outside."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import text

from amends.access import audit
from amends.incidents import guards, stored
from amends.incidents.chain import Harm
from amends.incidents.seals import Head, head
from amends.incidents.verify import named
from amends.incidents.walk import INCIDENTS, Damage, Walk
from amends.integrity import anchors, files
from amends.workshop import trail as policy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy.orm import Session

    from amends.incidents.keys import Keys
    from amends.integrity.anchors import AnchorFile


@dataclass(frozen=True)
class Whole:
    """What was checked and found.

    Attributes:
        entries: of the trails of all `incidents`, of the `policy` trail and of the `audit`.
        texts: published versions of flows and policies.
        anchors: lines of the anchor file.
        head: where the chain of seals ends.
    """

    incidents: int
    entries: int
    policy: int
    audit: int
    texts: int
    files: int
    anchors: int
    head: Head
    damage: tuple[Damage, ...]


def check(
    session: Session, keys: Keys, file: AnchorFile, progress: Callable[[int, int], None] = lambda _done, _all: None
) -> Whole:
    """Check everything, as it is at one instant.

    Args:
        session: sees one state of the record (`Database.read(still=True)`).
        progress: told how many of how many entries are done, now and then.
    """
    end = head(session)
    walk = Walk(
        keys, {INCIDENTS: stored.links(session), audit.OF: audit.links(session), policy.OF: policy.links(session)}
    )
    walk.through(session, lambda done: progress(done, end.number))
    progress(end.number, end.number)
    damage = list(named(session, walk))
    published, versions = policy.damaged_texts(session)
    damage += [Damage(policy.OF, each.sequence, each.sentence, Harm.TEXT_CHANGED) for each in published]
    damage += _used_texts(session)
    kept, wrong = files.check(session)
    damage += wrong
    noted, older = anchors.check(session, file, keys)
    damage += [older] if older else []
    damage += _guards(session)
    return Whole(
        incidents=session.execute(text("SELECT count(*) FROM incident")).scalar_one(),
        entries=walk.entries.get(INCIDENTS, 0),
        policy=walk.entries.get(policy.OF, 0),
        audit=walk.entries.get(audit.OF, 0),
        texts=versions,
        files=kept,
        anchors=noted,
        head=end,
        damage=tuple(damage),
    )


def _used_texts(session: Session) -> Iterator[Damage]:
    """Flows and clauses as they were used are named by the SHA-256 of their text."""
    for name, query in (
        ("flow", "SELECT hash, source FROM flow_version"),
        ("clause", "SELECT hash, body FROM clause_version"),
    ):
        with session.execute(text(query).execution_options(yield_per=100)) as rows:
            for hash_, body in rows:
                if hashlib.sha256(body.encode()).hexdigest() != hash_:
                    sentence = f"The text of the {name} {hash_[:12]} that incidents rest on was changed."
                    yield Damage(f"{name} {hash_[:12]}", None, sentence, Harm.TEXT_CHANGED)


def _guards(session: Session) -> Iterator[Damage]:
    count = Counter(table for table, _ in guards.missing(session))
    for table, number in count.items():
        sentence = (
            f"{number} of the triggers that keep {table} from being changed {'is' if number == 1 else 'are'} gone."
        )
        yield Damage(table, None, f"{sentence} Who can do that can change the table.", Harm.GUARD_MISSING)
