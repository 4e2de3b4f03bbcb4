"""`make audit`: the known advisories of what is locked, held against those that were accepted with a reason.

pip-audit asks where advisories are published. What it says is judged here: an advisory that nobody accepted, or whose
day of review has passed, is a fault; that nothing could be looked up is said, and is never taken for "nothing found".
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from amends.ops import CannotRun

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("desk", "bot")
ACCEPTED = ROOT / "requirements" / "accepted.yml"
LONGEST = 600
"""Seconds that one lock may take."""
SOURCES = ("pypi", "osv")
"""Where pip-audit asks, one after the other when the first does not answer."""
NO_ALL_CLEAR = (
    "This is no all-clear. Advisories are asked for at the Python Package Index, then at Open Source Vulnerabilities: "
    "run it again where one of them can be reached."
)


class Accepted(BaseModel):
    """An advisory that we live with."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(min_length=5)
    lock: str
    package: str
    reason: str = Field(min_length=20)
    review: date
    """Until this day it counts; then somebody looks again."""


@dataclass(frozen=True)
class Verdict:
    """What is to be said of one lock, a sentence each."""

    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    unknown: str = ""
    """Why nothing, or not everything, could be looked up."""


def read_accepted(text: str) -> tuple[Accepted, ...]:
    """The accepted advisories.

    Raises:
        CannotRun: the file is not as it has to be.
    """
    try:
        return tuple(TypeAdapter(list[Accepted]).validate_python(yaml.safe_load(text) or []))
    except (ValidationError, yaml.YAMLError) as error:
        raise CannotRun(f"requirements/accepted.yml cannot be used: {error}") from error


def judge(lock: str, report: Mapping[str, Any], accepted: Sequence[Accepted], today: date) -> Verdict:
    """Hold what pip-audit reports of a lock against what was accepted.

    Args:
        lock: its name.
        report: pip-audit's JSON.
        today: accepted advisories count up to their day of review.
    """
    packages = report["dependencies"]
    mine = [each for each in accepted if each.lock == lock]
    faults, met = [], set()
    for package in packages:
        for found in package.get("vulns", ()):
            names = {found["id"], *found.get("aliases", ())}
            one = next((each for each in mine if each.id in names and each.package == package["name"]), None)
            what = f"{package['name']} {package['version']} ({lock}): {found['id']}"
            if one is None:
                better = ", ".join(found.get("fix_versions", ())) or "no version yet"
                faults.append(f"{what} is not accepted. It is mended in: {better}.")
            else:
                met.add(one.id)
                if one.review < today:
                    faults.append(
                        f"{what} was accepted until {one.review}. Look again, and change the date or the lock."
                    )
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    if len(skipped) == len(packages):
        return Verdict(unknown=f"No advisory of the lock {lock} could be looked up, so nothing is known of it.")
    unknown = f"Of the lock {lock}, these could not be looked up: {', '.join(skipped)}." if skipped else ""
    notes = [
        f"{each.id} ({lock}) is accepted and was not met. Take it off the list." for each in mine if each.id not in met
    ]
    return Verdict(tuple(faults), tuple(notes), unknown)


def ask(lock: Path) -> dict[str, Any] | None:
    """What pip-audit reports of a lock; None if none of the sources answers."""
    for source in SOURCES:
        command = [
            "-r",
            str(lock),
            "--disable-pip",
            "--no-deps",
            "-f",
            "json",
            "-s",
            source,
            "--progress-spinner",
            "off",
        ]
        try:
            run = subprocess.run(  # noqa: S603 - fixed words and a path of this project
                [sys.executable, "-m", "pip_audit", *command],
                capture_output=True,
                text=True,
                timeout=LONGEST,
                check=False,
            )
            report: dict[str, Any] = json.loads(run.stdout)
        except (subprocess.TimeoutExpired, ValueError):
            continue
        if any("skip_reason" not in package for package in report["dependencies"]):
            return report
    return None


def main() -> int:
    """Look at both locks: 0 when all is accepted, 1 when something is not, 2 when it could not be looked up."""
    try:
        accepted = read_accepted(ACCEPTED.read_text("utf-8"))
    except CannotRun as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    worst, unknown = 0, False
    for lock in LOCKS:
        report = ask(ROOT / "requirements" / f"{lock}.txt")
        verdict = judge(lock, report or {"dependencies": []}, accepted, datetime.now(UTC).date())
        for sentence in (*verdict.faults, *verdict.notes, *filter(None, [verdict.unknown])):
            print(sentence)  # noqa: T201
        code = 1 if verdict.faults else 2 if verdict.unknown else 0
        worst, unknown = max(worst, code), unknown or bool(verdict.unknown)
        if not code:
            print(f"Nothing is known against the lock {lock} that is not accepted.")  # noqa: T201
    if unknown:
        print(NO_ALL_CLEAR)  # noqa: T201
    return worst


if __name__ == "__main__":
    raise SystemExit(main())
