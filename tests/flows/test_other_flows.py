"""The flows beside problem_post: proved, read and edited as it is, each with its ladder, its letters and its law."""

import random
import re
from zoneinfo import ZoneInfo

import pytest
import yaml

from amends.console.editing.fields import ABSENT, read_all
from amends.console.editing.form import Form
from amends.console.editing.overview import tables
from amends.console.editing.sections import SECTIONS
from amends.flows import FlowError, decide, edits, load_flow, next_question, otherwise, parse_answers, parse_flow
from amends.flows.draw import draw_flow
from amends.flows.effect import tags_of
from amends.flows.language import check_language
from amends.flows.model import Answer
from amends.flows.prove import prove
from amends.flows.uses import rename
from amends.known import known_of
from amends.policies import load_library
from amends.trial_shown import advice_lines
from tests.flows.small import ROOT, SMALL, shipped

FOLDER = ROOT / "data" / "flows"
OTHERS = [file for file in sorted(FOLDER.glob("*.yml")) if file.stem != "problem_post"]
LAW = re.compile(r"\b(?:Act|Regs|Regulations|Art|Arts|s|ss|reg|EWHC|Times)\.? ?\(?\d")

each_flow = pytest.mark.parametrize("file", OTHERS, ids=lambda file: file.stem)


@pytest.fixture(scope="module")
def library():
    return load_library(ROOT / "data" / "policies")


@each_flow
def test_it_is_proved_for_every_combination(file, library):
    tags = tags_of({clause.id: clause.applies_when for clause in library.clauses.values()})
    assert prove(load_flow(file, library.clauses), tags) == ()


@each_flow
def test_its_words_can_be_read_and_told_apart(file):
    assert check_language(load_flow(file), file.name).mistakes == ()


@each_flow
def test_law_outside_a_reference_is_said_to_be_unverified(file):
    """A `reference` has its mark; whatever else names a law says that nobody looked it up."""
    for line in edits.content(file.read_text("utf-8")).items():
        for text in words(line[1]):
            if LAW.search(text):
                assert "not verified" in text, text


def words(part, name=""):
    if isinstance(part, dict):
        for key, each in part.items():
            yield from words(each, key)
    elif isinstance(part, list):
        for each in part:
            yield from words(each, name)
    elif isinstance(part, str) and name != "reference":
        yield part


@each_flow
def test_law_is_marked_as_in_the_shipped_flow(file):
    """The same reference has the same mark everywhere."""
    marks = {rule.reference: rule.mark for rule in shipped().deadlines}
    same = [rule for rule in load_flow(file).deadlines if rule.reference in marks]
    assert same
    assert {rule.reference: rule.mark for rule in same} == {rule.reference: marks[rule.reference] for rule in same}


@each_flow
def test_every_public_response_has_a_skeleton_to_begin_from(file):
    flow = load_flow(file)
    written = {code for letter in flow.letters for code in letter.goes_with}
    assert written <= set(flow.codes)
    assert {code for code, known in flow.responses.items() if known.public} <= written
    assert all("___" in "".join(letter.points) for letter in flow.letters)


@each_flow
def test_every_form_of_the_editor_gives_the_same_bytes_back(file):
    text = file.read_text("utf-8")
    content = edits.content(text)
    for name, section in SECTIONS.items():
        part = content.get(name, ())
        ids = ["all"] if section.single else [str(n + 1) for n in range(len(part))] if section.listed else list(part)
        for id_ in ids:
            form = Form(section, id_, content, {})
            assert form.put(text, form.drawn()) == (text, id_), (name, id_)


@each_flow
def test_the_editor_shows_and_the_picture_draws_all_letters(file):
    flow = load_flow(file)
    table = next(each for each in tables(edits.content(flow.source)) if each.section.name == "letters")
    assert [line.id for line in table.lines] == [letter.id for letter in flow.letters]
    assert dict(table.lines[0].details)["Points"].startswith(flow.letters[0].points[0])
    svg = draw_flow(flow, address=lambda section, id_: f"/{section}/{id_}")
    assert all(f"letters/{letter.id}" in svg for letter in flow.letters)


