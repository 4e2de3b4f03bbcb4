"""An account, or somebody, as a file or a form writes them: read field by field, with a sentence for what is wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal

from amends.accounts.naming import handle_of, platform_of
from amends.accounts.tables import label_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LONGEST_NAME = 80
LONGEST_HANDLE = 120
LONGEST_PLATFORM = 40
LONGEST_CONTACT = 120
OF_ACCOUNTS = ("platform", "handle", "called", "owner", "deputy", "keys", "two_factor", "last_checked")
OF_PEOPLE = ("name", "contact", "left_on", "away_until")

_person = re.compile(r"(?P<name>[^<>]*?)\s*(?:<(?P<contact>[^<>]*)>)?")
_contact = re.compile(r"[UW][A-Z0-9]{5,19}|[a-z]+:[\x21-\x7e]+")


class AccountsError(ValueError):
    """Something cannot be kept in the register as it was written. The message is a sentence for whoever wrote it."""


@dataclass(frozen=True)
class Named:
    """Somebody as a file or a form names them: 'Ada Lovelace', or 'Ada Lovelace <U012ABCDEF>'."""

    name: str
    contact: str = ""


@dataclass(frozen=True)
class AccountRow:
    """An account as it was written. None where a file has no such column: that stays as it is."""

    platform: str
    handle: str
    called: tuple[str, ...] | None = None
    owner: Named | Literal["nobody"] | None = None
    deputy: Named | Literal["nobody"] | None = None
    keys: tuple[Named, ...] | None = None
    two_factor: str | None = None
    checked_on: date | None = None

    @property
    def key(self) -> str:
        """What names it in the register."""
        return f"{self.platform} {self.handle}".casefold()

    @property
    def label(self) -> str:
        """What it is called in a sentence."""
        return label_of(self.platform, self.handle)


@dataclass(frozen=True)
class PersonRow:
    """Somebody as a file has them. `dated` are the columns of dates that it has: an empty cell takes a date away."""

    person: Named
    left_on: date | None = None
    away_until: date | None = None
    dated: frozenset[str] = frozenset()


def account_row(fields: Mapping[str, str], today: date) -> AccountRow:
    """An account from its fields, by the names of the columns; a form sends the same ones.

    Raises:
        AccountsError: one of them cannot be read.
    """
    platform, handle = platform_of(fields.get("platform", "")), handle_of(fields.get("handle", ""))
    _limited("platform", platform, LONGEST_PLATFORM)
    _limited("handle", handle, LONGEST_HANDLE)
    if not platform or not handle:
        raise AccountsError(f"The {'handle' if platform else 'platform'} is missing.")

    def given(name: str, read: Callable[[str], object]) -> object:
        return read(fields[name]) if name in fields else None

    row = {
        "called": given("called", _called),
        "owner": given("owner", lambda text: person_of(text) if text else "nobody"),
        "deputy": given("deputy", lambda text: person_of(text) if text else "nobody"),
        "keys": given("keys", lambda text: tuple(dict.fromkeys(person_of(each) for each in _several(text)))),
        "two_factor": given("two_factor", _yes_or_no),
        "checked_on": given("last_checked", lambda text: _day("last_checked", text, today)),
    }
    return AccountRow(platform, handle, **row)  # type: ignore[arg-type]


def person_row(fields: Mapping[str, str]) -> PersonRow:
    """Somebody from their fields.

    Raises:
        AccountsError: one of them cannot be read.
    """
    named = person_of(fields.get("name", ""))
    contact = contact_of(fields.get("contact", "")) or named.contact
    dated = frozenset({"left_on", "away_until"} & set(fields))
    left_on = _day("left_on", fields.get("left_on", ""), None)
    away_until = _day("away_until", fields.get("away_until", ""), None)
    return PersonRow(Named(named.name, contact), left_on, away_until, dated)


def person_of(text: str) -> Named:
    """Somebody by name, and how they are reached if it stands behind it.

    Raises:
        AccountsError: there is no name, or it cannot be one.
    """
    found = _person.fullmatch(" ".join(text.split()).lstrip("'"))
    name = found["name"].strip() if found else ""
    if found is None or not name or not name.isprintable():
        raise AccountsError(
            f'"{text[:60]}" is no name. Write it like this: Ada Lovelace, or Ada Lovelace <U012ABCDEF>.'
        )
    _limited("name", name, LONGEST_NAME)
    return Named(name, contact_of(found["contact"] or ""))


def contact_of(text: str) -> str:
    """How somebody is reached: a Slack user id, or the id that their page in the desk shows; empty for nothing.

    Raises:
        AccountsError: it is neither.
    """
    plain = text.strip().rstrip(".,;")  # copied out of a sentence
    if plain and (not _contact.fullmatch(plain) or len(plain) > LONGEST_CONTACT):
        raise AccountsError(
            f'"{plain[:60]}" says not how somebody is reached. Write their Slack user id, which begins with U, or the '
            "id that stands on their page 'You'."
        )
    return plain


def _several(text: str) -> list[str]:
    return [part.strip() for part in re.split(r"[;\n|]", text) if part.strip()]


def _called(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(" ".join(each.split()) for each in _several(text)))
    short = [each for each in names if len(each) < 3]
    if short:
        raise AccountsError(f'"{short[0]}" is too short for what people call it: it would be found in every text.')
    for each in names:
        _limited("called", each, LONGEST_HANDLE)
    return names


def _yes_or_no(text: str) -> str:
    said = text.casefold()
    if said in {"", "unknown", "?"}:
        return ""
    if said in {"yes", "y", "on", "true", "1"}:
        return "yes"
    if said in {"no", "n", "off", "false", "0"}:
        return "no"
    raise AccountsError(f'Two factor is "{text[:20]}". Write yes or no, or leave it empty when nobody knows.')


def _day(name: str, text: str, today: date | None) -> date | None:
    if not text:
        return None
    for form in ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y"):
        try:
            day = datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
        if today is not None and day > today:
            raise AccountsError(f"{_cap(name)} is {text}, which has not come yet.")
        return day
    raise AccountsError(f'{_cap(name)} is "{text[:20]}". Write the date like this: 2026-11-28.')


def _limited(name: str, text: str, most: int) -> None:
    if len(text) > most:
        raise AccountsError(f"{_cap(name)} has more than {most} characters.")
    if not text.isprintable():
        raise AccountsError(f"{_cap(name)} has signs in it that cannot be shown.")


def _cap(name: str) -> str:
    return name.replace("_", " ").capitalize()
