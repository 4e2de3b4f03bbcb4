"""The documented cases load and are whole, and the report counts as it says it does."""

import json
from collections import Counter

import pytest
import typer
import yaml
from typer.testing import CliRunner

from amends.cases import Case, CaseError, load_cases
from amends.cases_compared import compare, in_sum, mistakes
from amends.cases_report import cases
from amends.flows import load_flow
from amends.settings import ROOT

CASES = ROOT / "data" / "cases"


@pytest.fixture(scope="module")
def flow():
    return load_flow(ROOT / "data" / "flows" / "problem_post.yml")


@pytest.fixture(scope="module")
def shipped(flow):
    return load_cases(CASES, flow)


MINI = {
    "year": 2020,
    "organisation": "Somewhere",
    "sector": "council",
    "platform": "web",
    "what_happened": "A post had a typo.",
    "how_it_happened": "Haste.",
    "facts": {
        "origin": "own_post",
        "issue": ["slip"],
        "personal_data": "none",
        "harm": "none",
        "tragedy": "absent",
        "protected": "absent",
        "legal": ["none"],
        "control": "can_remove",
        "spread": "few",
        "truth": "na",
        "fault": "ours_accident",
        "history": "clean",
        "target": "us",
        "mood": "quiet",
    },
    "what_they_did": ["hold"],
    "time_to_response": None,
    "reception": "mixed",
    "best_practice_response": ["take_down", "respond"],
    "basis": "inferred",
    "lesson": "Look twice.",
    "source": "memory",
    "confidence": "medium",
}


def mini(**changes) -> Case:
    return Case.model_validate({"id": "mini", **MINI, **changes})


def judged(**verdicts) -> Case:
    return mini(judgement=verdicts)


class TestTheShippedCases:
    def test_there_are_175_judged_ones_and_60_others(self, shipped):
        assert Counter(case.judgement is not None for case in shipped.values()) == {True: 175, False: 60}

    def test_no_id_stands_in_two_places(self):
        ids = [id_ for file in CASES.glob("*.yml") for id_ in yaml.safe_load(file.read_text())["cases"]]
        assert len(set(ids)) == len(ids) == 235

    def test_each_has_an_answer_to_every_question_that_can_be_public(self, flow, shipped):
        public = set(flow.questions) - {"evidence", "noticed_at"}
        assert {id_: set(case.facts) for id_, case in shipped.items()} == dict.fromkeys(shipped, public)

    def test_each_judgement_is_about_the_same_four_responses(self, shipped):
        judgements = [case.judgement for case in shipped.values() if case.judgement is not None]
        assert {frozenset(one) for one in judgements} == {
            frozenset({"take_down", "respond", "apologise", "make_light"})
        }

    def test_facts_from_memory_are_never_of_high_confidence(self, shipped):
        from_memory = [case for case in shipped.values() if case.source == "memory"]
        assert len(from_memory) == 53
        assert "high" not in {case.confidence for case in from_memory}

    def test_each_file_has_the_cases_of_one_origin(self, shipped):
        for file in CASES.glob("*.yml"):
            origins = {shipped[id_].facts["origin"] for id_ in yaml.safe_load(file.read_text())["cases"]}
            assert len(origins) == 1
            assert file.stem.startswith(*origins)


class TestWhatIsAcceptable:
    def test_a_response_judged_wrong_is_a_mistake(self):
        assert mistakes(judged(take_down="wrong"), ["take_down", "respond"]) == ("take_down is wrong",)

    def test_a_must_left_out_is_a_mistake(self):
        assert mistakes(judged(take_down="must", apologise="must"), ["take_down"]) == ("apologise is left out",)

    def test_what_is_fine_may_be_done_or_left(self):
        case = judged(take_down="fine", respond="must")
        assert mistakes(case, ["take_down", "respond"]) == ()
        assert mistakes(case, ["respond"]) == ()

    def test_an_apology_counts_as_having_responded(self):
        assert mistakes(judged(respond="must"), ["apologise"]) == ()
        assert mistakes(judged(respond="must", apologise="wrong"), ["apologise"]) == ("apologise is wrong",)

    def test_an_apology_is_not_the_response_that_was_judged_wrong(self):
        assert mistakes(judged(respond="wrong", apologise="fine"), ["apologise"]) == ()

    def test_a_response_does_not_count_as_an_apology(self):
        assert mistakes(judged(apologise="must"), ["respond"]) == ("apologise is left out",)

    def test_an_offered_light_line_counts_as_a_response(self):
        assert mistakes(judged(make_light="wrong"), ["respond", "make_light"]) == ("make_light is wrong",)

    def test_asking_the_host_counts_as_taking_down_only_when_that_is_asked_for(self):
        case = judged(take_down="must")
        assert mistakes(case, ["report_platform"]) == ("take_down is left out",)
        assert mistakes(case, ["report_platform"], asking=True) == ()
        assert mistakes(judged(take_down="wrong"), ["report_platform"], asking=True) == ("take_down is wrong",)

    def test_a_case_without_judgement_is_held_against_its_best_practice(self):
        case = mini(best_practice_response=["take_down", "apologise", "dpo"])
        assert mistakes(case, ["preserve", "take_down", "respond", "apologise", "make_light"]) == ()
        assert mistakes(case, ["respond"]) == ("take_down is left out", "apologise is left out")
        assert mistakes(mini(best_practice_response=["respond"]), ["apologise"]) == ("apologise is not best practice",)

    def test_a_disputed_best_practice_is_neither_met_nor_missed(self):
        assert mistakes(mini(best_practice_response=None), ["respond"]) is None


