"""What the processes write into their logs: lines for people, or JSON for those who gather logs. Never people's words.

The text of an error can hold what somebody wrote, so that only its kind and its place get into a log.
"""

from __future__ import annotations

import json
import logging
import traceback
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from types import TracebackType

Kind = Literal["text", "json"]

TALKATIVE = ("alembic", "asyncio", "fontTools", "httpx", "rasa_sdk", "sanic", "slack_bolt", "slack_sdk", "weasyprint")
"""Libraries that say at each step what they do, and with what."""
FIELDS = "amends_fields"
"""The attribute of a record that holds what JSON has as fields of its own: `extra={FIELDS: {...}}`."""

_ExcInfo = tuple[type[BaseException], BaseException, "TracebackType | None"] | tuple[None, None, None]


def set_up(kind: Kind, part: str) -> None:
    """Have everything that is logged in this process written to standard error.

    Args:
        part: which process this is: desk, actions.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(_Json(part) if kind == "json" else _Text())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


class _Text(logging.Formatter):
    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatException(self, ei: _ExcInfo) -> str:  # noqa: N802 - as logging calls it
        return _places(ei)


class _Json(logging.Formatter):
    """One object a line: `at`, `level`, `part`, `logger`, `message`, and the fields that a record brings."""

    def __init__(self, part: str) -> None:
        super().__init__()
        self._part = part

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "part": self._part,
            "process": record.process,
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, FIELDS, {}),
        }
        if record.exc_info:
            line["error"] = _places(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def _places(error: _ExcInfo) -> str:
    """Kind of an error and the places that it came through, outermost first; not what it says."""
    kind, _, trace = error
    places = [f"{each.filename.rpartition('/')[2]}:{each.lineno}" for each in traceback.extract_tb(trace)]
    return f"{kind.__name__ if kind else 'error'} at {', '.join(places)}"
