"""Known advisories are held against those that were accepted; that nothing was looked up is never "nothing found"."""

import re
from datetime import date

import pytest

from amends.ops import CannotRun, advisories
from amends.ops.advisories import ACCEPTED, LOCKS, ROOT, judge, read_accepted

TODAY = date(2026, 11, 28)
ONE = """
- id: CVE-2020-0001
  lock: bot
  package: oldlib
  reason: It is never called with anything from outside.
  review: 2027-01-01
"""
HIT = {
    "name": "oldlib",
    "version": "1.0",
    "vulns": [{"id": "PYSEC-1", "aliases": ["CVE-2020-0001"], "fix_versions": ["2"]}],
}
FINE = {"name": "newlib", "version": "3.0", "vulns": []}
SKIPPED = {"name": "ourlib", "skip_reason": "Dependency not found"}


def verdict(*packages, lock="bot", accepted=ONE, today=TODAY):
    return judge(lock, {"dependencies": list(packages)}, read_accepted(accepted), today)


def test_what_is_accepted_under_any_of_its_names_is_no_fault():
    assert verdict(HIT, FINE) == advisories.Verdict()


def test_what_nobody_accepted_is_a_fault_and_says_where_it_is_mended():
    found = verdict(HIT, FINE, accepted="[]")
    assert found.faults == ("oldlib 1.0 (bot): PYSEC-1 is not accepted. It is mended in: 2.",)


def test_it_is_accepted_for_its_own_lock_and_package_only():
    assert len(verdict(HIT, lock="desk").faults) == 1
    assert len(verdict(HIT | {"name": "otherlib"}).faults) == 1


def test_after_its_day_of_review_it_is_a_fault_again():
    assert verdict(HIT, today=date(2027, 1, 1)).faults == ()
    (sentence,) = verdict(HIT, today=date(2027, 1, 2)).faults
    assert "was accepted until 2027-01-01" in sentence


def test_what_is_not_met_any_more_is_to_be_taken_off_the_list():
    assert verdict(FINE).notes == ("CVE-2020-0001 (bot) is accepted and was not met. Take it off the list.",)


def test_that_nothing_or_not_everything_was_looked_up_is_said():
    assert verdict(SKIPPED).unknown == "No advisory of the lock bot could be looked up, so nothing is known of it."
    assert verdict().unknown
    assert verdict(SKIPPED, HIT).unknown == "Of the lock bot, these could not be looked up: ourlib."


@pytest.mark.parametrize(
    "text",
    [
        "- id: CVE-2020-0001",
        ONE.replace("It is never called with anything from outside.", "fine"),
        "x: [",
        ONE + "  by: me",
    ],
)
def test_an_entry_without_its_reason_or_its_day_is_refused(text):
    with pytest.raises(CannotRun, match="accepted"):
        read_accepted(text)


def test_each_accepted_advisory_is_of_a_package_in_its_lock():
    for each in read_accepted(ACCEPTED.read_text("utf-8")):
        assert each.lock in LOCKS
        lock = (ROOT / "requirements" / f"{each.lock}.txt").read_text("utf-8")
        assert re.search(rf"^{re.escape(each.package)}==", lock, re.MULTILINE), each


@pytest.mark.parametrize(
    ("reports", "code"),
    [
        ({"desk": [FINE], "bot": [HIT]}, 0),
        ({"desk": [HIT], "bot": [HIT]}, 1),
        ({"desk": None, "bot": [HIT]}, 2),
        ({"desk": None, "bot": [HIT | {"name": "otherlib"}]}, 2),
        ({"desk": [HIT], "bot": [SKIPPED]}, 2),
    ],
)
def test_the_exit_code_tells_them_apart(reports, code, tmp_path, monkeypatch, capsys):
    (tmp_path / "accepted.yml").write_text(ONE)
    monkeypatch.setattr(advisories, "ACCEPTED", tmp_path / "accepted.yml")
    monkeypatch.setattr(
        advisories, "ask", lambda lock: {"dependencies": reports[lock.stem]} if reports[lock.stem] else None
    )
    assert advisories.main() == code
    said = capsys.readouterr().out.splitlines()
    assert said
    not_looked_up = [each for each in reports.values() if each is None or SKIPPED in each]
    assert (said[-1].startswith("This is no all-clear.")) == bool(not_looked_up)


def test_pip_audit_is_there_and_an_answer_that_is_none_counts_as_none(tmp_path, monkeypatch):
    """The real program, and a proxy that nothing answers at: no source can be reached."""
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setattr(advisories, "SOURCES", ("osv",))
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    lock = tmp_path / "lock.txt"
    lock.write_text("idna==3.6\n")
    assert advisories.ask(lock) is None
