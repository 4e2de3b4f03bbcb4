"""Cells of a CSV file: what a spreadsheet would compute is made text."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

BOM = "\ufeff"
"""At the beginning of a CSV file, so that spreadsheets read it as UTF-8."""
_COMPUTED = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - the full-width ones too
_UNSEEN = " \u00a0\u200b\u2060\ufeff"
"""Characters in front of a formula that some programs strip before they look."""


def defused(value: object) -> str:
    """A value as a cell: nothing for None; an apostrophe before what a spreadsheet could take for a formula."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value)
    text = str(value)
    return f"'{text}" if text.lstrip(_UNSEEN).startswith(_COMPUTED) else text


def lines(rows: Iterable[Iterable[object]]) -> str:
    """Rows as lines of CSV, every cell defused and in quotation marks, as RFC 4180 has them."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows([defused(value) for value in row] for row in rows)
    return text.getvalue()
