"""What a form of the chat sends, read as the message that the person meant."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from amends.conversation.presses import press_times
from amends.conversation.replies import press_answer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from zoneinfo import ZoneInfo

    from starlette.datastructures import FormData
    from starlette.requests import Request

LONGEST = 40_000
"""Characters of a message."""
MOST_BYTES = 1_000_000
"""A form larger than this is not read."""

FAST_CLOCK = timedelta(minutes=2)
"""A time this little ahead is a clock that goes fast, not the future."""

_key = re.compile(r"[0-9a-f]{32}")


class NotSent(ValueError):  # noqa: N818 - it reads as what it says
    """A form that says nothing that can be sent. The message is a kind sentence; `status` is for HTTP."""

    def __init__(self, sentence: str, status: int = 422) -> None:
        super().__init__(sentence)
        self.status = status


@dataclass(frozen=True)
class Form:
    """The fields of a form: text only, files are not read."""

    fields: Mapping[str, str]
    options: Sequence[str]

    def __getitem__(self, name: str) -> str:
        return self.fields.get(name, "")


async def read_form(request: Request, most_fields: int = 100) -> Form:
    """The form that was posted. NUL, which PostgreSQL takes in no text, is left out.

    Raises:
        NotSent: it is too large, or of unknown length.
    """
    length = request.headers.get("content-length", "")
    if not length.isdecimal():
        raise NotSent("The form came without its length, so it was not read.", 411)
    if int(length) > MOST_BYTES:
        raise NotSent(f"That is too much for one message. Send at most {LONGEST:,} characters.", 413)
    data: FormData = await request.form(max_files=0, max_fields=most_fields)
    plain = [(name, value.replace("\x00", "")) for name, value in data.multi_items() if isinstance(value, str)]
    return Form(dict(plain), [value for name, value in plain if name == "option"])


def message_of(form: Form, zone: ZoneInfo) -> str:
    """The message: what a button sends, the answer that was ticked, or what was typed.

    Args:
        zone: of the times that are picked.

    Raises:
        NotSent: nothing was said, or too much.
    """
    if form["send"]:
        text = form["send"]
    elif form["times"]:
        posted, noticed = (_time(form[name], name, zone) for name in ("posted", "noticed"))
        if posted is None and noticed is None:
            raise NotSent("Give at least one of the two times, press 'Just now', or type when it was.")
        if posted and noticed and noticed < posted:
            raise NotSent("It cannot have been noticed before it was posted. Look at the two times again.")
        text = press_times(form["question"], posted, noticed, form["state"])
    elif form["question"]:
        if not form.options:
            raise NotSent("Pick what fits and send it again, or say below that you are not sure.")
        text = press_answer(form["question"], ",".join(form.options), form["state"])
    else:
        text = form["text"].strip()
    if not text:
        raise NotSent("There was nothing in the box. Say in a few words what happened.")
    if len(text) > LONGEST:
        raise NotSent(f"That is longer than {LONGEST:,} characters. Send the part that matters most.", 413)
    return text


def key_of(form: Form, text: str) -> str:
    """The key of a message: the same form with the same words is the same message.

    The words are part of it because a browser can go back to a form that was sent and say something else.

    Raises:
        NotSent: the form carries no key that we made.
    """
    if not _key.fullmatch(form["key"]):
        raise NotSent("This form is not complete. Load the page again and send it once more.", 400)
    return f"{form['key']}:{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:16]}"


def _time(text: str, name: str, zone: ZoneInfo) -> datetime | None:
    if not text:
        return None
    try:
        time = datetime.fromisoformat(text).replace(tzinfo=zone)
        ahead = time - datetime.now(UTC)
    except (ValueError, OverflowError) as error:
        raise NotSent(f"The time that it was {name} cannot be read. Write it such as 25/11/2026 21:20.") from error
    if ahead > FAST_CLOCK:
        raise NotSent(f"The time that it was {name} has not come yet. Look at its date again.")
    return min(time, datetime.now(UTC).astimezone(zone), key=datetime.timestamp)
