"""Two edits are put together where they do not touch the same lines, and nothing of either is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amends.workshop.merge import merge

BASE = "a\nb\nc\nd\ne\n"


@pytest.mark.parametrize(
    ("mine", "theirs", "both"),
    [
        ("A\nb\nc\nd\ne\n", "a\nb\nc\nd\nE\n", "A\nb\nc\nd\nE\n"),
        ("a\nb\nd\ne\n", "a\nb\nc\nd\ne\nf\n", "a\nb\nd\ne\nf\n"),
        ("a\nx\nb\nc\nd\ne\n", "a\nb\nc\nd\n", "a\nx\nb\nc\nd\n"),
        ("a\nB\nc\nd\ne\n", "a\nB\nc\nd\ne\n", "a\nB\nc\nd\ne\n"),
        ("a\nB\nc\nd\ne\n", "a\nX\nc\nd\ne\n", None),
        ("a\nB\nc\nd\ne\n", "a\nb\nC\nd\ne\n", None),
        ("x\n" + BASE, "y\n" + BASE, None),
        ("", "a\nb\nX\nd\ne\n", None),
    ],
)
def test_edits(mine, theirs, both):
    assert merge(BASE, mine, theirs) == both


texts = st.lists(st.sampled_from("abcd"), max_size=12).map(lambda lines: "".join(f"{line}\n" for line in lines))


@given(texts, texts)
def test_an_edit_against_none_is_the_edit(base, mine):
    assert merge(base, mine, base) == merge(base, base, mine) == merge(base, mine, mine) == mine


@given(texts, texts, texts)
def test_it_does_not_matter_whose_is_whose(base, mine, theirs):
    assert merge(base, mine, theirs) == merge(base, theirs, mine)


@given(texts, texts, texts)
def test_edits_far_apart_are_both_there_in_full(base, mine, theirs):
    middle = "same\n" * 3
    whole = f"{base}{middle}{base}"
    both = merge(whole, f"{mine}{middle}{base}", f"{base}{middle}{theirs}")
    assert both == f"{mine}{middle}{theirs}"
