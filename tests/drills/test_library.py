"""The drills as their owners write them: ten ship, and what is wrong with one is said with its place."""

import re
import shutil

import pytest

from amends.cases_compared import compare, mistakes
from amends.drills.library import GRADES, DrillError, load_drills
from amends.drills.outcome import facts
from amends.flows import load_flow, recommend
from amends.settings import ROOT

DATA = ROOT / "data"
COMMON = {"University", "Police", "Council", "Student", "Students", "Public", "Schools", "County", "The", "Department"}
"""Words of an organisation's name that name nobody."""
GOOD = """\
title: A typo
grade: easy
case: essen-police-beer-2022
minutes: 5
you: You look after an account.
told:
  - clock: "09:00"
    when: start
    text: There is a typo.
  - clock: "23:50"
    when: reported
    text: Somebody laughs.
  - clock: "00:10"
    when: advised
    text: It is over.
"""


@pytest.fixture(scope="module")
def shipped():
    return load_drills(DATA)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "drills").mkdir()
    shutil.copytree(DATA / "cases", tmp_path / "cases")
    return tmp_path


def written(folder, text, name="01_a_typo.yml"):
    (folder / "drills" / name).write_text(text)
    return load_drills(folder)


def test_ten_ship_from_easy_to_hard(shipped):
    grades = [each.grade for each in shipped.drills.values()]
    assert len(grades) == 10
    assert set(grades) == set(GRADES)
    assert grades == sorted(grades, key=GRADES.index)


def test_each_tells_several_parts_with_their_times_and_one_after_the_advice(shipped):
    for drill in shipped.drills.values():
        assert [part.when for part in drill.told] == ["start", "reported", "advised"]
        minutes = [drill.begins_after(n) for n in range(len(drill.told))]
        assert minutes == sorted(minutes)
        assert minutes[0] == 0
        assert minutes[-1] < 120  # all of it is one evening or one morning


def test_none_names_whom_it_happened_to(shipped):
    for drill in shipped.drills.values():
        story = " ".join([drill.title, drill.you, *(part.text for part in drill.told)])
        named = set(re.findall(r"[A-Z][a-z]+", shipped.case_of(drill).organisation)) - COMMON
        assert not [word for word in named if re.search(rf"\b{word}\b", story)], drill.id


def test_the_advice_in_each_is_what_was_judged_right_so_that_the_look_back_does_not_contradict_it(shipped):
    flow = load_flow(DATA / "flows" / "problem_post.yml")
    for drill in shipped.drills.values():
        case = shipped.case_of(drill)
        assert mistakes(case, compare(case, flow).advised, asking=True) == (), drill.id


def test_every_case_is_read_whole_by_the_flow_that_it_is_told_in(shipped):
    flow = load_flow(DATA / "flows" / "problem_post.yml")
    for drill in shipped.drills.values():
        case = shipped.case_of(drill)
        assert set(facts(case, flow)) == set(case.facts)
        assert recommend(flow, facts(case, flow)).cites


def test_a_drill_is_found_by_its_number_its_name_and_its_title(shipped):
    third = list(shipped.drills.values())[2]
    assert shipped.find("3") == shipped.find(third.id) == shipped.find(f" {third.title.upper()} ") == third
    assert shipped.number(third) == 3
    assert shipped.find("0") is shipped.find("11") is shipped.find("") is shipped.find("nothing") is None


def test_a_story_goes_on_past_midnight(folder):
    drill = written(folder, GOOD).drills["a_typo"]
    assert [drill.begins_after(n) for n in range(3)] == [0, 14 * 60 + 50, 15 * 60 + 10]


def test_a_file_that_changed_is_read_again(folder):
    assert written(folder, GOOD).drills["a_typo"].minutes == 5
    assert written(folder, GOOD.replace("minutes: 5", "minutes: 50")).drills["a_typo"].minutes == 50


@pytest.mark.parametrize(
    ("wrong", "right", "line", "said"),
    [
        ("grade: harder", "grade: easy", 2, "grade is 'easy', 'medium' or 'hard'."),
        ("case: essen-police-beer-2023", "case: essen-police-beer-2022", 3, "Did you mean essen-police-beer-2022?"),
        ("case: us-olympic-nickelback-2013", "case: essen-police-beer-2022", 3, "Nobody has judged"),
        ("minuts: 5", "minutes: 5", 4, "There is no part called minuts. Did you mean minutes?"),
        ("minutes: ten", "minutes: 5", 4, "minutes is a whole number from 1 to 120."),
        ("minutes: 500", "minutes: 5", 4, "minutes is a whole number from 1 to 120."),
        ("title:", "title: A typo", 1, "title is text, and not empty."),
        ('clock: "9:00"', 'clock: "09:00"', 7, "A time of the story is written as '08:40'"),
        ("when: later", "when: advised", 14, "when is 'start', 'reported' or 'advised'."),
        ("when: reported", "when: start", 8, "The first part comes at the start, and only the first."),
        ("text: Police Essen laughs.", "text: Somebody laughs.", 12, "The story names Police Essen."),
    ],
)
def test_what_is_wrong_is_said_with_its_place(folder, wrong, right, line, said):
    with pytest.raises(DrillError) as error:
        written(folder, GOOD.replace(right, wrong, 1))
    found = {(problem.line, said in problem.message) for problem in error.value.problems}
    assert (line, True) in found, str(error.value)


def test_a_part_that_is_told_too_early_is_named(folder):
    swapped = GOOD.replace("when: reported", "when: later").replace("when: advised", "when: reported")
    with pytest.raises(DrillError, match="comes after a part that is told when advised"):
        written(folder, swapped.replace("when: later", "when: advised"))


def test_too_short_a_story_and_an_empty_folder_are_no_drills(folder):
    with pytest.raises(DrillError, match="There is no drill in this folder"):
        load_drills(folder)
    with pytest.raises(DrillError, match="A story has 3 parts or more"):
        written(folder, GOOD[: GOOD.index('  - clock: "00:10"')])


def test_what_is_no_part_and_no_drill_is_said(folder):
    with pytest.raises(DrillError, match="A part of the story has three lines: clock, when and text"):
        written(folder, f"{GOOD}  - nothing\n")
    with pytest.raises(DrillError, match="01_a_typo"):
        written(folder, "- nothing\n")


def test_two_files_of_one_name_are_told_apart(folder):
    (folder / "drills" / "02_a_typo.yml").write_text(GOOD)
    with pytest.raises(DrillError, match=r"02_a_typo\.yml:1:1: There is a drill called a_typo already"):
        written(folder, GOOD)


def test_a_broken_case_is_said_too(folder):
    (folder / "drills" / "01_a_typo.yml").write_text(GOOD)
    (folder / "cases" / "event.yml").write_text("cases: 3\n")
    with pytest.raises(DrillError, match=r"event\.yml:1"):
        load_drills(folder)
