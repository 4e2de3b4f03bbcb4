"""The fake in a thread of the test's own process, or in another process."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from tests.slack.fake.core import Core
from tests.slack.fake.driver import Driver
from tests.slack.fake.permissions import Permissions
from tests.slack.fake.seen import NotPossible, pack, unpack
from tests.slack.fake.serving import Serving
from tests.waiting import LONGEST

ROOT = Path(__file__).resolve().parents[3]


class FakeSlack(Driver):
    """Slack in a thread of this process; also a context manager."""

    def __init__(self, manifest: Mapping[str, Any] | Path | None = None) -> None:
        """`manifest`: a manifest or its file; without one the project's manifest.yml, if it is there."""
        super().__init__()
        permissions = Permissions(dict(manifest)) if isinstance(manifest, Mapping) else None
        if permissions is None:
            permissions = Permissions.read(manifest) if isinstance(manifest, Path) else Permissions.read()
        self._core = Core(permissions)
        self._serving = Serving(self._core)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fake slack", daemon=True)

    def start(self, port: int = 0) -> Self:
        """Starts serving; from here on `api_url` is known."""
        self._thread.start()
        self.url = self._run(self._serving.start(port))
        return self

    def stop(self) -> None:
        if self._thread.is_alive():
            self._run(self._end())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
        self._loop.close()

    async def _end(self) -> None:
        """Stops, and what is still being answered with it."""
        await self._serving.stop()
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for each in rest:
            each.cancel()
        await asyncio.gather(*rest, return_exceptions=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(2 * LONGEST)

    def ask(self, name: str, *args: Any, **kwargs: Any) -> Any:
        assert self._thread.is_alive(), "start it first"
        return self._run(self._serving.do(name, *args, **kwargs))


class RemoteSlack(Driver):
    """Slack in another process, so that it outlives those that a test kills."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url.rstrip("/")
        self._process: subprocess.Popen[str] | None = None

    @classmethod
    def launch(cls, port: int = 0, manifest: Path | None = None) -> RemoteSlack:
        """Starts `python -m tests.slack.fake` and waits until it serves."""
        command = [sys.executable, "-m", "tests.slack.fake", "--port", str(port)]
        command += ["--manifest", str(manifest)] if manifest else []
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert process.stdout is not None
        slack = cls(process.stdout.readline().strip())
        slack._process = process
        assert slack.url, "the fake Slack did not start"
        return slack

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(LONGEST)
            assert self._process.stdout is not None
            self._process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def ask(self, name: str, *args: Any, **kwargs: Any) -> Any:
        body = json.dumps({"name": name, "args": pack(list(args)), "kwargs": pack(kwargs)}).encode()
        request = urllib.request.Request(f"{self.url}/control", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=2 * LONGEST) as response:
            answer = json.load(response)
        if "not_possible" in answer:
            raise NotPossible(answer["not_possible"])
        return unpack(answer["result"])
