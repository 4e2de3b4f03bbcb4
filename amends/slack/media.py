"""What kind of file something is, by its own bytes and by what it is said to be. Pure."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass

_STARTS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
)
_BRANDS = {
    "image/heic": {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"},
    "video/quicktime": {b"qt  "},
    "video/mp4": {b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"MSNV", b"dash"},
}
_OFFICE = {
    "word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
ARCHIVE = "application/zip"
TEXTS = {"text/plain": "txt", "message/rfc822": "eml", "text/html": "html"}
_TEXT_ENDINGS = {"txt": "text/plain", "text": "text/plain", "eml": "message/rfc822", "email": "message/rfc822"}
_TEXT_ENDINGS |= {"html": "text/html", "htm": "text/html", "markdown": "text/plain", "md": "text/plain"}
_ARCHIVES = (b"PK\x03\x04", b"PK\x05\x06", b"Rar!", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00")
_html = re.compile(rb"^\s*(<!--.*?-->\s*)*<(!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_MOST_PARTS = 5_000

NOT_KEPT = "{name} was not kept."
EMPTY = f"{NOT_KEPT} It is empty. Send it again, or a screenshot of it."
UNZIP = f"{NOT_KEPT} I do not open archives. Unpack it, and send the files that are in it one by one."
MACROS = f"{NOT_KEPT} It contains macros. Send it as a PDF, or a screenshot of it."
UNKNOWN = f"{NOT_KEPT} I keep pictures, PDFs, videos, texts, e-mails and Office files. Send a screenshot of it instead."
OTHER_THAN_SAID = f"{NOT_KEPT} It is not the kind of file that its name says. Send a screenshot of it instead."


class NotKept(ValueError):  # noqa: N818 - it reads as what it says
    """A file that is not kept. The message is a sentence for the person: why, and what to do; `reason` is short."""

    def __init__(self, sentence: str, reason: str) -> None:
        super().__init__(sentence)
        self.reason = reason


@dataclass(frozen=True)
class Said:
    """What a file is said to be: its name, its media type and the ending that Slack gives it."""

    name: str
    media_type: str
    ending: str


def media_type(content: bytes, said: Said) -> str:
    """The media type of a file, if it may be kept.

    Raises:
        NotKept: it may not, and what to do instead.
    """
    if not content:
        raise NotKept(EMPTY.format(name=said.name), "empty")
    found = _by_content(content, said)
    if found is None:
        raise NotKept(UNKNOWN.format(name=said.name), "kind of file")
    declared = _declared(said)
    if declared and _family(declared) != _family(found):
        raise NotKept(OTHER_THAN_SAID.format(name=said.name), f"said to be {declared}, is {found}")
    return found


def _by_content(content: bytes, said: Said) -> str | None:
    for start, name in _STARTS:
        if content.startswith(start):
            return name
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if content[4:8] == b"ftyp":
        brands = {content[8:12], *(content[n : n + 4] for n in range(16, min(_box(content), 64), 4))}
        return next((name for name, ours in _BRANDS.items() if content[8:12] in ours), None) or next(
            (name for name, ours in _BRANDS.items() if brands & ours), None
        )
    if content[:4] == b"\x1aE\xdf\xa3":
        return "video/webm" if b"webm" in content[:64] else None
    if content.startswith(b"PK\x03\x04"):
        return _office(content, said)
    if content.startswith(_ARCHIVES):
        raise NotKept(UNZIP.format(name=said.name), "archive")
    return _text(content, said)


def _box(content: bytes) -> int:
    return int.from_bytes(content[:4])


def _office(content: bytes, said: Said) -> str:
    """Which Office file a zip is; another zip is refused. Nothing is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = [part.filename for part in archive.infolist()[:_MOST_PARTS]]
    except (zipfile.BadZipFile, ValueError, RuntimeError) as error:  # the last: of a version that zipfile does not know
        raise NotKept(UNZIP.format(name=said.name), "archive") from error
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise NotKept(MACROS.format(name=said.name), "macros")
    kind = next((kind for folder, kind in _OFFICE.items() if any(name.startswith(folder) for name in names)), None)
    if kind is None or "[Content_Types].xml" not in names:
        raise NotKept(UNZIP.format(name=said.name), "archive")
    return kind


def _text(content: bytes, said: Said) -> str | None:
    """A text has no signature: it must read as one, and be said to be one."""
    start = content[:4096]
    wide = start.startswith((b"\xff\xfe", b"\xfe\xff"))
    if (b"\x00" in start and not wide) or sum(byte < 9 or 13 < byte < 32 for byte in start) > len(start) // 100:
        return None if not wide else _said_text(said)
    if _html.match(start):
        return "text/html"
    return _said_text(said)


def _said_text(said: Said) -> str | None:
    ending = said.name.rpartition(".")[2].lower()
    by_type = said.media_type if said.media_type in TEXTS else None
    return by_type or _TEXT_ENDINGS.get(said.ending.lower()) or _TEXT_ENDINGS.get(ending)


def _declared(said: Said) -> str:
    """The media type that a file is said to have; empty where nothing useful is said."""
    plain = said.media_type.partition(";")[0].strip().lower()
    return "" if plain in {"", "application/octet-stream", "binary/octet-stream"} else plain


def _family(kind: str) -> str:
    """Kinds that are often taken for one another, such as a PNG that is called JPEG."""
    main = kind.partition("/")[0]
    if main in {"image", "video"}:
        return main
    return "text" if main == "text" or kind == "message/rfc822" else kind
