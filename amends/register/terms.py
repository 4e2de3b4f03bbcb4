"""What PostgreSQL searches: words by their stems, and each two that stand beside each other as one term.

Without the pairs every incident that has all words of a phrase would have to be read, to see where they stand.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from sqlalchemy import String, bindparam, cast, func, literal, text
from sqlalchemy.dialects.postgresql import TSQUERY

from amends.register.words import fold, for_postgresql

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, TextClause

    from amends.register.words import Sought

LONGEST = 250_000
"""So many bytes of what was written in one incident can be searched; the terms of more may not fit into a row."""

TERMS = """(SELECT stems || coalesce(array_to_tsvector(pairs), ''::tsvector)
FROM (SELECT to_tsvector('amends', {words}) AS stems) AS one, LATERAL (
SELECT array_agg(DISTINCT pair) FILTER (WHERE octet_length(pair) <= 2046) FROM (
SELECT lexeme || ' ' || lead(lexeme) OVER (ORDER BY at) AS pair
FROM unnest(stems) AS each (lexeme, positions, weights), unnest(positions) AS at) AS two) AS found (pairs))"""
"""An expression of SQL: what is kept of the words in its place `words`. A term has at most 2,046 bytes."""


def terms_of(written: str) -> TextClause:
    """What is kept of what was written, as an expression of SQL."""
    words = fold(written).encode()[:LONGEST].decode(errors="ignore")
    return text(TERMS.format(words=":written")).bindparams(bindparam("written", words, String, unique=True))


def query_of(parts: tuple[Sought, ...]) -> ColumnElement[str]:
    """What a search asks the terms for."""
    query = plain_query_of(parts)
    for part in parts:
        for first, second in () if part.left_out else pairwise(part.words):
            pair = func.concat("'", _stem(first), " ", _stem(second), "'")
            query = query.op("&&")(cast(pair, TSQUERY))
    return query


def plain_query_of(parts: tuple[Sought, ...]) -> ColumnElement[str]:
    """The same without the pairs: what fits words that stand in a text."""
    return func.to_tsquery("amends", for_postgresql(parts))


def _stem(word: str) -> ColumnElement[str]:
    return func.array_to_string(func.tsvector_to_array(func.to_tsvector("amends", literal(word))), "")
