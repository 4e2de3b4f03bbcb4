"""Small numbers are not shown, nor any from which one could be worked out."""

import itertools

import pytest

from amends.insights.suppress import FEWEST, is_small, parts, portion, shown


@pytest.mark.parametrize(("count", "seen"), [(0, 0), (1, None), (4, None), (5, 5), (6, 6)])
def test_a_number_from_1_to_4_is_not_shown(count, seen):
    assert shown(count) == seen


@pytest.mark.parametrize(
    ("counts", "seen"),
    [
        ([], []),
        ([12, 30], [12, 30]),
        ([12, 0], [12, 0]),
        ([3, 12, 30], [None, None, 30]),  # else 3 is 45 - 42
        ([2, 3, 12], [None, None, 12]),  # together 5
        ([1, 2, 12, 30], [None, None, None, 30]),  # together 3, which is small itself
        ([3, 12, 12], [None, None, 12]),
        ([3, 0, 12], [None, 0, None]),  # none is none; it hides nothing
        ([3], [None]),
        ([3, 0], [None, None]),
    ],
)
def test_parts_of_a_whole(counts, seen):
    assert parts(counts) == seen


def test_no_small_part_can_be_worked_out_from_the_others_and_the_whole():
    for counts in itertools.product((0, 1, 3, 4, 5, 7, 20), repeat=4):
        seen = parts(counts)
        assert all(count is None or count == was for count, was in zip(seen, counts, strict=True))
        assert not any(is_small(count) for count in seen if count is not None)
        hidden = sum(counts) - sum(count for count in seen if count is not None)
        if None in seen and sum(counts) >= FEWEST:
            assert hidden >= FEWEST
            assert seen.count(None) > 1


@pytest.mark.parametrize(
    ("part", "whole", "seen"),
    [(0, 20, 0), (20, 20, 20), (10, 20, 10), (3, 20, None), (17, 20, None), (2, 4, None), (0, 0, 0), (0, 3, None)],
)
def test_a_part_is_not_shown_when_it_or_the_rest_is_small(part, whole, seen):
    assert portion(part, whole) == seen
