"""What the check of drafts finds, and what it finds where nothing is: writes `docs/drafts.md` below its line.

    python -m bench.drafts [--show]

The texts are in tests/drafts/texts; docs/drafts.md says when each set was written. `--show` prints each draft where it
was wrong.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from time import perf_counter

import yaml

from amends.drafts import Draft, Finding, check, load_knowledge
from amends.drafts.meaning import PERHAPS
from amends.settings import CACHE, ROOT
from amends.understanding.encoder import load_encoder
from amends.understanding.texts import quotations

TEXTS = ROOT / "tests" / "drafts" / "texts"
DOCUMENT = ROOT / "docs" / "drafts.md"
LINE = "<!-- Below: written by `python -m bench.drafts`. -->\n"
LATER = ("second", "third", "fourth", "fifth")
"""The sets that were written after the rules."""
NOW = datetime(2026, 8, 19, 12, tzinfo=UTC)
"""A day far from every anniversary and election: the words alone are measured."""


@dataclass
class Counted:
    """How often each kind was looked for, found, and found where it is not."""

    drafts: int = 0
    with_something: int = 0
    wanted: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    false: Counter[str] = field(default_factory=Counter)


class Checker:
    """The check as it ships, with two domains that are ours; notes how long each draft took."""

    def __init__(self) -> None:
        shipped = load_knowledge(ROOT / "data" / "drafts", load_encoder(CACHE), CACHE)
        ours = shipped.organisation.model_copy(update={"hosts": ("example.ac.uk", "example.com")})
        self.knowledge = replace(shipped, organisation=ours)
        self.seconds: list[float] = []

    def __call__(self, text: str, *, rules: bool = False) -> list[Finding]:
        """The findings in one draft for an official account; with `rules`, by rules alone."""
        began = perf_counter()
        report = check(Draft(text), self.knowledge, NOW)
        self.seconds.append(perf_counter() - began)
        return [finding for finding in report.findings if not (rules and finding.what == PERHAPS)]


def risky(name: str, checker: Checker, *, show: bool = False, rules: bool = False) -> Counted:
    """Drafts with something wrong; with `rules`, what sentences mean is left out."""
    counted = Counted()
    for row in yaml.safe_load((TEXTS / f"risky{name}.yml").read_text(encoding="utf-8"))["drafts"]:
        wanted, also = set(row["kinds"]), set(row.get("also", ()))
        found = {finding.kind for finding in checker(row["text"], rules=rules)}
        counted.drafts += 1
        counted.with_something += bool(found & wanted)
        counted.wanted.update(wanted)
        counted.found.update(wanted & found)
        counted.false.update(found - wanted - also)
        if show and (wanted - found or found - wanted - also):
            print(f"{row['text']}\n  missed {wanted - found or ''}; false {found - wanted - also or ''}")
    return counted


def harmless(name: str, checker: Checker, *, show: bool = False, rules: bool = False) -> Counted:
    """Posts with nothing wrong: every finding is a false alarm."""
    counted = Counted()
    for text in (TEXTS / f"harmless{name}.txt").read_text(encoding="utf-8").splitlines():
        found = checker(text, rules=rules)
        counted.drafts += 1
        counted.with_something += bool(found)
        counted.false.update({finding.kind for finding in found})
        if show and found:
            print(f"{text}\n  false alarm: {[(finding.kind, finding.words) for finding in found]}")
    return counted


def quoted(checker: Checker, *, show: bool) -> tuple[int, int]:
    """The words at issue that the known cases quote: how many there are, and in how many something is found."""
    texts: list[str] = []
    for file in sorted((ROOT / "data" / "cases").glob("*.yml")):
        for case in yaml.safe_load(file.read_text(encoding="utf-8"))["cases"].values():
            texts += [words for words in quotations(str(case["what_happened"])) if len(words.split()) >= 3]
    found = [bool(checker(words)) for words in texts]
    if show:
        print("Quoted in cases, nothing found:", [words for words, hit in zip(texts, found, strict=True) if not hit])
    return len(texts), sum(found)


def starting() -> list[float]:
    """Seconds that `amends draft check` takes as a whole, from the start of the process, three times."""
    taken = []
    for _ in range(3):
        began = perf_counter()
        command = [sys.executable, "-m", "amends.cli", "draft", "check", "--json"]
        subprocess.run(command, input=b"Our library is open.", cwd=ROOT, check=False, capture_output=True)
        taken.append(perf_counter() - began)
    return taken


def main() -> None:
    """Measure, print, and write the document."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--show", action="store_true")
    show: bool = parser.parse_args().show
    checker = Checker()
    checker("Warm up #thinkbeforeyoupost https://www.example.ac.uk 07700 900123")
    checker.seconds.clear()
    sets: dict[str, tuple[Counted, Counted]] = {}
    for title, name in {"first": "", **{each: f"_{each}" for each in LATER}}.items():
        sets[title] = (risky(name, checker, show=show), harmless(name, checker, show=show))
        sets[f"{title}, rules alone"] = (risky(name, checker, rules=True), harmless(name, checker, rules=True))
    cases, in_cases = quoted(checker, show=show)
    text = "\n".join(_tables(sets, (cases, in_cases), checker.seconds, starting()))
    print(text)
    above = DOCUMENT.read_text(encoding="utf-8").partition(LINE)[0]
    DOCUMENT.write_text(f"{above}{LINE}\n{text}\n", encoding="utf-8")


def _tables(
    sets: dict[str, tuple[Counted, Counted]], cases: tuple[int, int], seconds: list[float], started: list[float]
) -> list[str]:
    lines = [
        (
            "| texts | wrong drafts | with a right finding | kinds looked for | found | false findings "
            "| harmless posts | with a false alarm |\n|---|---|---|---|---|---|---|---|"
        ),
    ]
    for title, (bad, good) in sets.items():
        found, wanted = bad.found.total(), bad.wanted.total()
        lines.append(
            f"| {title} | {bad.drafts} | {_part(bad.with_something, bad.drafts)} | {wanted} | {_part(found, wanted)} | "
            f"{bad.false.total()} | {good.drafts} | {_part(good.with_something, good.drafts)} |"
        )
    lines += [
        "",
        "By kind, in the second to the fifth texts:",
        "",
        "| kind | looked for | found | false findings |",
        "|---|---|---|---|",
    ]
    unseen = [counted for title in LATER for counted in sets[title]]
    wanted_, found_, false_ = (
        sum((getattr(counted, name) for counted in unseen), Counter[str]()) for name in ("wanted", "found", "false")
    )
    kinds = sorted(set(wanted_) | set(false_))
    lines += [f"| {kind} | {wanted_[kind]} | {found_[kind]} | {false_[kind]} |" for kind in kinds]
    milliseconds = sorted(second * 1000 for second in seconds)
    cases_said = (
        f"In {cases[1]} of the {cases[0]} passages of three words or more that `data/cases` quotes, something is "
        "found. They are fragments, and many are wrong only for what they were about, so this is no share of what "
        "should be found."
    )
    time_said = (
        f"Time for a draft: {statistics.median(milliseconds):.1f} ms in the middle, {milliseconds[-1]:.0f} ms at most, "
        f"over {len(milliseconds)} drafts. `amends draft check` as a whole, with the start of Python: "
        f"{statistics.median(started):.1f} s in the middle of three."
    )
    lines += ["", cases_said, "", time_said]
    return lines


def _part(some: int, whole: int) -> str:
    return f"{some} ({100 * some / whole:.0f} %)"


if __name__ == "__main__":
    main()
