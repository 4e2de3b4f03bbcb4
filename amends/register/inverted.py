"""The inverted indexes asked: FTS5 on SQLite, GIN on PostgreSQL.

FTS5 walks the lists of all marks and words at once, in the order of places, and stops when a page is full. GIN finds
all that match before the first is known: good for what is rare, slow for what is common. So on PostgreSQL what the
planner expects to be rare, and is, goes to GIN at once. Of the rest the first places are looked at one by one, and then
GIN is asked for one span of twelve days after the other, until a page is full.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, column, func, literal, select, table, true
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlalchemy.sql import cast
from sqlalchemy.types import BigInteger

from amends.incidents.models import Incident
from amends.register.marks import SPAN_BITS, SPANS
from amends.register.tables import SECOND_BITS, Shelved, ShelvedText
from amends.register.terms import plain_query_of, query_of
from amends.register.wanted import LAST_PLACE
from amends.register.words import for_sqlite

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session

    from amends.register.wanted import Wanted
    from amends.register.words import Sought

WALK = 1_000
"""So many places are looked at one by one on PostgreSQL, before GIN is asked."""
RARE = 500
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
        return _rows(session, query)
    if not wanted.groups and not wanted.words:
        return _rows(session, _ordered(_all_of(wanted), Shelved.place, newest_first=newest_first).limit(limit))
    return _on_postgresql(session, wanted, limit, newest_first=newest_first)


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
        piece = func.ts_headline("amends", plain, plain_query_of(there), how)
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
        fits = ShelvedText.terms.op("@@")(query_of(wanted.words)).label("fits")
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
    return hits.where(ShelvedText.terms.op("@@")(query_of(wanted.words))) if wanted.words else hits


def _is_rare(session: Session, wanted: Wanted) -> bool:
    """Whether the planner of PostgreSQL expects few enough to ask its index at once."""
    hits = _hits(wanted).compile(session.connection())
    connection = session.connection()
    rows = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {hits}", hits.construct_params()).scalar_one()
    expected: float = rows[0]["Plan"]["Plan Rows"]
    return expected < RARE


def _on_postgresql(session: Session, wanted: Wanted, limit: int, *, newest_first: bool) -> list[tuple[int, int]]:
    if _is_rare(session, wanted):
        hits = session.scalars(_hits(wanted).limit(RARE + 1)).all()
        if len(hits) <= RARE:
            query = _all_of(wanted).where(Shelved.place.in_(hits))
            return _rows(session, _ordered(query, Shelved.place, newest_first=newest_first).limit(limit))
    in_range = select(Shelved.place).where(*_range(Shelved.place, wanted))
    border = session.scalar(_ordered(in_range, Shelved.place, newest_first=newest_first).offset(WALK).limit(1))
    near = far = wanted
    if border is not None:
        after = border + (0 if newest_first else 1)
        parts = wanted.between(0, after), wanted.between(after, LAST_PLACE)
        far, near = parts if newest_first else parts[::-1]
    query = _ordered(_one_by_one(near), Shelved.place, newest_first=newest_first).limit(limit)
    found = _rows(session, query)
    if border is not None and len(found) < limit:
        found += _span_by_span(session, far, limit - len(found), newest_first=newest_first)
    return found


def _span_by_span(session: Session, wanted: Wanted, limit: int, *, newest_first: bool) -> list[tuple[int, int]]:
    """The first that GIN finds in one span after the other; those behind a full page are not asked for."""
    place = Shelved.place
    low, high = session.execute(select(func.min(place), func.max(place)).where(*_range(place, wanted))).one()
    if low is None:
        return []
    ends = [each >> (SECOND_BITS + SPAN_BITS) for each in ((high, low) if newest_first else (low, high))]
    numbers = (
        func.generate_series(*ends, -1 if newest_first else 1).table_valued("number", name="span").render_derived()
    )
    marked = ShelvedText.marks if wanted.words else Shelved.marks
    of_span = cast(array([literal(SPANS, BigInteger) + cast(numbers.c.number, BigInteger)]), ARRAY(BigInteger))
    hits = _hits(wanted).where(marked.op("@>")(of_span)).offset(0).correlate(numbers).lateral("hits")
    inside = (
        select(Shelved.place, Incident.id)
        .join(hits, hits.c.place == Shelved.place)
        .join(Incident, Incident.id == Shelved.incident_id)
        .where(*wanted.rest)
    )
    inside_ = _ordered(inside, Shelved.place, newest_first=newest_first).limit(limit).lateral("found")
    # No order outside: a loop over the spans, which ends when there are enough. An order would need all of them.
    return _rows(session, select(inside_.c.place, inside_.c.id).select_from(numbers).join(inside_, true()).limit(limit))


def _rows(session: Session, query: Any) -> list[tuple[int, int]]:
    return [(row[0], row[1]) for row in session.execute(query)]


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


def _ordered(query: Any, place: Any, *, newest_first: bool) -> Any:
    return query.order_by(place.desc() if newest_first else place.asc())
