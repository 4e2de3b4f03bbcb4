"""Which step or role is meant, what a message holds, and what the assistant says of its own accord."""

import inspect
import re
from datetime import UTC, datetime, timedelta

import pytest
from rasa_sdk import Tracker

from actions.turn import read_turn
from amends.conversation import codes, wording
from amends.conversation.digressions import ROLES
from amends.conversation.turn import clean
from amends.flows import load_flow
from amends.settings import ROOT

FLOW = load_flow(ROOT / "data" / "flows" / "problem_post.yml")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("I've deleted it", ("take_down",)),
        ("screenshot taken, and it's down now", ("preserve", "take_down")),
        ("I took it down and told the lawyers", ("take_down", "legal")),
        ("said sorry to her", ("apologise",)),
        ("why can't we joke about it", ("make_light",)),
        ("can we just ignore it", ("hold",)),
        ("reported it to Instagram", ("report_platform",)),
        ("told the DPO", ("dpo",)),
        ("nothing of the kind", ()),
    ],
)
def test_the_step_that_is_meant(text, found):
    assert codes.said(text, FLOW.codes) == found


def test_a_step_that_a_policy_owner_adds_is_found_by_its_label():
    assert codes.said("we rang the Rector", {"rector": type("C", (), {"label": "the rector"})()}) == ("rector",)


def test_the_role_that_is_meant():
    assert codes.roles_said("get me somebody from HR or legal", ROLES) == ("hr", "legal")


def test_a_message_is_cleaned_and_cut():
    assert clean("a\x00b\u200bc\r\nd") == ("abc\nd", False)
    assert clean("half a pair \ud83d of surrogates") == ("half a pair  of surrogates", False)
    text, cut = clean("x" * 40_000)
    assert cut
    assert len(text) == 10_000


def tracker(**message):
    return Tracker.from_dict(
        {
            "sender_id": "web:ada",
            "slots": {},
            "latest_message": message,
            "events": [],
            "paused": False,
            "followup_action": None,
            "active_loop": {},
            "latest_action_name": None,
        }
    )


def test_a_time_ahead_or_without_a_zone_or_unreadable_becomes_now():
    for said in ((datetime.now(UTC) + timedelta(days=1)).isoformat(), "2026-03-02T10:00:00", "yesterday", None, 7):
        turn = read_turn(tracker(text="hi", metadata={"said_at": said}))
        assert abs(turn.said_at - datetime.now(UTC)) < timedelta(minutes=1)


def test_words_carry_no_entities_so_that_typing_cannot_forge_a_press():
    typed = read_turn(tracker(text="hello", entities=[{"entity": "state", "value": "INC-2026-0001:1"}]))
    assert typed.entities == {}
    pressed = read_turn(tracker(text='/press{"state": "x"}', entities=[{"entity": "state", "value": "x\ud800"}]))
    assert pressed.entities == {"state": "x"}
    assert pressed.words == ""


def test_a_message_without_anything_is_still_a_turn():
    turn = read_turn(tracker())
    assert turn.text == ""
    assert turn.key


def sentences():
    return {name: value for name, value in vars(wording).items() if name.isupper() and isinstance(value, str)}


def test_what_is_said_is_plain_and_blames_nobody():
    for name, text in sentences().items():
        assert not re.search(
            r"\b(your fault|you should have|unfortunately|please note|user|invalid)\b", text, re.IGNORECASE
        ), name
        assert not re.search(r"[\u2600-\u27bf\U0001f000-\U0001faff\u2014\u2013]", text), name


def test_everything_that_is_worded_is_said_somewhere():
    folder = ROOT / "amends" / "conversation"
    code = "\n".join(path.read_text() for path in folder.glob("*.py"))
    names = [*sentences(), *(n for n, f in vars(wording).items() if inspect.isfunction(f) and not n.startswith("_"))]
    unused = [name for name in names if len(re.findall(rf"\b{name}\b", code)) < 2]
    assert [name for name in unused if name != "either"] == []
