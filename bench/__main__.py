"""Measure everything, one part after the other, and write `docs/performance.md`: `make bench`.

    python -m bench [--short] [--again]

A part that was measured in the same way with the same code is not measured again, unless `--again` says so: whoever was
interrupted goes on where it was. `--short` takes about 25 minutes; the whole takes some hours and needs 20 GB of disk.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from time import perf_counter

from amends.settings import ROOT
from bench import peers
from bench.report import commit, file_of

WHOLE = {
    "turns": "--rounds 300 --seed 1",
    "starting": "--times 5",
    "crowd": "--seconds 40 --most 128",
    "slack_ack": "--seconds 60 --rates 10,50,200",
    "growth": "--entries 1000,10000,100000,1000000,12000000 --rounds 100",
}
"""Each part, and how it is called."""
SHORT = {
    "turns": "--rounds 60 --seed 1",
    "starting": "--times 3",
    "crowd": "--seconds 12 --most 32",
    "slack_ack": "--seconds 10 --rates 10,50,200",
    "growth": "--entries 1000,10000,100000,1000000 --rounds 40",
}


def main() -> None:
    """Measure what is not measured yet; exit code 1 when a part could not be measured."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--again", action="store_true")
    asked = parser.parse_args()
    peers.stock()
    peers.form()
    failed = []
    for name, words in (SHORT if asked.short else WHOLE).items():
        command = f"python -m bench.{name} {words}"
        if not asked.again and _is_measured(name, command):
            print(f"{name} is measured already.", flush=True)
            continue
        print(f"\n{command}", flush=True)
        began = perf_counter()
        ran = subprocess.run([sys.executable, "-m", f"bench.{name}", *words.split()], cwd=ROOT, check=False)
        print(f"{name} took {(perf_counter() - began) / 60:.0f} minutes.", flush=True)
        if ran.returncode:
            failed.append(name)
    if failed:
        sys.exit(f"Could not be measured: {', '.join(failed)}. Run it again to go on with these.")
    print("docs/performance.md is written.")


def _is_measured(name: str, command: str) -> bool:
    file = file_of(name)
    kept = json.loads(file.read_text()) if file.exists() else {}
    return (kept.get("command"), kept.get("code")) == (command, commit())


if __name__ == "__main__":
    main()