@each_flow
def test_a_letter_is_changed_moved_and_removed_without_touching_the_rest(file):
    text = file.read_text("utf-8")
    content = edits.content(text)
    first = next(iter(content["letters"]))
    form = Form(SECTIONS["letters"], first, content, {})
    assert read_all(SECTIONS["letters"].fields, form.drawn(), ABSENT, form.picks()) == form.raw
    points = [*form.raw["points"], "One more: ___."]
    new = edits.change(text, ("letters", first, "points"), points)
    assert parse_flow(new).letters[0].points == tuple(points)
    assert edits.change(new, ("letters", first, "points"), form.raw["points"]) == text
    assert [letter.id for letter in parse_flow(edits.move(text, ("letters", first), 1)).letters][1] == first
    assert first not in [letter.id for letter in parse_flow(edits.remove(text, ("letters", first))).letters]
    code = content["letters"][first]["goes_with"][0]
    section = "responses" if code in content["responses"] else "people"
    assert "zz_new" in parse_flow(rename(text, section, code, "zz_new")).letters[0].goes_with


LETTER = """\
letters:
  one:
    title: "A letter"
    goes_with: [%s]
    points: ["To ___."]
"""


@pytest.mark.parametrize(
    ("more", "code", "sentence"),
    [
        ("", "holt", "holt"),
        ('    reference: "An Act"\n', "hold", "'mark' is missing"),
        ("    mark: M\n", "hold", "'mark' is said of a reference"),
    ],
)
def test_a_mistake_in_a_letter_is_told(more, code, sentence):
    with pytest.raises(FlowError, match=sentence):
        parse_flow(SMALL + LETTER % code + more)


def test_a_letter_is_there_for_what_is_advised_and_says_whether_its_law_was_seen():
    flow = parse_flow(SMALL + LETTER % "hold" + '    reference: "An Act"\n    mark: M\n')
    (letter,) = flow.letters_for(["hold", "respond"])
    assert letter.law == "An Act (not verified)"
    assert flow.letters_for(["respond"]) == ()


def test_the_terminal_shows_the_skeletons_of_what_is_advised_with_their_law():
    flow = load_flow(FOLDER / "third_party.yml")
    answers = {"content": ["accusation"], "truth": "inaccurate", "harm": "serious", "target": "staff"}
    answers |= {"tried": ["corrected", "asked", "reported"], "reach": "fewer", "counsel": "agreed"}
    given = parse_answers(flow, {**answers, "ground": "staff_name", "legal": ["none"], "stopped": "no"})
    told = "\n".join(str(line) for line in advice_lines(flow, decide(flow, given), ZoneInfo("Europe/London"), {}))
    assert "To begin from, Notice of complaint about defamation" in told
    assert "Defamation Act 2013 s.5; SI 2013/3028 reg 2 (not verified)" in told
    assert "To begin from, A private message" not in told


@each_flow
def test_what_a_lead_decides_instead_is_saved_first_and_people_come_before(file):
    flow = load_flow(file)
    saving = next(rule for rule in flow.never if rule.id == "N6")
    people_first = [code for code, known in flow.codes.items() if known.first]
    for known in known_of(file.stem, ROOT / "data").values():
        answers = parse_answers(flow, known.answers)
        decision = decide(flow, answers, frozenset(known.expected.settings))
        for code in flow.responses:
            decided = otherwise(flow, answers, (), decision, [code]).decision
            steps = [step.code for step in decided.steps]
            assert code in steps
            if code in saving.refuse and decision.row != "K01":  # where nothing got out, nothing has to be saved
                assert "preserve" in steps, (known.id, code)
            begins = [step for step in steps if step in people_first]
            assert steps[: len(begins)] == begins, (known.id, code)


def test_what_is_about_the_upper_rungs_is_not_asked_before_them():
    flow = load_flow(FOLDER / "third_party.yml")
    file = ROOT / "data" / "expected" / "third_party.yml"
    for id_, situation in yaml.load(file.read_text("utf-8"), yaml.BaseLoader)["situations"].items():
        asked = questions_of(flow, situation)
        lawyers = {"reach", "ground", "counsel"} & set(asked)
        assert len(asked) <= 13
        assert not lawyers or situation["row"] in ("T13", "T14", "T15", "T16"), (id_, asked)


def questions_of(flow, situation):
    """What is asked in a situation, in its order; what it does not say is answered as a missing answer is read."""
    given = {}
    while (question := next_question(flow, parse_answers(flow, given), situation.get("settings", ()))) is not None:
        known = flow.questions[question]
        read = [option for option, bit in known.bits.items() if bit & (known.when_missing or 0)]
        given[question] = situation["answers"].get(question, read if known.kind == "many" else read[0])
    return list(given)


# What follows says the promises of each flow a second time, in Python, over random answers.

TRIES = 3_000


