"""The inverted indexes asked: FTS5 on SQLite, GIN on PostgreSQL.

FTS5 walks the lists of all marks and words at once, in the order of places, and stops when a page is full. GIN finds
all that match before the first is known: good for what is rare, slow for what is common. So on PostgreSQL what the
planner expects to be rare goes to GIN; of the rest the first places are looked at one by one, then more of them, and
only then GIN is asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, column, func, select, table
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql import cast
from sqlalchemy.types import BigInteger

from amends.incidents.models import Incident
from amends.register.tables import Shelved, ShelvedText
from amends.register.wanted import LAST_PLACE
from amends.register.words import for_postgresql, for_sqlite

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from amends.register.wanted import Wanted
    from amends.register.words import Sought

WALKS = (2_000, 20_000)
"""So many places are looked at one by one on PostgreSQL, before GIN is asked for the rest."""
WALKS_WITH_WORDS = (500, 4_000)
RARE = 2_000
"""So few are fetched through the index at once."""

_SIGNS = {"\x04": "<", "\x05": ">", "\x06": "/", "\x07": "@", "\x08": "_", "\x0e": ".", "\x0f": "-"}
"""Signs that PostgreSQL would read an address, a number or markup from; here they stand between words."""
_SIGNS_BACK = str.maketrans(_SIGNS)

_index = table("register_index", column("rowid", BigInteger), column("register_index"))


def places(session: Session, wanted: Wanted, limit: int, *, newest_first: bool) -> list[tuple[int, int]]:
    """The places and ids of the first incidents that are wanted, in order."""
    if session.get_bind().dialect.name != "postgresql":
        # FTS5 gives its rows in this order; by the places themselves they would all be fetched and sorted.
        place = _index.c.rowid if fts5_query(wanted) else Shelved.place
        query = _ordered(on_sqlite(wanted), place, newest_first=newest_first).limit(limit)
        return [(row[0], row[1]) for row in session.execute(query)]
    if not wanted.groups and not wanted.words:
        query = _ordered(_all_of(wanted), Shelved.place, newest_first=newest_first).limit(limit)
        return [(row[0], row[1]) for row in session.execute(query)]
    found: list[tuple[int, int]] = []
    for part, by_index in _parts(session, wanted, newest_first=newest_first):
        query = _by_index(part) if by_index else _one_by_one(part)
        query = _ordered(query, Shelved.place, newest_first=newest_first).limit(limit - len(found))
        found += [(row[0], row[1]) for row in session.execute(query)]
        if len(found) >= limit:
            break
    return found


def matching(session: Session, wanted: Wanted) -> Select[int]:
    """The ids of all incidents that are wanted, in no order: for counting and adding up."""
    if session.get_bind().dialect.name != "postgresql":
        return on_sqlite(wanted).with_only_columns(Incident.id)
    both = wanted.groups or wanted.words
    return (_by_index(wanted) if both else _all_of(wanted)).with_only_columns(Incident.id)


def on_sqlite(wanted: Wanted) -> Select[int, int]:
    """The places and ids that FTS5 finds."""
    match = fts5_query(wanted)
    if not match:
        return _all_of(wanted)
    return (
        select(Shelved.place, Incident.id)
        .select_from(_index)
        .join(Shelved, Shelved.place == _index.c.rowid)
        .join(Incident, Incident.id == Shelved.incident_id)
        .where(_index.c.register_index.op("MATCH")(match), *_range(_index.c.rowid, wanted), *wanted.rest)
    )


def fts5_query(wanted: Wanted) -> str:
    """Marks and words in the language of FTS5; empty when there are neither."""
    words, left_out = for_sqlite(wanted.words)
    groups = [" OR ".join(f'"z{mark}"' for mark in group) for group in wanted.groups]
    there = " AND ".join(f"({each})" for each in [*groups, *words])
    return f"({there}) NOT ({' OR '.join(left_out)})" if left_out else there


def highlighted(
    session: Session, found: Sequence[int], words: tuple[Sought, ...], begin: str, end: str
) -> dict[int, str]:
    """For each place a piece of what was written around the words that were sought, which stand between two signs."""
    there = tuple(part for part in words if not part.left_out)
    if not there or not found:
        return {}
    if session.get_bind().dialect.name == "postgresql":
        how = f'StartSel="{begin}", StopSel="{end}", MaxFragments=2, MaxWords=20, MinWords=8, FragmentDelimiter=" … "'
        plain = func.translate(ShelvedText.words, "".join(_SIGNS.values()), "".join(_SIGNS))
        piece = func.ts_headline("amends", plain, _tsquery(there), how)
        query = select(ShelvedText.place, piece).where(ShelvedText.place.in_(found))
        rows = [(place, text.translate(_SIGNS_BACK)) for place, text in session.execute(query)]
    else:
        match = " AND ".join(f"({each})" for each in for_sqlite(there)[0])
        piece = func.snippet(_index.c.register_index, 0, begin, end, " … ", 24)
        in_page = (_index.c.register_index.op("MATCH")(match), _index.c.rowid.in_(found))
        rows = [(place, text) for place, text in session.execute(select(_index.c.rowid, piece).where(*in_page))]
    return {place: text for place, text in rows if begin in text}


def _all_of(wanted: Wanted) -> Select[int, int]:
    query = select(Shelved.place, Incident.id).join(Incident, Incident.id == Shelved.incident_id)
    return query.where(*_range(Shelved.place, wanted), *wanted.rest)


def _one_by_one(wanted: Wanted) -> Select[int, int]:
    query = _all_of(wanted).where(*_marked(Shelved.marks, wanted))
    if wanted.words:
        fits = ShelvedText.terms.op("@@")(_tsquery(wanted.words)).label("fits")
        walked = select(ShelvedText.place, fits).where(*_range(ShelvedText.place, wanted)).cte("walked")
        walked = walked.prefix_with("MATERIALIZED", dialect="postgresql")
        query = query.join(walked, walked.c.place == Shelved.place).where(walked.c.fits)
    return query


def _by_index(wanted: Wanted) -> Select[int, int]:
    first = _hits(wanted).cte("hits").prefix_with("MATERIALIZED", dialect="postgresql")
    return (
        select(Shelved.place, Incident.id)
        .join(first, first.c.place == Shelved.place)
        .join(Incident, Incident.id == Shelved.incident_id)
        .where(*wanted.rest)
    )


def _hits(wanted: Wanted) -> Select[int]:
    """What GIN is asked: the places of all that have the marks and the words."""
    source: Any = ShelvedText if wanted.words else Shelved
    hits = select(source.place).where(*_marked(source.marks, wanted), *_range(source.place, wanted))
    return hits.where(ShelvedText.terms.op("@@")(_tsquery(wanted.words))) if wanted.words else hits


def _is_rare(session: Session, wanted: Wanted) -> bool:
    """Whether the planner of PostgreSQL expects few enough to ask its index at once."""
    hits = _hits(wanted).compile(session.connection())
    connection = session.connection()
    rows = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {hits}", hits.construct_params()).scalar_one()
    expected: float = rows[0]["Plan"]["Plan Rows"]
    return expected < RARE


def _parts(session: Session, wanted: Wanted, *, newest_first: bool) -> Iterator[tuple[Wanted, bool]]:
    """The range in parts, the first ones small; with each whether its index is asked."""
    low, high = wanted.low, wanted.high
    if _is_rare(session, wanted):
        yield wanted, True
        return
    for size in WALKS_WITH_WORDS if wanted.words else WALKS:
        in_range = select(Shelved.place).where(Shelved.place >= low, Shelved.place < high)
        border = session.scalar(_ordered(in_range, Shelved.place, newest_first=newest_first).offset(size).limit(1))
        if border is None:
            yield wanted.between(low, high), False
            return
        if newest_first:
            yield wanted.between(border, high), False
            high = border
        else:
            yield wanted.between(low, border), False
            low = border
    yield wanted.between(low, high), True


def _marked(marks: Any, wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    single = [group[0] for group in wanted.groups if len(group) == 1]
    if single:
        yield marks.op("@>")(cast(single, ARRAY(BigInteger)))
    for group in wanted.groups:
        if len(group) > 1:
            yield marks.op("&&")(cast(list(group), ARRAY(BigInteger)))


def _range(place: Any, wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.low > 0:
        yield place >= wanted.low
    if wanted.high < LAST_PLACE:
        yield place < wanted.high


def _tsquery(words: tuple[Sought, ...]) -> Any:
    return func.to_tsquery("amends", for_postgresql(words))


def _ordered(query: Any, place: Any, *, newest_first: bool) -> Any:
    return query.order_by(place.desc() if newest_first else place.asc())
