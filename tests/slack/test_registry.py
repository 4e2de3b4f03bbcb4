"""What can be done from Slack is declared once, found by its id, and done by nobody unless it says who may."""

import pytest

from amends.slack.registry import EVERYBODY, May, Registry


async def first(_desk, _call):
    """A handler."""


async def second(_desk, _call):
    """Another one."""


def test_a_handler_is_found_by_its_kind_and_id():
    registry = Registry()
    registry.on("press", "submit_many", May(EVERYBODY))(first)
    registry.on("submission", "submit_many", May(EVERYBODY))(second)
    assert registry.find("press", "submit_many").handler is first
    assert registry.find("submission", "submit_many").handler is second
    assert registry.find("shortcut", "submit_many") is None
    assert registry.find("press", "submit_many_more") is None


@pytest.mark.parametrize("end", [":", "|"])
def test_an_id_that_ends_in_a_mark_handles_all_that_begin_so_and_the_longest_is_taken(end):
    registry = Registry()
    registry.on("press", f"lead{end}")(first)
    registry.on("press", f"lead{end}note{end}")(second)
    assert registry.find("press", f"lead{end}close").handler is first
    assert registry.find("press", f"lead{end}note{end}3").handler is second
    assert registry.find("press", "leader") is None


def test_an_exact_id_goes_before_one_that_only_begins_so():
    registry = Registry()
    registry.on("press", "lead:")(first)
    registry.on("press", "lead:close")(second)
    assert registry.find("press", "lead:close").handler is second


def test_the_same_cannot_be_declared_twice():
    registry = Registry()
    registry.on("press", "say:")(first)
    with pytest.raises(ValueError, match="press say: is handled twice"):
        registry.on("press", "say:")(second)


def test_what_is_declared_without_who_may_carries_no_permission():
    registry = Registry()
    registry.on("home", "home")(first)
    assert [entry.may for entry in registry.entries()] == [None]