def random_cases(name, often=None):
    """Answers, settings, the codes advised and the decision; `often` are answers that half of them have."""
    flow = load_flow(FOLDER / f"{name}.yml")
    chance = random.Random(8)
    for _ in range(TRIES):
        answers = {}
        for id_, question in flow.questions.items():
            if question.kind == "times" or chance.random() < 0.1:
                continue
            options = list(question.options)
            if question.kind != "many":
                answers[id_] = Answer(chance.choice(options))
                continue
            free = [o for o in options if not question.bits[o] & question.alone]
            alone = [o for o in options if o not in free]
            picked = chance.sample(free, min(len(free), chance.choice([1, 1, 2, 3, 4, 5])))
            answers[id_] = Answer(tuple(alone[:1] if alone and chance.random() < 0.4 else picked))
        if often and chance.random() < 0.5:
            answers |= {id_: Answer(value) for id_, value in often.items()}
        on = {setting for setting in flow.settings if chance.random() < 0.5}
        decision = decide(flow, answers, on)
        given = {id_: answer.value for id_, answer in answers.items()}
        yield given, on, [step.code for step in decision.steps], decision


LAWYERS = ["notify_operator", "legal_letter", "court"]


def test_no_rung_above_five_without_counsel_ground_and_the_streisand_check():
    climbing = {"content": ("accusation",), "truth": "inaccurate", "fault": "not_ours", "stopped": "no"}
    climbing |= {"harm": "serious", "reach": "fewer", "counsel": "agreed", "author": "outsider"}
    reached = set()
    for given, on, codes, _ in random_cases("third_party", climbing):
        above = [code for code in codes if code in LAWYERS]
        reached |= set(above)
        assert len(above) <= 1
        if above:
            assert (given.get("reach"), given.get("counsel")) == ("fewer", "agreed")
            assert given["ground"] in ("staff_name", "our_name", "other_right")
            assert not ("public_body" in on and given["ground"] == "our_name")
            assert given.get("stopped", "no") == "no"
            assert "reported" in given["tried"]
            assert "legal" in codes
            assert "preserve" in codes
            assert {"legal_letter": "notice", "court": "letter"}.get(above[0], "reported") in given["tried"]
    assert reached == set(LAWYERS)


def test_criticism_parody_truth_and_whistleblowers_are_left_alone():
    against = {"ask_poster", "report_platform", *LAWYERS}
    for given, _, codes, _ in random_cases("third_party"):
        content = set(given.get("content", ("criticism",)))
        urgent = content & {"impersonation", "private_data", "harassment", "scam"}
        theirs = content <= {"criticism", "parody", "our_material"} and content & {"criticism", "parody"}
        concern = given.get("author") == "maybe_ours" and not urgent
        if theirs or concern or (given.get("truth") == "accurate" and not urgent):
            assert against.isdisjoint(codes), given
        if given.get("fault") != "ours":
            assert "apologise" not in codes


def test_support_comes_first_and_lawful_speech_stays():
    for given, _, codes, _ in random_cases("personal_use"):
        asking = given.get("asking", "manager")
        lawful = set(given.get("what", ("opinion",))) <= {"opinion", "concern", "off_duty"}
        if asking in ("victim", "accused"):
            assert codes[0] == "support", given
        if asking != "comms":
            assert {"respond", "apologise"}.isdisjoint(codes)
        if lawful:
            assert {"apologise", "ask_remove"}.isdisjoint(codes)
            assert "hide_own" not in codes or given.get("harm") == "death"
        if "raise" in codes:
            assert (asking, given["wish"]) == ("victim", "formal")
        if {"report_platform", "ask_remove", "hide_own"} & set(codes):
            assert "preserve" in codes


def test_every_breach_is_recorded_and_who_must_be_told_is_told():
    for given, _, codes, decision in random_cases("breach"):
        assert "record" in codes
        real = given.get("certain") != "no" and given.get("personal_data") != "none"
        if not real:
            assert {"tell_ico", "tell_people"}.isdisjoint(codes)
            continue
        assert "dpo" in codes
        assert "preserve" in codes
        risk = given.get("risk", "unsure")
        if risk in ("likely", "high") and given.get("ico_told", "no") == "no":
            assert "tell_ico" in codes
            assert "ico_72h" in [deadline.id for deadline in decision.deadlines]
        if risk == "high" and given.get("people_told") != "all":
            assert "tell_people" in codes
        if given.get("contained", "no") == "no":
            assert codes.index("preserve") < codes.index("contain")
