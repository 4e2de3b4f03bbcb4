"""The small rules that the strict checker is put together from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterator


class Refused(ValueError):  # noqa: N818 - it reads as what it says
    """Slack would not take this: its error code, where, and why."""

    def __init__(self, pointer: str, reason: str, error: str = "invalid_blocks") -> None:
        super().__init__(f"{error}: {reason} [json-pointer:{pointer}]")
        self.pointer = pointer
        self.reason = reason
        self.error = error


def refuse(pointer: str, reason: str, error: str = "invalid_blocks") -> NoReturn:
    raise Refused(pointer, reason, error)


def fields_of(value: Any, pointer: str, *, required: set[str], allowed: set[str]) -> None:
    """An object with these fields and no others."""
    if not isinstance(value, dict):
        refuse(pointer, "has to be an object")
    for name in sorted(required - set(value)):
        refuse(f"{pointer}/{name}", "is missing")
    for name in sorted(set(value) - allowed):
        refuse(f"{pointer}/{name}", "there is no such field here")


def string(value: Any, pointer: str, most: int, *, least: int = 1) -> None:
    """A text of so many characters."""
    if not isinstance(value, str):
        refuse(pointer, "has to be a text")
    if not least <= len(value) <= most:
        refuse(pointer, f"has {len(value)} characters, has to have {least} to {most}")


def flag(value: Any, pointer: str) -> None:
    if not isinstance(value, bool):
        refuse(pointer, "has to be true or false")


def number_of(value: Any, pointer: str, most: int, *, least: int = 1) -> None:
    """A list of so many things."""
    if not isinstance(value, list):
        refuse(pointer, "has to be a list")
    if not least <= len(value) <= most:
        refuse(pointer, f"has {len(value)} items, has to have {least} to {most}")


def text_object(value: Any, pointer: str, most: int, *, plain: bool = False) -> None:
    """A text object; with `plain` it has to be plain_text."""
    if not isinstance(value, dict):
        refuse(pointer, "has to be a text object")
    kind = value.get("type")
    if kind not in ("plain_text", "mrkdwn"):
        refuse(f"{pointer}/type", f"there is no text of type {kind!r}")
    if plain and kind != "plain_text":
        refuse(f"{pointer}/type", "has to be plain_text")
    own = {"emoji"} if kind == "plain_text" else {"verbatim"}
    fields_of(value, pointer, required={"type", "text"}, allowed={"type", "text"} | own)
    string(value["text"], f"{pointer}/text", most)
    if not value["text"].strip():
        refuse(f"{pointer}/text", "is blank")
    for name in own & set(value):
        flag(value[name], f"{pointer}/{name}")


def confirmation(value: Any, pointer: str, surface: str) -> None:
    """A confirm dialogue; in a modal it makes the modal disappear, so there it is refused."""
    if surface == "modal":
        refuse(pointer, "a confirmation inside a modal loses the modal")
    fields_of(
        value,
        pointer,
        required={"title", "text", "confirm", "deny"},
        allowed={"title", "text", "confirm", "deny", "style"},
    )
    text_object(value["title"], f"{pointer}/title", 100, plain=True)
    text_object(value["text"], f"{pointer}/text", 300)
    text_object(value["confirm"], f"{pointer}/confirm", 30, plain=True)
    text_object(value["deny"], f"{pointer}/deny", 30, plain=True)
    style(value, pointer)


def style(value: dict[str, Any], pointer: str) -> None:
    if "style" in value and value["style"] not in ("primary", "danger"):
        refuse(f"{pointer}/style", "has to be 'primary' or 'danger'")


def strings_in(value: Any) -> Iterator[str]:
    """All texts and values in blocks; the names of types are not counted."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from strings_in(one)
    elif isinstance(value, dict):
        for name, one in value.items():
            if name != "type":
                yield from strings_in(one)
