"""Counts what was tried over all processes, and fails a long run that tried less than it was asked to."""

import pytest

from amends.settings import ROOT
from amends.understanding.encoder import load_encoder
from tests.fuzz.trying import INPUTS, tried

COUNTED = "inputs of "


@pytest.fixture(scope="session")
def encoder():
    return load_encoder(ROOT / "var" / "cache")


@pytest.fixture(autouse=True)
def _counted(request):
    before = dict(tried)
    yield
    for part, number in tried.items():
        if number > before.get(part, 0):
            request.node.user_properties.append((COUNTED + part, number - before.get(part, 0)))


def pytest_terminal_summary(terminalreporter):
    sums = {}
    for reports in terminalreporter.stats.values():
        for report in reports:
            # What a test tells of itself stands in each of its reports; the last one has all of it.
            if getattr(report, "when", "") == "teardown":
                for name, value in report.user_properties:
                    if name.startswith(COUNTED):
                        sums[name[len(COUNTED) :]] = sums.get(name[len(COUNTED) :], 0) + value
    if not INPUTS:
        return
    for part, number in sorted(sums.items()):
        terminalreporter.write_line(f"{number:>8,} {part}")
    total = sum(sums.values())
    terminalreporter.write_line(f"{total:>8,} inputs in all, {INPUTS:,} were asked for")
    if total < INPUTS:
        terminalreporter.write_line("That is fewer than were asked for.", red=True)
        terminalreporter._session.exitstatus = 1
