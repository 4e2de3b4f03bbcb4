"""What a flow is expected to advise: the shipped situations hold, and what does not is told with its line."""

import pytest
import yaml
from typer.testing import CliRunner

from amends.cases import load_cases
from amends.flows import cli, load_flow
from amends.flows.expected import check_expected
from tests.flows.small import ROOT, SMALL, small

EXPECTED = sorted((ROOT / "data" / "expected").glob("*.yml"))

SITUATION = """\
flow: small
situations:
  one:
    what_happened: "Somebody saw a typo."
    answers: {harm: none, seen: yes, issue: [typo]}
    row: R2
    advised: [hold]
    level: 0
    why: "It hurt nobody."
"""


@pytest.mark.parametrize("file", EXPECTED, ids=lambda file: file.stem)
def test_a_restated_case_goes_against_nothing_that_was_judged(file):
    """What was judged wrong or a must to say in public; a must only where it is theirs to do and not done yet."""
    known = load_cases(ROOT / "data" / "cases", None)
    judged = 0
    for id_, each in yaml.safe_load(file.read_text("utf-8"))["situations"].items():
        judgement = known[each["case"]].judgement if "case" in each else None
        for code in ("respond", "apologise") if judgement else ():
            judged += 1
            said = {code, "apologise"} & set(each["advised"])
            assert judgement[code] != "wrong" or code not in each["advised"], (id_, code)
            theirs = each["answers"].get("asking", "comms") == "comms"
            before = "corrected" in each["answers"].get("tried", ()) or each["answers"].get("ico_told") == "full"
            assert judgement[code] != "must" or said or before or not theirs, (id_, code)
    assert judged >= 8


@pytest.fixture
def written(tmp_path):
    def write(old="", new=""):
        assert old in SITUATION
        file = tmp_path / "small.yml"
        file.write_text(SITUATION.replace(old, new, 1), encoding="utf-8")
        return check_expected(small(), file)

    return write


@pytest.mark.parametrize("file", EXPECTED, ids=lambda file: file.stem)
def test_the_shipped_situations_come_out_as_expected(file):
    flow = load_flow(ROOT / "data" / "flows" / file.name)
    count, problems = check_expected(flow, file)
    assert problems == ()
    assert count >= 12


@pytest.mark.parametrize("file", EXPECTED, ids=lambda file: file.stem)
def test_every_row_has_a_situation_and_every_restated_case_is_known(file):
    situations = yaml.safe_load(file.read_text("utf-8"))["situations"].values()
    assert {each["row"] for each in situations} == set(load_flow(ROOT / "data" / "flows" / file.name).rows)
    restated = {each["case"] for each in situations if "case" in each}
    assert len(restated) >= 7
    assert restated <= set(load_cases(ROOT / "data" / "cases", None))


def test_what_comes_out_as_expected_is_counted(written):
    assert written() == (1, ())


@pytest.mark.parametrize(
    ("old", "new", "line", "sentence"),
    [
        ("flow: small", "flow: other", 1, "This is for the flow other, not for small."),
        ("    row: R2\n", "", 3, "'row' is missing here."),
        ("row: R2", "roww: R1", 6, "There is no part called roww. Did you mean row?"),
        ("harm: none", "harm: nobody", 5, "one: "),
        ("row: R2", "row: R9", 6, "decides, not R9."),
        ("advised: [hold]", "advised: [apologise]", 7, "one: advised are"),
        ("level: 0", "level: 3", 8, "one: the level is"),
        ("level: 0", "forbidden: [hold]\n    level: 0", 8, "one: hold is not ruled out."),
        ("level: 0", "settings: [rich]\n    level: 0", 8, "rich"),
    ],
)
def test_what_differs_is_told_with_its_line(written, old, new, line, sentence):
    _, problems = written(old, new)
    assert any(problem.line == line and sentence in problem.message for problem in problems), problems


def test_check_without_a_file_looks_at_every_flow_and_fails_for_one(tmp_path, monkeypatch):
    def check(*arguments):
        return CliRunner().invoke(cli.app, ["check", *arguments])

    for name, text in {"a.yml": SMALL, "b.yml": SMALL.replace("flow: small", "flow: other")}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.setattr(cli, "FLOWS", tmp_path)
    monkeypatch.setattr(cli, "EXPECTED", tmp_path / "expected")
    done = check()
    assert done.exit_code == 0
    assert done.stdout.count("well formed") == 2
    (tmp_path / "expected").mkdir()
    (tmp_path / "expected" / "small.yml").write_text(SITUATION.replace("R2", "R9"), encoding="utf-8")
    done = check()
    assert done.exit_code == 1
    assert "decides, not R9." in done.stderr
    assert "b.yml: well formed" in done.stdout
