"""A clock of its own for a process, which can be put forward and back while it runs. Durations are not touched."""

from importlib.util import find_spec
from pathlib import Path


class Clock:
    """What `environment` names has to be in the process's environment; `moves` is seen by it at once."""

    def __init__(self, file):
        self._file = file
        self.is_right()
        self.environment = {
            "LD_PRELOAD": str(_library()),
            "FAKETIME_TIMESTAMP_FILE": str(file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    def moves(self, seconds):
        """So many seconds before or behind what it would be."""
        # A new file takes the place of the old one: the process reads the file whenever it asks for the time.
        new = self._file.with_suffix(".new")
        new.write_text(f"{seconds:+.1f}\n")
        new.replace(self._file)

    def is_right(self):
        self.moves(0)


def _library():
    package = find_spec("libfaketime")
    assert package is not None
    return next(Path(package.origin).parent.rglob("libfaketime.so.1"))
