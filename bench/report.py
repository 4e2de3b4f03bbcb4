"""What was measured: printed at once, kept in `var/bench/results`, and put together in `docs/performance.md`."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from amends.settings import ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence

RESULTS = ROOT / "var" / "bench" / "results"
DOCUMENT = ROOT / "docs" / "performance.md"
TOP = """\
# Performance

How fast Amends is, and against what. `make bench` measures it all and writes this page; nothing here is written by
hand. Each figure that is compared was measured in the same run as what it is compared with, so that the machine does
not matter. Where a goal is missed, it says so.

"""


@dataclass
class Part:
    """One table: its rows, its ratios, and the goals with whether they are met."""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)
    ratios: list[tuple[str, str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def row(self, what: str, *values: float | str) -> None:
        """A line of the table."""
        self.rows.append((what, *(each if isinstance(each, str) else number(each) for each in values)))

    def ratio(self, what: str, value: float) -> None:
        """A ratio that has no goal."""
        self.ratios.append((what, f"{value:.2f}", ""))

    def goal(self, what: str, value: float, limit: float) -> None:
        """A ratio, or a figure, that is to be at most `limit`."""
        self.ratios.append((what, f"{value:.2f}", f"at most {limit:g}: {'yes' if value <= limit else '**no**'}"))

    def note(self, sentence: str) -> None:
        """What one has to know beside the figures."""
        self.notes.append(sentence)

    def lines(self) -> list[str]:
        """The part as Markdown."""
        lines = [f"| | {' | '.join(self.columns)} |", f"|---|{'---:|' * len(self.columns)}"]
        lines += [f"| {' | '.join(row)} |" for row in self.rows]
        if self.ratios:
            lines += ["", "| ratio | measured | goal |", "|---|---:|---|"]
            lines += [f"| {' | '.join(ratio)} |" for ratio in self.ratios]
        for note in self.notes:
            lines += ["", note]
        return lines


def number(value: float) -> str:
    """A figure with three digits that say something."""
    if isinstance(value, int) or value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def at(values: Sequence[float], percent: int) -> float:
    """A percentile."""
    return values[0] if len(values) == 1 else statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def keep(part: Part, words: str, *, whole: bool = True) -> None:
    """Print a part, and keep it for the document if it is the whole of it.

    Args:
        words: what the measure was called with.
    """
    print(f"\n{part.title}", *part.lines(), sep="\n", flush=True)
    if whole:
        RESULTS.mkdir(parents=True, exist_ok=True)
        kept = {
            **asdict(part),
            "command": f"python -m bench.{part.name} {words}".strip(),
            "when": datetime.now(UTC).isoformat(timespec="minutes"),
            "code": commit(),
            "machine": machine(),
        }
        file_of(part.name).write_text(json.dumps(kept, indent=1))
        write()


def file_of(name: str) -> Path:
    """Where a part is kept."""
    return RESULTS / f"{name}.json"


def write() -> None:
    """Write the document from all that is kept."""
    kept = [json.loads(file.read_text()) for file in sorted(RESULTS.glob("*.json"))]
    lines = [TOP.rstrip(), ""]
    for one in kept:
        made = {key: one[key] for key in ("name", "title", "columns", "rows", "ratios", "notes")}
        lines += [f"## {one['title']}", "", *Part(**made).lines(), ""]
        lines += [f"`{one['command']}`, {one['when'][:10]}, on {one['machine']}.", ""]
    DOCUMENT.write_text("\n".join(lines))


def machine() -> str:
    """The machine, without its name."""
    cores = len(os.sched_getaffinity(0))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    about = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in about if line.startswith("model name")), "")
    return f"{cores} cores ({model or platform.machine()}), {memory:.0f} GB, Linux {platform.release().split('-')[0]}"


def commit() -> str:
    """What the code is that is measured: the newest commit that changed it or the way it is measured."""
    git = ["git", "log", "-1", "--format=%h", "--", "amends", "actions", "bench", "data", "requirements", "*.yml"]
    return subprocess.run(git, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
