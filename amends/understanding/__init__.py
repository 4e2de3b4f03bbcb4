"""What people mean: facts out of free text, answers, corrections, times. Pure, offline, no language model.

The names below are loaded when they are used: Rasa's environment loads `amends.understanding.encoder` from
this package, and has none of the libraries that the rest of it needs.
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from amends.understanding.reading import AnswerReading, Fact, Reading, Understanding
    from amends.understanding.times import TimeError, find_time, read_time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy is loaded; see docs/decisions.md

__all__ = ["AnswerReading", "Fact", "Reading", "TimeError", "Understanding", "find_time", "read_time"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"amends.understanding has no {name}")
    module = "times" if name in ("TimeError", "find_time", "read_time") else "reading"
    return getattr(import_module(f"amends.understanding.{module}"), name)
