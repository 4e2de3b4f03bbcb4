"""Past incidents under an edited flow: same, different, or which question was not asked then."""

import csv
import json
import os
import subprocess
import sys

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from amends.flows import answers_json, decide, next_question, parse_answers
from amends.flows.replay import Recorded, _Open, replay
from tests.flows.brute import completions, outcome
from tests.flows.generate import answers, flows
from tests.flows.small import ROOT, SMALL, small

PHASES = (Phase.explicit, Phase.reuse, Phase.generate)


def recorded(flow, raw, reference="INC-1"):
    decision = decide(flow, parse_answers(flow, raw)).as_json()
    return Recorded(reference, raw, json.loads(json.dumps(decision)))


def under(new, raw, old=None):
    ((_, found),) = replay(new, [recorded(old or small(), raw)])
    return found


@settings(max_examples=200, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_one_can_tell_exactly_when_every_completion_gives_the_same_advice(data):
    flow = data.draw(flows())
    given_ = data.draw(answers(flow))
    outcomes = {outcome(flow, completed) for completed in completions(flow, given_, but="")}
    question = _Open(flow, frozenset()).undecided(given_)
    assert (question is None) == (len(outcomes) <= 1)
    assert (question is None) == (next_question(flow, given_) is None)
    assert question not in given_


@settings(max_examples=100, deadline=None, phases=PHASES, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_same_and_different_are_what_decide_says(data):
    old, new = data.draw(flows()), data.draw(flows())
    given_ = data.draw(answers(old))
    incident = Recorded("INC-1", answers_json(given_), decide(old, given_).as_json())
    ((reference, found),) = replay(new, [incident])
    assert reference == "INC-1"
    if found.verdict == "cannot tell":
        assert found.question is None or found.question not in given_
        return
    asked = {name: value for name, value in incident.answers.items() if name in new.questions}
    before, after = outcome(old, given_), outcome(new, parse_answers(new, asked))
    assert (found.verdict == "same") == (before == after)


FACTS = {"harm": "some", "seen": "yes", "issue": ["typo"]}


def test_nothing_changed_is_the_same():
    assert under(small(), FACTS).verdict == "same"


def test_a_difference_is_shown_side_by_side_with_its_reason():
    found = under(small("do: [take_down, {respond", "do: [hold, {respond"), FACTS)
    assert found.verdict == "different"
    assert (found.before, found.after) == (("preserve", "take_down", "respond"), ("hold", "respond"))
    assert found.lost == (("response", "preserve"), ("response", "take_down"))
    assert found.gained == (("response", "hold"),)
    assert found.reason == "Somebody is hurt. (who could be hurt: Somebody)"


def test_what_was_not_asked_then_is_named():
    found = under(small(), {"harm": "some", "issue": ["typo"]})
    assert (found.verdict, found.question) == ("cannot tell", "seen")
    assert found.reason == "It hangs on a question that was not asked then: Did anybody see it?"
    assert under(small(), {"harm": "many", "issue": ["typo"]}).verdict == "same"


def test_an_option_that_is_gone_or_a_missing_decision_cannot_be_told():
    gone = small('typo: "A typo", ', "")
    assert "no option of issue called typo" in under(gone, FACTS).reason
    ((_, found),) = replay(small(), [Recorded("INC-2", FACTS, None)])
    assert found.verdict == "cannot tell"


def test_a_question_that_is_gone_does_not_matter():
    found = under(small(), {**FACTS}, small())
    assert found.verdict == "same"
    ((_, found),) = replay(small(), [Recorded("INC-3", {**FACTS, "old": "x"}, recorded(small(), FACTS).decision)])
    assert found.verdict == "same"


def test_flow_replay_reads_the_record(sqlite_database, tmp_path):
    from sqlalchemy import update

    from amends.incidents.models import Incident
    from tests.incidents.test_record import report

    report(sqlite_database)
    incident = recorded(small(), FACTS)
    with sqlite_database.begin() as session:
        session.execute(update(Incident).values(answers=json.dumps(FACTS), decision=json.dumps(incident.decision)))
    sqlite_database.dispose()
    edited = tmp_path / "edited.yml"
    edited.write_text(SMALL.replace("do: [take_down, {respond", "do: [hold, {respond"))

    def run(*arguments):
        environment = {**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path / 'record.db'}"}
        command = [sys.executable, "-m", "amends.cli", "flow", "replay", str(edited), *arguments]
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    result = run("--csv", str(tmp_path / "out.csv"))
    assert "1 incidents: 0 same, 1 different, 0 cannot tell." in result.stdout, result.stderr
    assert "  then: preserve, take_down, respond\n  now:  hold, respond" in result.stdout
    assert "Replaying" in result.stderr
    (row,) = csv.DictReader((tmp_path / "out.csv").read_text().splitlines())
    assert (row["verdict"], row["after"]) == ("different", "hold respond")
    (told,) = json.loads(run("--json").stdout)["incidents"]
    assert told["reference"] == row["reference"] == "INC-2026-0001"
