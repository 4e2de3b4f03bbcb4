"""`amends flow check --clauses` and `--scenarios`, and `amends flow scenarios`: what is told, and exit codes."""

import json

import pytest
from typer.testing import CliRunner

from amends.flows.cli import app
from tests.flows.small import ROOT, SHIPPED, SMALL
from tests.test_cases import MINI

CASES = ROOT / "data" / "cases"


def flow(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def written(tmp_path):
    """Writes a flow file: the shipped one or another text, with one piece replaced."""

    def write(old="", new="", text=None):
        text = SHIPPED.read_text(encoding="utf-8") if text is None else text
        assert old in text
        file = tmp_path / "flow.yml"
        file.write_text(text.replace(old, new, 1), encoding="utf-8")
        return file

    return write


@pytest.fixture
def cases_in(tmp_path):
    """Writes a folder of cases."""

    def write(**cases):
        folder = tmp_path / "cases"
        folder.mkdir()
        (folder / "own.yml").write_text(json.dumps({"cases": cases}), encoding="utf-8")
        return folder

    return write


def case(**changes):
    return {**MINI, **changes}


RIGHT = case(best_practice_response=["take_down", "respond"])
WRONG = case(best_practice_response=["hold"])
DISPUTED = case(best_practice_response=None)


class TestClauses:
    def test_a_clause_that_nothing_uses_is_listed_and_one_that_is_cited_is_not(self, written):
        file = written('reason: "Once it is gone it is gone."', 'reason: "Gone."\n    clauses: [RF-11.1]', SMALL)
        told = flow("check", file, "--clauses")
        assert told.exit_code == 0
        assert "Clause RF-11.2 is not used: no rule cites it, and no answer brings it in." in told.stdout
        assert "Clause RF-11.1 " not in told.stdout

    def test_in_the_shipped_flow_every_clause_is_used(self):
        told = flow("check", SHIPPED, "--clauses")
        assert told.exit_code == 0
        assert "is not used" not in told.stdout

    def test_a_rule_that_rests_on_clauses_which_contradict_each_other_is_named(self, written):
        sentence = "B9 rests on AF-17.1 and AU-1.1, which contradict each other, and neither gives way."
        assert sentence not in flow("check", SHIPPED, "--clauses").stdout
        file = written("clauses: [AF-17.1, SM-2.7]", "clauses: [AF-17.1, AU-1.1]")
        told = flow("check", file, "--clauses")
        assert told.exit_code == 0
        assert sentence in told.stdout

    def test_without_the_option_clauses_are_not_spoken_of(self):
        told = flow("check", SHIPPED)
        assert told.exit_code == 0
        assert "lause" not in told.stdout
        assert "contradict" not in told.stdout

    def test_as_json_they_are_lists_beside_the_mistakes(self, written):
        file = written("clauses: [AF-17.1, SM-2.7]", "clauses: [AF-17.1, AU-1.1]")
        report = json.loads(flow("check", file, "--clauses", "--json").stdout)
        assert report["problems"] == []
        assert report["unused"] == []
        assert ["B9", "AF-17.1", "AU-1.1"] in report["contradicting"]
        assert "unused" not in json.loads(flow("check", file, "--json").stdout)


class TestCheckWithScenarios:
    def test_the_known_cases_are_told_after_the_check_and_do_not_fail_it(self):
        told = flow("check", SHIPPED, "--scenarios")
        assert told.exit_code == 0
        lines = told.stdout.splitlines()
        verdicts = [line.split()[0] for line in lines if line.startswith(("pass ", "fail ", "disputed "))]
        passed, failed, disputed = (verdicts.count(verdict) for verdict in ("pass", "fail", "disputed"))
        assert passed + failed + disputed == 235
        assert lines[-1] == f"235 scenarios: {passed} pass, {failed} fail, {disputed} disputed."
        assert passed > failed > 0

    def test_as_json_it_is_one_object(self):
        report = json.loads(flow("check", SHIPPED, "--scenarios", "--json").stdout)
        assert len(report["scenarios"]) == 235
        assert {row["verdict"] for row in report["scenarios"]} == {"pass", "fail", "disputed"}

    def test_a_flow_that_does_not_know_the_answers_of_the_cases_is_told_so(self, written):
        told = flow("check", written(text=SMALL), "--scenarios")
        assert told.exit_code == 1
        assert "There is no question called" in told.stderr

    def test_a_mistake_in_the_flow_comes_first(self, written):
        told = flow("check", written("add: [preserve, dpo]", "add: [preserve, dop]"), "--scenarios", "--clauses")
        assert told.exit_code == 1
        assert "There is no response or role called dop. Did you mean dpo?" in told.stderr
        assert "scenarios" not in told.stdout


class TestScenarios:
    def test_each_case_has_its_verdict_its_row_and_what_is_wrong(self, cases_in):
        told = flow("scenarios", SHIPPED, "--cases", cases_in(right=RIGHT, wrong=WRONG, open=DISPUTED))
        assert told.exit_code == 0
        assert [line.split() for line in told.stdout.splitlines()[:1]] == [
            ["pass", "right", "P14:", "preserve,", "take_down,", "respond"]
        ]
        assert "fail     wrong P14: preserve, take_down, respond (" in told.stdout
        assert "take_down is not best practice" in told.stdout
        assert "disputed open  P14: preserve, take_down, respond" in told.stdout
        assert told.stdout.splitlines()[-1] == "3 scenarios: 1 pass, 1 fail, 1 disputed."

    def test_strict_fails_when_a_case_fails(self, cases_in):
        assert flow("scenarios", SHIPPED, "--strict", "--cases", cases_in(right=RIGHT, wrong=WRONG)).exit_code == 1

    def test_strict_passes_when_none_fails_and_what_is_disputed_is_no_failure(self, cases_in):
        assert flow("scenarios", SHIPPED, "--strict", "--cases", cases_in(right=RIGHT, open=DISPUTED)).exit_code == 0

    def test_a_case_fails_once_the_flow_is_changed_for_the_worse(self, written, cases_in):
        file = written("- respond: {unless: {spread: unseen}}\n", "- respond: {when: {spread: press}}\n")
        folder = cases_in(right=RIGHT)
        assert flow("scenarios", SHIPPED, "--strict", "--cases", folder).exit_code == 0
        assert flow("scenarios", file, "--strict", "--cases", folder).exit_code == 1

    def test_a_wrong_judgement_counts_as_a_failure(self, cases_in):
        folder = cases_in(
            judged=case(judgement={"take_down": "wrong", "respond": "must", "apologise": "fine", "make_light": "fine"})
        )
        told = flow("scenarios", SHIPPED, "--strict", "--cases", folder)
        assert told.exit_code == 1
        assert "(take_down is wrong)" in told.stdout

    def test_as_json_each_case_has_its_verdict_and_mistakes(self, cases_in):
        told = flow("scenarios", SHIPPED, "--json", "--strict", "--cases", cases_in(right=RIGHT, wrong=WRONG))
        assert told.exit_code == 1
        rows = {row["id"]: row for row in json.loads(told.stdout)["scenarios"]}
        assert rows["right"]["verdict"] == "pass"
        assert rows["right"]["advised"] == ["preserve", "take_down", "respond"]
        assert rows["wrong"]["verdict"] == "fail"
        assert "take_down is not best practice" in rows["wrong"]["flow_mistakes"]

    def test_a_mistake_in_a_case_is_told_with_its_place(self, cases_in):
        told = flow("scenarios", SHIPPED, "--cases", cases_in(bad=case(facts={**MINI["facts"], "origin": "own_pst"})))
        assert told.exit_code == 1
        assert "own.yml:" in told.stderr
        assert "Did you mean own_post?" in told.stderr

    def test_a_folder_without_cases_is_told_and_so_is_a_file_without_any(self, tmp_path, cases_in):
        told = flow("scenarios", SHIPPED, "--cases", tmp_path / "nowhere")
        assert told.exit_code == 1
        assert "There is no case file in this folder." in told.stderr
        none = flow("scenarios", SHIPPED, "--cases", cases_in())
        assert none.exit_code == 1
        assert "own.yml:1:" in none.stderr
        assert "at least 1" in none.stderr
