"""A flow that would break a never-rule is overruled: the person is told, it is logged, and the trail keeps it."""

import shutil

import pytest

from actions import service
from amends.conversation.assistant import Assistant
from amends.conversation.shelf import Shelf
from amends.settings import CACHE, ROOT

from .talking import Person
from .test_actions import advised


@pytest.fixture
def careless(tmp_path, sqlite_database, encoder, settings, clock):
    """An assistant whose flow advises a joke about every slip, whatever the harm."""
    shutil.copytree(ROOT / "data", tmp_path / "data")
    flow = tmp_path / "data" / "flows" / "problem_post.yml"
    old = 'do: [take_down, apologise, respond]\n    confidence: medium\n    reason: "It touches'
    text = flow.read_text()
    assert old in text
    flow.write_text(text.replace(old, old.replace("respond]", "respond, make_light]")))
    shelf = Shelf(sqlite_database, tmp_path / "data", encoder, CACHE)
    service.use(Assistant(settings, sqlite_database, shelf, now=clock))
    yield Person("Ada", "web:ada", clock)
    service.use(None)


def test_what_a_never_rule_refuses_is_left_out_told_logged_and_recorded(careless, the_record, caplog):
    advice = advised(careless, protected="present")
    assert "make_light" not in [step.code for step in advice.steps]
    assert "It was left out." in advice.text
    assert "Never-rule N3 overruled flow version" in caplog.text
    decision = the_record.trail()[-1].payload["decision"]
    assert {"never", "N3", "refuses"} <= {
        value for row in decision["trace"] for value in row.values() if isinstance(value, str)
    }


def test_what_must_not_be_done_stands_on_the_card(assistant, clock):  # noqa: ARG001 - the actions find it
    advice = advised(Person("Ada", "web:ada", clock), legal="info_request")
    assert advice.do_not == ("Do not delete anything for good. That goes for everybody.",)
