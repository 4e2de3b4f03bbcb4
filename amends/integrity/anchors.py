"""Anchors: where the chain of seals ended at some time, noted outside of the database.

A chain cannot show that its end is missing, and an older copy of the whole record is whole. So its end is noted in a
file (a JSON object on each line: `at`, `number`, `seal`), in every export, and each day in the leads' channel.
Whoever changes the record would have to change all of these, too.
"""

from __future__ import annotations

import hmac
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from amends.incidents.chain import Harm, written
from amends.incidents.models import Seal, utc_text
from amends.incidents.walk import Damage
from amends.integrity.stamps import Stamps
from amends.settings import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import URL
    from sqlalchemy.orm import Session

    from amends.incidents.keys import Keys
    from amends.incidents.seals import Head
    from amends.settings import Settings

WHERE = "anchors"
"""What damage to them is found under."""
AT_ONCE = 500


@dataclass(frozen=True)
class Anchor:
    """The end of the chain of seals at some time. `more` is what else stands on its line, such as a time stamp."""

    at: str
    number: int
    seal: str
    more: dict[str, Any]


class AnchorFile:
    """The file. It only grows; each line is kept on disk before anything else is done.

    Args:
        stamps: who stamps lines, if anybody, and what stamps are checked with.
    """

    def __init__(self, path: Path, stamps: Stamps | None = None) -> None:
        self.path = path
        self.stamps = stamps

    @classmethod
    def of(cls, settings: Settings, url: URL) -> AnchorFile:
        """The file of a record: the one that the settings name, or one that belongs to this record alone."""
        stamps = Stamps.of(settings)
        if settings.anchor_file:
            return cls(Path(settings.anchor_file), stamps)
        if url.get_backend_name() == "sqlite" and url.database:
            file = Path(url.database)
            return cls(file.with_name(f"{file.stem}-anchors.jsonl"), stamps)
        return cls(ROOT / "var" / f"anchors-{url.host or 'local'}-{url.database}.jsonl", stamps)

    def note(self, head: Head, at: datetime, **more: Any) -> bool:
        """Note the end of the chain, unless it is the last that was noted; whether it was noted.

        Raises:
            OSError: the file cannot be written.
        """
        last = self._last()
        if head.number == 0 or (not more and last is not None and (last.number, last.seal) == tuple(head)):
            return False
        line = json.dumps({"at": utc_text(at), "number": head.number, "seal": head.seal, **more}) + "\n"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a+b") as file:
            if file.tell() and not _ends_with_a_line(file):
                line = f"\n{line}"
            file.write(line.encode())
            file.flush()
            os.fsync(file.fileno())
        return True

    def read(self) -> Iterator[Anchor | int]:
        """Each line, or the number of one that cannot be read."""
        if not self.path.exists():
            return
        with self.path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if not line.strip():
                    continue
                yield _anchor(line) or number

    def _last(self) -> Anchor | None:
        if not self.path.exists():
            return None
        with self.path.open("rb") as file:
            file.seek(max(0, self.path.stat().st_size - 20_000))
            lines = file.read().splitlines()
        return _anchor(lines[-1]) if lines else None


def restored(head: Head, at: datetime, reason: str, keys: Keys) -> dict[str, Any]:
    """What stands on the line of somebody with the key who says that a backup was put in place on purpose."""
    mac = _mac(keys.by_id[keys.newest], utc_text(at), head.number, head.seal, reason)
    return {"restored": reason, "key": keys.newest, "mac": mac}


def check(session: Session, file: AnchorFile, keys: Keys) -> tuple[int, Damage | None]:
    """How many anchors the file has, and the first that the record does not bear out.

    What was noted before a backup was put in place on purpose may be later than its end.
    """
    count, found = 0, None
    part: list[Anchor] = []
    try:
        for each in file.read():
            count += 1
            if isinstance(each, int):
                found = found or _damage(f"Line {each} of {file.path.name} cannot be read: it was changed or cut.")
                continue
            found = found or _stamp(file.stamps, each)
            if _is_restored(each, keys):
                part = [one for one in part if one.number <= each.number]
                if found is not None and found.sequence is not None and found.sequence > each.number:
                    found = None
            part.append(each)
            if len(part) == AT_ONCE:
                found = found or differs(session, part)
                part = []
    except OSError as error:
        found = found or _damage(f"{file.path.name} cannot be read: {error.strerror}. See that it is there.")
    return count, found or differs(session, part)


def differs(session: Session, anchors: Sequence[Anchor]) -> Damage | None:
    """The first of some anchors that the record does not bear out."""
    query = select(Seal.number, Seal.seal).where(Seal.number.in_([each.number for each in anchors]))
    there = dict(session.execute(query).all())
    for anchor in anchors:
        if anchor.number not in there:
            sentence = (
                f"The record is older than what was noted at {_time(anchor)}: it had {anchor.number} entries then. "
                "Its end was cut off, or an older copy was put in its place."
            )
            return Damage(WHERE, anchor.number, sentence, Harm.OLDER)
        if there[anchor.number] != anchor.seal:
            sentence = (
                f"Seal {anchor.number} is not the one that was noted at {_time(anchor)}: this is another record, "
                "or an older copy that was written to since."
            )
            return Damage(WHERE, anchor.number, sentence, Harm.OLDER)
    return None


def _is_restored(anchor: Anchor, keys: Keys) -> bool:
    key = keys.by_id.get(str(anchor.more.get("key")))
    if key is None:
        return False
    reason, mac = str(anchor.more.get("restored")), str(anchor.more.get("mac"))
    return hmac.compare_digest(_mac(key, anchor.at, anchor.number, anchor.seal, reason).encode(), mac.encode())


def _mac(key: bytes, at: str, number: int, seal: str, reason: str) -> str:
    return hmac.digest(key, written(["restored", at, number, seal, reason]).encode(), "sha256").hex()


def _stamp(stamps: Stamps | None, anchor: Anchor) -> Damage | None:
    if stamps is None or not stamps.certificates or "stamp" not in anchor.more:
        return None
    problem = stamps.problem(anchor.at, anchor.number, anchor.seal, anchor.more["stamp"])
    if not problem:
        return None
    sentence = f"The end that was noted at {_time(anchor)} is not as it was stamped. {problem}"
    return Damage(WHERE, anchor.number, sentence, Harm.OLDER)


def _time(anchor: Anchor) -> str:
    return f"{anchor.at[:16].replace('T', ' ')} UTC" if anchor.at else "a time before"


def _anchor(line: bytes) -> Anchor | None:
    try:
        read = json.loads(line)
        at, number, seal = read.pop("at"), read.pop("number"), read.pop("seal")
    except (ValueError, KeyError, AttributeError, TypeError):
        return None
    if not (isinstance(at, str) and isinstance(number, int) and isinstance(seal, str)):
        return None
    return Anchor(at, number, seal, read)


def _damage(sentence: str) -> Damage:
    return Damage(WHERE, None, sentence, Harm.OLDER)


def _ends_with_a_line(file: Any) -> bool:
    file.seek(-1, os.SEEK_END)
    return bool(file.read(1) == b"\n")
