"""What people mean: facts out of free text, answers, corrections, times. Pure, offline, no language model.

The names below are loaded when they are used: Rasa's environment loads `amends.understanding.encoder` from
this package, and has none of the libraries that the rest of it needs.
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from amends.understanding.examples import load_examples
    from amends.understanding.reading import AnswerReading, Fact, Reading, Understanding
    from amends.understanding.times import TimeError, find_time, read_time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy is loaded; see docs/decisions.md

__all__ = ["AnswerReading", "Fact", "Reading", "TimeError", "Understanding", "find_time", "load_examples", "read_time"]
_HOME = {"TimeError": "times", "find_time": "times", "read_time": "times", "load_examples": "examples"}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"amends.understanding has no {name}")
    module = _HOME.get(name, "reading")
    return getattr(import_module(f"amends.understanding.{module}"), name)
