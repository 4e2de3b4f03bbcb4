"""`amends flow try`: a flow tried in the terminal, with lines from a pipe."""

import os
import subprocess
import sys

import pytest

from amends.flows import decide, load_flow, parse_answers
from amends.incidents.database import Database
from amends.workshop import publish_first
from tests.console.workshop import SLIP, WORDS, add_incident, case_facts, live_flow, make_draft
from tests.flows.small import ROOT, SHIPPED, SMALL

FACTS = {"origin": "own_post", "issue": ["slip"], "harm": "annoyance", "personal_data": "none"}


def try_flow(*lines, name="problem_post", options=(), url="sqlite://", code=0):
    result = subprocess.run(
        [sys.executable, "-m", "amends.cli", "flow", "try", name, *options],
        cwd=ROOT,
        input="\n".join(lines) + "\n",
        env={**os.environ, "DATABASE_URL": url, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == code, result.stderr
    assert "Traceback" not in result.stderr
    return result.stdout + result.stderr


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "small.yml"
    path.write_text(SMALL)
    return str(path)


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path / 'record.db'}"


@pytest.fixture
def record(url):
    database = Database(url)
    database.migrate()
    publish_first(database, ROOT / "data")
    yield database
    database.dispose()


def test_questions_are_answered_by_number_and_the_advice_comes_live(small):
    said = try_flow("2", "2", "1", "quit", name=small)
    asked = [said.index(words) for words in ("Who could be hurt?", "Did anybody see it?", "What is wrong?")]
    assert asked == sorted(asked)
    assert "Advice so far: save it, take it down and respond. Level 1." in said
    assert "Several numbers, with commas between." in said
    whole = said[said.index("Advice, level 1") :]
    assert "1. Save it: Copy it." in whole
    assert "Fired: R1, Hurt, recommends: take it down and respond." in whole
    assert "Confidence: high (0.9)." in whole


def test_what_cannot_change_the_advice_is_not_asked(small):
    said = try_flow("3", "1", name=small)
    assert "What is wrong?" in said
    assert "Did anybody see it?" not in said


def test_several_numbers_answer_a_question_of_many(small):
    said = try_flow("1", "2, 3", "answers", name=small)
    assert "issue=typo,data" in said
    assert "2. the data protection officer (bring in): Tell them." in said
    assert "Deadline: Tell them. 72 hours Some Act s.1" in said


def test_an_answer_can_be_changed_and_taken_back(small):
    said = try_flow("1", "1", "change harm=some", "harm = none", "clear harm", "answers", name=small)
    assert said.count("Level 1.") >= 2
    assert "Level 0." in said
    assert "harm=" not in said[said.rindex("Question") :]


def test_a_question_can_be_left_open_and_asked_later(small):
    said = try_flow("", "skip", "1", "advice", "ask harm", "2", name=small)
    assert said.count("Who could be hurt?") == 2
    assert "Not settled: it can still change with who could be hurt" in said


def test_why_and_why_not(small):
    said = try_flow("2", "2", "1", "why", "why not hold", "why harm", "why not dpo", name=small)
    assert "Somebody is hurt. So: take it down and respond." in said
    assert "Not advised: hold." in said
    assert "It would be different with this answer: who could be hurt: Nobody." in said
    assert "It decides." in said
    assert "what is wrong: Personal data" in said


def test_why_not_understands_how_people_say_it():
    said = try_flow("load o2-outage-2012", "why not delete it", "why not make a joke of it")
    assert "Not advised: take it down." in said
    assert "make light of it" in said[said.index("Not advised: take it down.") :]


def test_what_if_lists_the_answers_that_would_change_it(small):
    said = try_flow("2", "2", "2", "what if", name=small)
    assert "- who could be hurt: 'Nobody'. Then no longer: save it, respond, take it down; also: hold;" in said
    assert "- what is wrong: 'Personal data'. Then also: the data protection officer" in said


def test_times_give_a_deadline():
    times = "change noticed_at=2026-03-24 21:20, 2026-03-24 21:40"
    said = try_flow("change personal_data=sensitive", times, "advice", "answers")
    assert "by 27 March 2026, 21:40" in said
    assert "posted 24 March 2026, 21:20, noticed 24 March 2026, 21:40" in said


MISTAKES = [
    ("7", "There is no number 7 here. Give one from 1 to 3."),
    ("0", "There is no number 0 here."),
    ("99999999999999999999999", "There is no number 99999999 here."),
    ("change hram=some", "Did you mean harm?"),
    ("change harm=smoe", "Did you mean some?"),
    ("change harm=", "Give an option of harm: none, some, many."),
    ("1,2", "harm takes one option, not a list."),
    ("clear hram", "Did you mean harm?"),
    ("ask nothing", "There is no question called nothing."),
    ("why not fly", "There is no response or role called fly."),
    ("load", "Say what to load"),
    ("load o2-outage-2021", "Did you mean o2-outage-2012?"),
    ("load INC-2026-9999", "There is no incident INC-2026-9999."),
    ("[red]dance[/red]", "There is no option of harm called [red]dance[/red]."),
    ("\x00\ufffd", "There is no option of harm"),
]


def test_what_cannot_be_used_is_a_sentence_each_and_the_questions_go_on(small, url):
    said = try_flow(*(line for line, _ in MISTAKES), "1", "quit", name=small, url=url)
    place = 0
    for _, sentence in MISTAKES:
        place = said.index(sentence, place) + len(sentence)
    assert "Advice so far" in said[place:]


def test_times_that_cannot_be_used_are_sentences():
    said = try_flow(*(f"change noticed_at={text}" for text in ("soon", "2026-03-24 21:40, 2026-03-24 21:20")))
    assert "soon is no time. Write it such as 2026-03-24 21:20." in said
    assert "Give when it was posted and then when it was noticed" in said


def test_a_public_case_is_loaded_and_decided(record):
    id_ = "o2-outage-2012"
    flow = live_flow(record)
    decision = decide(flow, parse_answers(flow, case_facts()[id_]))
    said = try_flow(options=["--load", id_])
    assert f"Advice, level {decision.level}" in said
    for number, step in enumerate(decision.steps, 1):
        assert f"{number}. {flow.codes[step.code].label}" in said
    for clause in decision.cites:
        assert f"Clause {clause} " in said


def test_an_incident_is_loaded_by_its_reference_without_its_words(record, url):
    reference = add_incident(record, FACTS)
    said = try_flow(f"load {reference.lower()}", url=url)
    assert "harm=annoyance" in said
    assert WORDS not in said
    other = add_incident(record, FACTS, flow_id="another")
    assert "was decided by another flow, another." in try_flow(f"load {other}", url=url)


def test_the_draft_the_live_and_an_older_version_can_be_tried(record, url):
    def answered(*options):
        return try_flow("answers", options=options, url=url)

    live = live_flow(record).version[:12]
    assert "There is no draft of problem_post now." in try_flow(options=["--version", "draft"], url=url, code=1)
    make_draft(record, SLIP)
    assert f"version {live}" in answered("--version", "live")
    assert f"version {live}" in answered("--version", live[:8])
    assert "version " in answered("--version", "draft")
    assert f"version {live}" not in answered("--version", "draft")
    assert "has no version abcdef12" in try_flow(options=["--version", "abcdef12"], url=url, code=1)


def test_a_flow_that_is_not_there_or_broken_is_said(tmp_path):
    broken = tmp_path / "broken.yml"
    broken.write_text(SMALL.replace("harm: {at_least: some}}\n    do", "hram: {at_least: some}}\n    do"))
    assert "Did you mean harm?" in try_flow(name=str(broken), code=1)
    assert "no_such" in try_flow(name="no_such", code=1)


def test_help_names_everything_that_can_be_typed(small):
    said = try_flow("help", name=small)
    for command in ("change harm=upset", "clear harm", "why not apologise", "what if", "load NAME", "quit", "skip"):
        assert command in said


def test_typing_goes_on_after_everything_is_answered(small):
    said = try_flow("1", "1", "5", "start", name=small)
    assert "Nothing is left to ask." in said
    assert said.count("Who could be hurt?") == 2


def test_the_shipped_flow_is_the_one_that_is_tried_by_default():
    assert f"version {load_flow(SHIPPED).version[:12]}" in try_flow("quit")
