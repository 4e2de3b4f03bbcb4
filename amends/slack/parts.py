"""The parts of a payload, each read as the kind that it has to be of: something else counts as nothing. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from amends.slack import ids

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_ADDRESS = 300
"""As the column of the record in which it stands to whom something is sent."""


def text_of(values: Mapping[str, Any], name: str) -> str:
    """A text that any database takes; empty, if it is missing or something else."""
    value = values.get(name)
    return _plain(value) if isinstance(value, str) else ""


def slack_id_of(values: Mapping[str, Any], name: str) -> str:
    """An id or time stamp of Slack's; empty, if it is missing or something else."""
    value = text_of(values, name)
    return value if ids.is_id(value) else ""


def address_of(values: Mapping[str, Any], name: str) -> str:
    """An address on the web that a column of the record can hold; empty, if it is missing or something else."""
    value = text_of(values, name)
    plain = value.isascii() and value.isprintable() and len(value) <= LONGEST_ADDRESS
    return value if plain and value.startswith(("https://", "http://")) else ""


def number_of(values: Mapping[str, Any], name: str) -> int | None:
    """A whole number that a column of the record can hold; None, if it is missing or something else."""
    value = values.get(name)
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= 10:
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31 else None


def map_of(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A mapping; empty, if it is missing or something else."""
    value = values.get(name)
    return value if isinstance(value, dict) else {}


def maps_of(values: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The mappings in a list; none, if it is missing or something else."""
    value = values.get(name)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def texts_of(values: Mapping[str, Any], name: str) -> list[str]:
    """The texts in a list; none, if it is missing or something else."""
    value = values.get(name)
    return [_plain(each) for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _plain(text: str) -> str:
    """Without NUL and half pairs of surrogates."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()
