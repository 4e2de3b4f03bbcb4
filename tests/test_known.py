"""What is known of a flow: its situations, and what becomes of them."""

import json
import os

import pytest
import typer
from typer.testing import CliRunner

from amends.cases import CaseError
from amends.cases_report import cases
from amends.flows import load_flow, parse_flow
from amends.flows.cli import app as flow_app
from amends.known import hold, known_of
from amends.workshop.scenarios import scenarios
from tests.flows.small import ROOT, small
from tests.test_cases import MINI

DATA = ROOT / "data"
OTHERS = sorted(file.stem for file in (DATA / "expected").glob("*.yml"))
CALM = """\
flow: small
situations:
  calm:
    what_happened: "A typo that nobody saw."
    answers: {harm: none, seen: no, issue: [typo]}
    row: R2
    advised: [hold]
    level: 0
    why: "It hurt nobody."
  hurt:
    case: mini
    what_happened: "A typo that hurt many."
    answers: {harm: many}
    row: R1
    advised: [preserve, take_down, respond]
    level: 1
    why: "It hurt many."
"""


@pytest.fixture
def data(tmp_path):
    """A folder of data with one public case, and two situations of the small flow."""
    for folder in ("cases", "expected"):
        (tmp_path / folder).mkdir()
    (tmp_path / "cases" / "own.yml").write_text(json.dumps({"cases": {"mini": MINI}}), encoding="utf-8")
    (tmp_path / "expected" / "small.yml").write_text(CALM, encoding="utf-8")
    return tmp_path


def test_the_public_cases_belong_to_the_usual_flow_and_the_others_have_their_own():
    assert len(known_of("problem_post", DATA)) == 235
    for name in OTHERS:
        known = known_of(name, DATA)
        assert all(one.expected for one in known.values())
        flow = load_flow(DATA / "flows" / f"{name}.yml")
        assert {hold(one, flow).verdict for one in known.values()} == {"pass"}


def test_a_flow_of_which_nothing_is_known_has_the_public_cases(data):
    assert list(known_of("new", data)) == ["mini"]
    assert list(known_of("problem_post", data)) == ["mini"]


def test_a_situation_says_which_case_it_is_and_whether_it_was_made_up(data):
    known = known_of("small", data)
    assert [one.title for one in known.values()] == ["Calm (made up)", f"Hurt ({MINI['organisation']}, {MINI['year']})"]
    assert known_of("new", data)["mini"].title == f"{MINI['organisation']}, {MINI['year']}"


def test_what_differs_is_a_mistake_and_answers_of_another_flow_cannot_be_held(data):
    known = known_of("small", data)
    held = hold(known["calm"], small("do: [hold]", "do: [take_down, respond]"))
    assert (held.verdict, held.row, held.advised) == ("fail", "R2", ("preserve", "take_down", "respond"))
    assert held.mistakes == ("advised are preserve, take_down and respond.",)
    strange = hold(known["calm"], load_flow(DATA / "flows" / "breach.yml"))
    assert (strange.verdict, strange.advised, strange.row) == ("does not fit", (), None)


def test_a_changed_file_is_read_again_and_a_case_that_there_is_not_is_told(data):
    file = data / "expected" / "small.yml"
    assert known_of("small", data)["calm"].what_happened == "A typo that nobody saw."
    file.write_text(CALM.replace("nobody saw", "few saw"), encoding="utf-8")
    os.utime(file, ns=(1, 1))
    assert known_of("small", data)["calm"].what_happened == "A typo that few saw."
    file.write_text(CALM.replace("case: mini", "case: mimi"), encoding="utf-8")
    os.utime(file, ns=(2, 2))
    with pytest.raises(CaseError, match=r"There is no case called mimi\. Did you mean mini\?"):
        known_of("small", data)


def test_before_a_flow_goes_live_its_own_situations_are_looked_at(data):
    edited = small("do: [hold]", "do: [take_down, respond]")
    found = {one.id: one for one in scenarios(edited, small(), frozenset(), data)}
    assert (found["calm"].verdict, found["calm"].before, found["calm"].differs) == ("fail", "pass", True)
    assert (found["hurt"].verdict, found["hurt"].differs) == ("pass", False)


@pytest.mark.parametrize("name", OTHERS)
def test_in_a_shipped_flow_an_edit_that_changes_the_advice_is_noticed(name):
    text = (DATA / "flows" / f"{name}.yml").read_text("utf-8")
    flow = parse_flow(text)
    row = list(flow.rows)[-1]
    edited = parse_flow(text.replace(f"  {row}:\n", f"  {row}x:\n", 1))
    changed = [one for one in scenarios(edited, flow, frozenset(), DATA) if one.fails]
    assert changed
    assert all(one.before == "pass" for one in changed)


@pytest.mark.parametrize("name", OTHERS)
def test_scenarios_of_every_flow_are_told(name):
    told = CliRunner().invoke(flow_app, ["scenarios", name, "--strict"])
    assert told.exit_code == 0
    count = len(known_of(name, DATA))
    assert told.stdout.splitlines()[-1] == f"{count} scenarios: {count} pass, 0 fail, 0 disputed."
    rows = json.loads(CliRunner().invoke(flow_app, ["scenarios", name, "--json"]).stdout)["scenarios"]
    assert {row["verdict"] for row in rows} == {"pass"}


class TestAmendsCases:
    @pytest.fixture
    def run(self):
        app = typer.Typer()
        app.command()(cases)
        return lambda *arguments: CliRunner().invoke(app, arguments)

    def test_the_other_flows_are_summed_below_the_table(self, run):
        said = run().stdout
        for name in OTHERS:
            assert f"({name}): {len(known_of(name, DATA))} situations" in said

    def test_another_flow_is_shown_with_what_was_done_in_its_public_cases(self, run):
        said = run("--flow", "third_party").stdout
        assert "Parody account" in said
        assert "made up" in said
        report = json.loads(run("--flow", "third_party", "--json").stdout)
        parody = next(one for one in report["situations"] if one["id"] == "parody-account")
        assert (parody["case"], parody["as_expected"]) == ("bp-global-pr-parody-2010", True)
        assert json.loads(run("--flow", "third_party", "--json", "--only-wrong").stdout)["situations"] == []

    def test_a_case_is_shown_as_every_flow_sees_it(self, run):
        said = run("--case", "bp-global-pr-parody-2010").stdout
        assert "third_party, Parody account (BP, 2010):" in said
        one = json.loads(run("--case", "bp-global-pr-parody-2010", "--json").stdout)
        assert [each["id"] for each in one["other_flows"]["third_party"]] == ["parody-account"]
        assert one["other_flows"]["breach"] == []

    def test_what_there_is_not_is_told(self, run):
        none = run("--flow", "third_party", "--case", "parody-acount")
        assert (none.exit_code, none.stderr.strip()) == (
            1,
            "There is no situation called parody-acount. Did you mean parody-account?",
        )
        assert run("--flow", "nothing").exit_code == 1