class TestTheSums:
    def test_judged_cases_and_the_others_are_summed_apart(self, flow):
        # The flow's advice for all of these: preserve, take_down, respond.
        compared = [
            compare(judged(take_down="must"), flow),
            compare(judged(take_down="wrong"), flow),
            compare(judged(respond="must"), flow),
            compare(mini(), flow),
            compare(mini(best_practice_response=None), flow),
        ]
        assert {one.advised for one in compared} == {("preserve", "take_down", "respond")}
        assert in_sum(compared, judged=True).as_json() == {"cases": 3, "flow": 2, "organisations": 1}
        assert in_sum(compared, judged=False).as_json() == {"cases": 1, "flow": 1, "organisations": 0}

    def test_a_recall_is_counted_when_asking_counts(self, flow):
        sent = judged(take_down="must", respond="must").model_copy(
            update={"facts": MINI["facts"] | {"control": "cannot_remove"}}
        )
        compared = [compare(sent, flow)]
        assert in_sum(compared, judged=True).flow == 0
        assert in_sum(compared, judged=True, asking=True).flow == 1


class TestTheCommand:
    @pytest.fixture
    def run(self):
        app = typer.Typer()
        app.command()(cases)
        return lambda *arguments: CliRunner().invoke(app, arguments)

    def test_json_has_every_case_and_the_sums(self, run):
        report = json.loads(run("--json").stdout)
        assert len(report["cases"]) == 235
        assert report["judged"]["cases"] == 175
        acceptable = [case["flow_acceptable"] for case in report["cases"] if case["judgement"]]
        assert report["judged"]["flow"] == sum(acceptable)

    def test_only_wrong_leaves_out_what_is_acceptable_and_sums_all(self, run):
        report = json.loads(run("--json", "--only-wrong").stdout)
        assert report["judged"]["cases"] == 175
        assert {case["flow_acceptable"] for case in report["cases"]} == {False}

    def test_the_table_ends_with_the_sums(self, run):
        said = run().stdout
        assert "habitat-ira" in said
        assert "Of 175 judged cases, the flow's advice is acceptable in" in said

    def test_one_case_is_shown_in_full(self, run):
        said = run("--case", "hmv-redundancy-2013").stdout
        assert all(part in said for part in ("2013", "Facts:", "The flow advises:", "They did:", "Lesson:", "Source:"))
        one = json.loads(run("--case", "hmv-redundancy-2013", "--json").stdout)
        assert (one["id"], one["facts"]["origin"]) == ("hmv-redundancy-2013", "insider")

    def test_a_case_that_does_not_exist_gets_the_nearest_name(self, run):
        result = run("--case", "hmv-redundancy-2014")
        assert result.exit_code == 1
        assert "There is no case called hmv-redundancy-2014. Did you mean hmv-redundancy-2013?" in result.stderr


class TestBrokenFiles:
    def mistakes(self, tmp_path, flow, **texts):
        for name, text in texts.items():
            (tmp_path / f"{name}.yml").write_text(text)
        with pytest.raises(CaseError) as caught:
            load_cases(tmp_path, flow)
        return [(p.file.rsplit("/", 1)[-1], p.line, p.message) for p in caught.value.problems]

    def written(self, id_="mini", **changes):
        return yaml.safe_dump({"cases": {id_: {**MINI, **changes}}}, sort_keys=False)

    def test_an_unknown_option_is_named_with_its_line(self, tmp_path, flow):
        found = self.mistakes(tmp_path, flow, one=self.written(facts=MINI["facts"] | {"harm": "upsett"}))
        ((file, line, sentence),) = found
        assert file == "one.yml"
        assert "upsett" in (tmp_path / file).read_text().splitlines()[line - 1]
        assert "Did you mean upset?" in sentence

    def test_an_unknown_question_response_and_part_are_named(self, tmp_path, flow):
        text = self.written(facts={"harmm": "none"}, what_they_did=["apologize"])
        found = self.mistakes(tmp_path, flow, one=text, two=self.written("other", lessons="x"))
        sentences = " ".join(sentence for _, _, sentence in found)
        assert "Did you mean harm?" in sentences
        assert "There is no response or role called apologize. Did you mean apologise?" in sentences
        assert "There is no part called lessons. Did you mean lesson?" in sentences

    def test_what_is_missing_or_out_of_range_is_named(self, tmp_path, flow):
        part = {name: value for name, value in MINI.items() if name != "lesson"} | {"year": 20200, "reception": "ok"}
        found = self.mistakes(tmp_path, flow, one=yaml.safe_dump({"cases": {"mini": part}}))
        assert any(sentence == "'lesson' is missing here." for _, _, sentence in found)
        assert any(sentence.startswith("year: ") for _, _, sentence in found)
        assert any(sentence.startswith("reception: ") for _, _, sentence in found)

    def test_an_address_must_be_one(self, tmp_path, flow):
        found = self.mistakes(tmp_path, flow, one=self.written(source=["from a friend"]))
        assert any("source" in sentence or "pattern" in sentence for _, _, sentence in found)

    def test_an_id_in_two_files_is_named_with_the_first_file(self, tmp_path, flow):
        ((file, line, sentence),) = self.mistakes(tmp_path, flow, one=self.written(), two=self.written())
        assert (file, line) == ("two.yml", 2)
        assert sentence.startswith("mini stands in ")
        assert "one.yml too" in sentence

    @pytest.mark.parametrize("text", ["", "cases: {}", "- a list", "cases: [unclosed", "case: {}"])
    def test_a_file_that_is_not_a_case_file_is_refused(self, tmp_path, flow, text):
        assert self.mistakes(tmp_path, flow, one=text)

    def test_an_empty_folder_is_refused(self, tmp_path, flow):
        ((_, _, sentence),) = self.mistakes(tmp_path, flow)
        assert sentence == "There is no case file in this folder."
