"""Which of the official accounts a text names: by handle, by address, by what people call them. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from amends.understanding import texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from amends.accounts.tables import OfficialAccount

X = "Twitter / X"
DISTINCT = 10
"""A handle of so many letters is no word of a sentence, and counts without an @ as well."""
_END = r"(?!\w|[.\-]\w)"
_ON_X = re.compile(r"\b(?:on|our) x\b|\bx account\b|\bx\.com/", re.IGNORECASE)
_PLACE = r"(?:\s+(?:account|page|channel|feed|profile|site))"


def platform_of(text: str) -> str:
    """The usual name of a platform, however it is written; what is not known stays as it is."""
    plain = " ".join(text.split())
    if plain.casefold() in {"x", "x.com", "twitter/x", "x (twitter)", X.casefold()}:
        return X
    found = texts.platforms(plain)
    return found[0] if len(found) == 1 else plain


def handle_of(text: str) -> str:
    """The handle of an account, without @, out of what was typed; of an address its last part."""
    plain = " ".join(text.split()).lstrip("'").strip()
    if re.match(r"https?://|www\.", plain):
        path = plain.split("?")[0].rstrip("/")
        parts = re.sub(r"^https?://", "", path).split("/")
        plain = parts[-1] if len(parts) > 1 else parts[0]
    return plain.removeprefix("@").strip()


def named_in(accounts: Sequence[OfficialAccount], text: str) -> list[OfficialAccount]:
    """The accounts that a text names, in the order of the register.

    What somebody quotes is not looked at. Where one handle is used on several platforms and the text says on which,
    only that account is named. "Our Twitter" names the one account that there is on Twitter, when there is only one.
    """
    own = texts.without_quotations(texts.clean(text))
    said = {*texts.platforms(own), *([X] if _ON_X.search(own) else ())}
    found = [each for each in accounts if _is_named(each, own)]
    found = [each for each in found if not _is_other_platform(each, found, said)]
    there = {each.platform for each in found}
    only = [each for each in _alone(accounts) if each.platform in said - there and _is_ours(each.platform, own)]
    return [each for each in accounts if each in found or each in only]


def speaks_of(text: str, name: str) -> bool:
    """Whether a text speaks of somebody: by their whole name, or by a part of it as names are written.

    A part in small letters is none, as many names are words: grace, mark, rose.
    """
    parts = name.split()
    whole = r"\s+".join(map(re.escape, parts))
    one = "|".join(re.escape(part) for part in parts if len(part) > 1 and part[0].isupper())
    patterns = [rf"(?i:{whole})" if whole else "", one]
    return any(re.search(rf"(?<![\w@])(?:{each})(?!\w)", text) for each in patterns if each)


def _is_named(account: OfficialAccount, text: str) -> bool:
    handle = re.escape(account.handle).replace(r"\ ", r"\s+")
    patterns = [rf"(?<![\w@.])@{handle}{_END}", rf"[\w\-]\.\w+/(?:[\w\-]+/)?@?{handle}{_END}"]
    if _is_distinct(account.handle):
        patterns.append(rf"(?<![\w@./\-]){handle}{_END}")
    patterns += [rf"(?<!\w){re.escape(name)}(?!\w)".replace(r"\ ", r"\s+") for name in account.names]
    return any(re.search(each, text, re.IGNORECASE) for each in patterns)


def _is_distinct(handle: str) -> bool:
    """Whether a handle, written without @, can be nothing but a handle."""
    return " " in handle or bool(re.search(r"[\d_.]", handle)) or len(handle) >= DISTINCT


def _is_other_platform(account: OfficialAccount, found: Iterable[OfficialAccount], said: set[str]) -> bool:
    """Whether a text means the account of the same handle on another platform, because it says so."""
    same = {each.platform for each in found if each.handle.casefold() == account.handle.casefold()}
    return bool(same & said) and account.platform not in said


def _alone(accounts: Sequence[OfficialAccount]) -> list[OfficialAccount]:
    """The accounts that are the only one on their platform."""
    platforms = [each.platform for each in accounts]
    return [each for each in accounts if platforms.count(each.platform) == 1]


def _is_ours(platform: str, text: str) -> bool:
    """Whether a text speaks of our account on a platform: 'our Twitter', 'the official Facebook page'."""
    pattern = r"x|" + texts.PLATFORMS[platform] if platform == X else texts.PLATFORMS.get(platform)
    if pattern is None:
        return False
    ours = rf"\bour\s+(?:\w+\s+){{0,2}}?(?:{pattern})\b"
    the = rf"\b(?:the|an?)\s+(?:official|main|corporate|work|council|uni|university|school|trust)\s+(?:{pattern})\b"
    page = rf"\bthe\s+(?:{pattern}){_PLACE}\b"
    return any(re.search(each, text, re.IGNORECASE) for each in (ours, the, page))
