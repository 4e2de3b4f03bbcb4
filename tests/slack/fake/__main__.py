"""The fake Slack as a process: prints its address, and serves until it is told to stop."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from tests.slack.fake.core import Core
from tests.slack.fake.permissions import MANIFEST, Permissions
from tests.slack.fake.serving import Serving


async def serve(port: int, manifest: Path) -> None:
    serving = Serving(Core(Permissions.read(manifest)))
    url = await serving.start(port)
    sys.stdout.write(f"{url}\n")
    sys.stdout.flush()
    stopped = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, stopped.set)
    await stopped.wait()
    await serving.stop()


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--port", type=int, default=0)
    asked.add_argument("--manifest", type=Path, default=MANIFEST)
    given = asked.parse_args()
    asyncio.run(serve(given.port, given.manifest))
