"""What a spreadsheet would compute is text in a CSV file."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.exports import cells


@pytest.mark.parametrize(
    "value",
    [
        *("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u00a0=1", "\ufeff=1", "＝1", "－1"),  # noqa: RUF001
        '=HYPERLINK("https://example.invalid","x")',
    ],
)
def test_a_formula_gets_an_apostrophe(value):
    assert cells.defused(value) == f"'{value}"


@pytest.mark.parametrize(
    ("value", "cell"),
    [(None, ""), (3, "3"), (-3, "-3"), (True, "yes"), (False, "no"), ("a=b", "a=b"), ("", ""), ("  ", "  ")],
)
def test_everything_else_stays_as_it_is(value, cell):
    assert cells.defused(value) == cell


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1), max_size=5))
def test_whatever_is_in_a_cell_comes_back_and_is_no_formula(rows):
    read = list(csv.reader(io.StringIO(cells.lines(rows), newline=""), strict=True))
    assert [[cell.removeprefix("'") for cell in row] for row in read] == [
        [cell.removeprefix("'") for cell in row] for row in rows
    ]
    assert not [cell for row in read for cell in row if cell.lstrip(" \u00a0").startswith(tuple("=+-@\t\r\n"))]
