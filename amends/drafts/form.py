"""Links, names of accounts, hashtags and pictures in a draft. Pure."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from publicsuffixlist import PublicSuffixList

from amends.drafts.finding import Mark
from amends.drafts.vocabulary import words_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_link = re.compile(
    r"(?:https?|htt?ps?|htps?|http)(?::?/{0,3})(?=[\w\[])[^\s<>\"')\]]+|\bwww[.,][^\s<>\"')\]]+", re.IGNORECASE
)
_whole = re.compile(r"^(?:https?://|www\.)([\w.-]+)(?::\d+)?(?:[/?#].*)?$", re.IGNORECASE)
_bad_handle = re.compile(r"(?<![\w.])@(?: [\w.]+|[^\w\s][\w.-]*|\w+-[\w-]+|\w{31,})")
_hashtag = re.compile(r"(?<![\w&])#(\w{2,100})")
_picture = re.compile(
    r"\[(?:a |the )?(?:image|photo|picture|pic|poster|gif|graphic|infographic|video|meme|cartoon)\b[^\]]*\]|"
    r"\b(?:image|photo|picture|pic|poster|graphic|infographic)s? (?:is |are )?(?:attached|below|above)\b|\bscreenshot (?:\w+ ){0,4}below\b|"
    r"\bsee (?:the )?(?:poster|picture|photo|graphic|image)\b",
    re.IGNORECASE,
)
_alt = re.compile(r"\balt(?: ?text)?\s*[:=]|\bimage description\b|\bcaptions? (?:are |is )?included\b", re.IGNORECASE)
_SHORTENERS = frozenset(
    [
        "bit.ly",
        "tinyurl.com",
        "t.ly",
        "goo.gl",
        "ow.ly",
        "is.gd",
        "buff.ly",
        "rb.gy",
        "cutt.ly",
        "shorturl.at",
        "tiny.cc",
        "rebrand.ly",
        "t.co",
    ]
)
_ALIKE = (("rn", "m"), ("vv", "w"), ("0", "o"), ("1", "l"), ("i", "l"), ("-", ""))


def form_marks(text: str, hosts: Sequence[str], vocabulary: Mapping[str, int], *, picture: bool) -> Iterator[Mark]:
    """What is wrong with links, @names, hashtags and pictures.

    Args:
        text: the draft.
        hosts: domains that are the organisation's own.
        vocabulary: words, the common ones first: word -> its rank.
        picture: whether there is a picture with it.
    """
    for match in _link.finditer(text):
        what = _wrong_with(match[0].rstrip(".,;:!?"), hosts)
        if what:
            yield Mark("link", match.start(), match.end(), what)
    for match in _bad_handle.finditer(text):
        yield Mark("link", match.start(), match.end(), "no account can be called so")
    for match in _hashtag.finditer(text):
        split = words_in(match[1], vocabulary) if match[1] == match[1].lower() else ()
        if sum(word.isalpha() for word in split) > 1:
            better = "".join(word.capitalize() for word in split)
            yield Mark("hashtag", match.start(), match.end(), f"perhaps #{better}")
    if not _alt.search(text):
        shown = _picture.search(text)
        if shown:
            yield Mark("alt_text", shown.start(), shown.end())
        elif picture:
            yield Mark("alt_text", len(text), len(text), "the picture")


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=False)


def _wrong_with(link: str, hosts: Sequence[str]) -> str:
    """What is wrong with a link, in a few words; nothing if it looks right."""
    whole = _whole.match(link)
    if not whole:
        return "it is not a whole address"
    host = whole[1].lower().removesuffix(".")
    if host == "localhost" or _is_number(host):
        return "it leads to one machine only"
    if not host.isascii() or "xn--" in host:
        return "it has letters that can be mistaken for others"
    domain = _suffixes().privatesuffix(host)
    if domain is None:
        return f"there is no address that ends like {host}"
    if domain in _SHORTENERS:
        return "nobody can see where it leads"
    close = next((ours for ours in hosts if domain != ours and _alike(domain, ours)), None)
    return f"it looks like {close} and is not" if close else ""


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _alike(one: str, other: str) -> bool:
    """Whether one domain is a slip of the other: it ends alike, and its name differs by one slip or looks the same."""
    one, _, ending = one.partition(".")
    other, _, other_ending = other.partition(".")
    if ending != other_ending:
        return False
    if any(one.replace(seen, meant) == other.replace(seen, meant) for seen, meant in _ALIKE):
        return True
    return _one_slip(one, other) or _one_slip(other, one)


def _one_slip(one: str, other: str) -> bool:
    """Whether `other` is `one` with one letter too many, another letter, or two letters swapped."""
    at = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    swapped = one[at + 1 : at + 2] + one[at : at + 1] + one[at + 2 :]
    return other[at + 1 :] in {one[at:], one[at + 1 :]} or other[at:] == swapped
