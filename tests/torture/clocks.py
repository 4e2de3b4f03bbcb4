"""A process that is started with a clock that is wrong. Durations are not touched."""

from importlib.util import find_spec
from pathlib import Path

NAMES = ("LD_PRELOAD", "FAKETIME", "FAKETIME_DONT_FAKE_MONOTONIC", "FAKETIME_FORCE_MONOTONIC_FIX")
"""The last one is for an old library of C: with a newer one, each wait of a thread for another takes milliseconds."""


def ahead(seconds):
    """What has to be in a process's environment, for a clock that is so many seconds ahead, or behind.

    A clock could be moved while the process runs, too; but libfaketime then costs a busy process most of its time.
    """
    package = find_spec("libfaketime")
    assert package is not None
    library = next(Path(package.origin).parent.rglob("libfaketime.so.1"))
    return dict(zip(NAMES, (str(library), f"{seconds:+}", "1", "0"), strict=True))
