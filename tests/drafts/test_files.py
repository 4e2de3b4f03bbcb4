"""The files of the check: whole as they ship, and a mistake in one is said with its place."""

import pytest
import yaml

from amends.drafts import DraftsError, load_knowledge
from amends.drafts.finding import Mark
from amends.drafts.kinds import FINE, load_examples, load_kinds, load_organisation
from amends.drafts.moments import moment_marks
from amends.policies import load_library
from amends.settings import ROOT

FOLDER = ROOT / "data" / "drafts"
TEXTS = ROOT / "tests" / "drafts" / "texts"
KIND = 'kinds:\n  insult: {title: "A", could: "B", instead: "C", clauses: [BH-3.1], level: 1}\n'


def written(folder, text):
    path = folder / "file.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_clause_of_a_kind_is_in_the_policies():
    load_kinds(FOLDER / "kinds.yml", load_library(ROOT / "data" / "policies").clauses)


def test_no_sentence_to_learn_from_is_one_to_measure_with():
    measured = "\n".join(path.read_text("utf-8") for path in TEXTS.iterdir()).lower()
    examples = load_examples(FOLDER / "examples.yml", load_kinds(FOLDER / "kinds.yml"))
    learnt = [text for texts in examples.values() for text in texts]
    assert len(learnt) == len(set(learnt)) > 500
    assert [text for text in learnt if len(text.split()) >= 3 and text.lower() in measured] == []


def test_every_text_to_measure_with_names_kinds_and_cases_that_there_are():
    kinds = load_kinds(FOLDER / "kinds.yml")
    cases = {
        name
        for path in (ROOT / "data" / "cases").glob("*.yml")
        for name in yaml.safe_load(path.read_text("utf-8"))["cases"]
    }
    for path in TEXTS.glob("risky*.yml"):
        for row in yaml.safe_load(path.read_text("utf-8"))["drafts"]:
            assert {*row["kinds"], *row.get("also", ())} <= set(kinds)
            assert row.get("case") is None or row["case"] in cases


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (KIND.replace("BH-3.1", "BH-9.9"), ":2:60: There is no clause called BH-9.9."),
        (KIND.replace("level: 1", "level: 2"), ":2:3: From level 2 on, say in read_first who reads it first."),
        (KIND.replace("level: 1", "level: 4"), ":2:76: Input should be less than or equal to 3."),
        (KIND.replace("title", "titel"), ":2:"),
        ("kinds: [", ":2:1: This cannot be read as YAML"),
        ("", ":1:1: The file is empty."),
    ],
)
def test_a_mistake_in_the_kinds_is_said_with_its_place(tmp_path, text, says):
    with pytest.raises(DraftsError) as raised:
        load_kinds(written(tmp_path, text), {"BH-3.1"})
    assert f"file.yml{says}" in str(raised.value)


def test_an_example_of_an_unknown_kind_is_refused(tmp_path):
    path = written(tmp_path, f'examples: {{insul: ["No."], {FINE}: ["Yes."]}}')
    with pytest.raises(DraftsError, match=r"There is no kind of finding called insul. Did you mean insult"):
        load_examples(path, {"insult"})


def test_examples_have_to_have_something_fine(tmp_path):
    with pytest.raises(DraftsError, match="There have to be sentences that are fine"):
        load_examples(written(tmp_path, 'examples: {insult: ["No."]}'), {"insult"})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('anniversaries: [{day: "13-40", name: "x"}]', "A day of every year is written month-day, such as 11-09."),
        ('elections: [{from: soon, to: 2027-05-06, name: "x"}]', "Write a day as year-month-day, such as 2027-05-06."),
        ('elections: [{from: 2027-05-06, to: 2027-05-01, name: "x"}]', "The period ends before it begins."),
        ("holidays: []", "Extra inputs are not permitted."),
    ],
)
def test_a_mistake_in_the_calendar_is_said(tmp_path, text, says):
    with pytest.raises(DraftsError) as raised:
        load_organisation(written(tmp_path, text))
    assert says in str(raised.value)


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(DraftsError, match="This file cannot be read"):
        load_organisation(tmp_path / "none.yml")


def test_the_29th_of_february_is_remembered_in_every_year(tmp_path):
    from datetime import UTC, datetime

    own = load_organisation(written(tmp_path, 'anniversaries: [{day: "02-29", name: "the day"}]'))
    for year in (2027, 2028):
        marks = list(moment_marks("A bath bomb.", own, datetime(year, 2, 28, tzinfo=UTC)))
        assert marks == [Mark("anniversary", 7, 11, "near the day")]


def test_what_was_learnt_is_kept_and_the_same(tmp_path, knowledge):
    from amends.understanding.encoder import load_encoder

    encoder = load_encoder(ROOT / "var" / "cache")
    first = load_knowledge(FOLDER, encoder, tmp_path)
    kept = list(tmp_path.glob("*.npz"))
    again = load_knowledge(FOLDER, encoder, tmp_path)
    assert list(tmp_path.glob("*.npz")) == kept
    text = "You lot complain about everything. The library is open."
    assert list(first.meaning.marks(text)) == list(again.meaning.marks(text)) == list(knowledge.meaning.marks(text))
