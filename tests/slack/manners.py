"""What we ask of a card beyond what Slack does: its text says all of it, presses are understood, no emoji."""

import json
import re
import unicodedata

from amends.rasa.bodies import is_press
from amends.slack import blocks as kit
from tests.slack.strict import check_message, check_view

MARKUP = re.compile(r"<(!here|https://[^<>|\s]+(\|[^<>|]+)?)>")
ENTITY = re.compile(r"&(?!(amp|lt|gt);)")
CARRIES = {
    "submit_many": {"question", "state"},
    "submit_times": {"question", "state"},
    "submit_ticks": {"state"},
    "open_draft": {"incident", "state"},
    "open_clauses": {"incident"},
    "lead:resend": {"outgoing"},
    "lead:card": {"incident"},
    "lead:take_over": {"incident", "state", "lead"},
    "snooze": {"reminder", "minutes"},
    "accounts:right": {"accounts"},
}


def elements(blocks):
    for block in blocks:
        for element in block.get("elements", ()) if block["type"] == "actions" else [block.get("accessory")]:
            if element:
                yield element


def values(blocks):
    """Everything that can be pressed, with what it carries."""
    for element in elements(blocks):
        if element["type"] == "button":
            yield element["action_id"], element["value"]
        if element["action_id"] == "snooze":
            yield from ((element["action_id"], option["value"]) for option in element["options"])


def marked(blocks):
    """All texts that are read as markup."""
    for block in blocks:
        texts = [block.get("text"), *block.get("fields", ())]
        texts += block["elements"] if block["type"] == "context" else []
        yield from (text["text"] for text in texts if text and text["type"] == "mrkdwn")


def assert_escaped(text):
    assert not ENTITY.search(text)
    assert "<" not in MARKUP.sub("", text)
    assert ">" not in MARKUP.sub("", text)


def assert_no_emoji(value):
    for one in kit_strings(value):
        assert not [c for c in one if unicodedata.category(c) == "So" or ord(c) > 0x1F000]


def kit_strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from kit_strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from kit_strings(one)


def assert_presses(blocks, state=None):
    """Each press is one that its handler understands; where there is a state it is the one that was drawn."""
    for action_id, value in values(blocks):
        if action_id.startswith("say:"):
            assert is_press(value), value
            carried = json.loads((value.partition("{")[2] and "{" + value.partition("{")[2]) or "{}")
        elif action_id in ("home:start", "home:go_on"):
            assert value
            continue
        else:
            carried = json.loads(value)
            wanted = CARRIES.get(action_id)
            if action_id.startswith("tell:"):
                wanted = {"incident", "role", "state"}
                assert action_id == f"tell:{carried['role']}"
            elif action_id.startswith("lead:") and wanted is None:
                wanted = {"incident", "state"}
            assert set(carried) == wanted, action_id
        if state is not None and "state" in carried and not action_id.startswith("say:"):
            assert carried["state"] == state


def plain_lines(blocks):
    """The lines that a reader sees, as they stand in the text."""
    for block in blocks:
        text = block.get("text")
        if text and text["type"] == "plain_text":
            yield kit.escape(text["text"])
        for one in marked([block]):
            for line in one.split("\n"):
                yield re.sub(r"^\*(.+)\*$", r"\1", MARKUP.sub("", line)).strip()


def assert_says_all(message, most=kit.LONGEST_TEXT):
    """The text says what the blocks say; where it was too long, each part shortened."""
    text = message["text"]
    assert text.strip()
    assert len(text) <= most
    lines = [line for line in plain_lines(message["blocks"]) if line]
    if sum(len(line) + 1 for line in lines) < most - 200:
        for line in lines:
            assert line in text
    else:
        assert len(text) > most // 10
        assert lines[0][:20] in text


def assert_good(message, state=None, most=kit.LONGEST_TEXT):
    """A message that Slack takes and that keeps our own rules."""
    check_message(message, update=most == kit.LONGEST_TEXT)
    assert set(message) == {"text", "blocks"}
    assert len(message["blocks"]) <= 50
    assert kit.size(message["blocks"]) <= 12_000
    assert_escaped(message["text"])
    for text in marked(message["blocks"]):
        assert_escaped(text)
    assert_no_emoji(message)
    assert_says_all(message, most)
    assert_presses(message["blocks"], state)


def assert_good_view(view, kind="modal"):
    """A view that Slack takes and that keeps our own rules."""
    check_view(view, kind)
    for text in marked(view["blocks"]):
        assert_escaped(text)
    assert_no_emoji(view["blocks"])
    assert_presses(view["blocks"])
    if kind == "modal":
        json.loads(view["private_metadata"])
