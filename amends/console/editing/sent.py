"""The forms that policy owners send."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from amends.console.owners import is_owner, owner_of
from amends.console.visitor import is_own_form

if TYPE_CHECKING:
    from starlette.requests import Request

    from amends.settings import Settings
    from amends.workshop import Owner

MOST_BYTES = 6_000_000
"""A form larger than this is not read; a flow has at most a million, which can grow threefold on its way."""
MOST_FIELDS = 20_000


class Refused(Exception):  # noqa: N818 - it reads as what it says
    """Something that cannot be done, as a page: a title, a sentence, and what was written, so that it is not lost."""

    def __init__(self, title: str, sentence: str, status: int = 403, text: str = "") -> None:
        super().__init__(sentence)
        self.title, self.status, self.text = title, status, text


@dataclass(frozen=True)
class Sent:
    """A form of an owner, as the pairs that were sent."""

    owner: Owner
    pairs: tuple[tuple[str, str], ...]

    def __getitem__(self, name: str) -> str:
        """The last value under a name, or nothing."""
        return next((value for key, value in reversed(self.pairs) if key == name), "")


async def read_sent(request: Request) -> tuple[tuple[str, str], ...]:
    """What was sent.

    Raises:
        Refused: it is too large, or of unknown length.
    """
    length = request.headers.get("content-length", "")
    if not length.isdecimal():
        raise Refused("This could not be read", "The form came without its length, so it was not read.", 411)
    if int(length) > MOST_BYTES:
        sentence = "That is more than a flow can hold, so it was not read. A flow has at most a million characters."
        raise Refused("That is too long", sentence, 413)
    data = await request.form(max_files=0, max_fields=MOST_FIELDS, max_part_size=MOST_BYTES)
    return tuple((name, value) for name, value in data.multi_items() if isinstance(value, str))


async def own_form(request: Request, settings: Settings) -> Sent:
    """A form that we drew for this visitor, who is a policy owner.

    Raises:
        Refused: it is not, or the visitor may only look.
    """
    pairs = await read_sent(request)
    token = next((value for name, value in pairs if name == "csrf"), "")
    written = next((value for name, value in pairs if name == "text"), "")
    if not is_own_form(request, token):
        sentence = (
            "This form was drawn for another visit, so nothing was changed. Go back, load the page again and retry."
        )
        raise Refused("Nothing was changed", sentence, 403, written)
    if not is_owner(request, settings):
        sentence = (
            "You can look at everything here, but only policy owners can change it. Ask one of them, or ask whoever "
            "runs Amends here to add your name to the policy owners."
        )
        raise Refused("Only policy owners can change this", sentence, 403, written)
    return Sent(owner_of(request, settings), pairs)
