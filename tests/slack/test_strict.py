"""The strict checker refuses each breach of Slack's rules, at the place where it is."""

import copy
import json

import pytest

from tests.slack.strict import Refused, check_message, check_view


def plain(text="x"):
    return {"type": "plain_text", "text": text}


def markup(text="x"):
    return {"type": "mrkdwn", "text": text}


def section(**more):
    return {"type": "section", "text": markup(), **more}


def button(**more):
    return {"type": "button", "text": plain("Press"), "action_id": "a", "value": "v", **more}


def actions(*elements, **more):
    return {"type": "actions", "elements": list(elements) or [button()], **more}


def option(n=0, **more):
    return {"text": plain(f"Option {n}"), "value": f"o{n}", **more}


def menu(**more):
    return {"type": "static_select", "action_id": "m", "options": [option(1), option(2)], **more}


def boxes(**more):
    return {"type": "checkboxes", "action_id": "c", "options": [option(1), option(2)], **more}


def field(**more):
    return {"type": "plain_text_input", "action_id": "value", **more}


def an_input(element=None, **more):
    return {"type": "input", "label": plain("Label"), "element": element or field(), **more}


def modal(*blocks, **more):
    return {
        "type": "modal",
        "title": plain("Title"),
        "submit": plain("Go"),
        "blocks": list(blocks) or [section()],
        **more,
    }


GOOD_CONFIRM = {"title": plain(), "text": markup(), "confirm": plain(), "deny": plain()}

GOOD = {
    "everything of a section": section(
        block_id="b", fields=[markup(), plain()], accessory=button(style="primary", accessibility_label="Press it")
    ),
    "a header": {"type": "header", "text": plain("x" * 150)},
    "a divider": {"type": "divider"},
    "a context with an image": {
        "type": "context",
        "elements": [markup(), {"type": "image", "image_url": "https://example.org/x.png", "alt_text": "x"}],
    },
    "an image": {"type": "image", "image_url": "https://example.org/x.png", "alt_text": "x", "title": plain()},
    "buttons with the longest texts": actions(button(text=plain("x" * 75), value="v" * 2000, confirm=GOOD_CONFIRM)),
    "a menu": actions(menu(placeholder=plain(), initial_option=option(1))),
    "a menu with groups": actions(
        {"type": "static_select", "option_groups": [{"label": plain(), "options": [option(1)]}]}
    ),
    "an overflow": actions({"type": "overflow", "options": [option(1)]}),
    "ten boxes": actions(boxes(options=[option(n) for n in range(10)], initial_options=[option(3)])),
    "radio buttons": actions({"type": "radio_buttons", "options": [option(1)], "initial_option": option(1)}),
    "a picker of times": actions({"type": "datetimepicker", "action_id": "t", "initial_date_time": 1_700_000_000}),
    "markdown": {"type": "markdown", "text": "# x"},
    "an input": an_input(field(max_length=3000, multiline=True, initial_value="x"), optional=True, hint=plain()),
}


@pytest.mark.parametrize("block", GOOD.values(), ids=GOOD)
def test_what_slack_takes_is_taken(block):
    check_message({"text": "x", "blocks": [block]})


BAD = {
    # what, the block, where it is wrong
    "an unknown type of block": ({"type": "carousel"}, ""),
    "a block without a type": ({"text": plain()}, ""),
    "a block that is no object": ("section", ""),
    "an unknown field": (section(colour="red"), "/colour"),
    "a block id of 256 characters": (section(block_id="b" * 256), "/block_id"),
    "an empty block id": (section(block_id=""), "/block_id"),
    "a section without text": ({"type": "section"}, ""),
    "an empty text": (section(text=markup("")), "/text/text"),
    "a blank text": (section(text=markup(" \n")), "/text/text"),
    "a section of 3001 characters": (section(text=markup("x" * 3001)), "/text/text"),
    "eleven fields": (section(fields=[markup()] * 11), "/fields"),
    "no fields": (section(fields=[]), "/fields"),
    "a field of 2001 characters": (section(fields=[markup("x" * 2001)]), "/fields/0/text"),
    "a text of another type": (section(text={"type": "html", "text": "x"}), "/text/type"),
    "a text that is only a string": (section(text="x"), "/text"),
    "emoji in markup": (section(text={**markup(), "emoji": True}), "/text/emoji"),
    "verbatim plain text": (section(text={**plain(), "verbatim": True}), "/text/verbatim"),
    "a picker of times beside a section": (section(accessory={"type": "datetimepicker"}), "/accessory/type"),
    "a header of 151 characters": ({"type": "header", "text": plain("x" * 151)}, "/text/text"),
    "a header of markup": ({"type": "header", "text": markup()}, "/text/type"),
    "a context of eleven": ({"type": "context", "elements": [markup()] * 11}, "/elements"),
    "an empty context": ({"type": "context", "elements": []}, "/elements"),
    "a button in a context": ({"type": "context", "elements": [button()]}, "/elements/0/type"),
    "26 buttons": (actions(*(button(action_id=str(n)) for n in range(26))), "/elements"),
    "no buttons": ({"type": "actions", "elements": []}, "/elements"),
    "an action id that is there twice": (actions(button(), button()), "/elements/1/action_id"),
    "an action id of 256 characters": (actions(button(action_id="a" * 256)), "/elements/0/action_id"),
    "a text field among buttons": (actions(field()), "/elements/0/type"),
    "a button's label of markup": (actions(button(text=markup())), "/elements/0/text/type"),
    "a button's label of 76 characters": (actions(button(text=plain("x" * 76))), "/elements/0/text/text"),
    "a button's value of 2001 characters": (actions(button(value="v" * 2001)), "/elements/0/value"),
    "a button's empty value": (actions(button(value="")), "/elements/0/value"),
    "a button's value that is no text": (actions(button(value=1)), "/elements/0/value"),
    "a button's address of 3001 characters": (actions(button(url="u" * 3001)), "/elements/0/url"),
    "a button in another style": (actions(button(style="plain")), "/elements/0/style"),
    "a button's spoken label of 76 characters": (
        actions(button(accessibility_label="x" * 76)),
        "/elements/0/accessibility_label",
    ),
    "a confirmation's title of 101 characters": (
        actions(button(confirm={**GOOD_CONFIRM, "title": plain("x" * 101)})),
        "/elements/0/confirm/title/text",
    ),
    "a confirmation's text of 301 characters": (
        actions(button(confirm={**GOOD_CONFIRM, "text": markup("x" * 301)})),
        "/elements/0/confirm/text/text",
    ),
    "a confirmation's button of 31 characters": (
        actions(button(confirm={**GOOD_CONFIRM, "deny": plain("x" * 31)})),
        "/elements/0/confirm/deny/text",
    ),
    "101 options": (actions(menu(options=[option(n) for n in range(101)])), "/elements/0/options"),
    "no options": (actions(menu(options=[])), "/elements/0/options"),
    "an option's label of 76 characters": (
        actions(menu(options=[option(text=plain("x" * 76))])),
        "/elements/0/options/0/text/text",
    ),
    "an option's label of markup in a menu": (
        actions(menu(options=[option(text=markup())])),
        "/elements/0/options/0/text/type",
    ),
    "an option's value of 151 characters": (
        actions(menu(options=[option(value="v" * 151)])),
        "/elements/0/options/0/value",
    ),
    "an option's description of 76 characters": (
        actions(menu(options=[option(description=plain("x" * 76))])),
        "/elements/0/options/0/description/text",
    ),
    "an option that is there twice": (actions(menu(options=[option(1), option(1)])), "/elements/0/options/1/value"),
    "a placeholder of 151 characters": (actions(menu(placeholder=plain("x" * 151))), "/elements/0/placeholder/text"),
    "a choice that is none of the options": (actions(menu(initial_option=option(9))), "/elements/0/initial_option"),
    "options and groups": (actions(menu(option_groups=[])), "/elements/0"),
    "101 groups": (
        actions({"type": "static_select", "option_groups": [{"label": plain(), "options": [option()]}] * 101}),
        "/elements/0/option_groups",
    ),
    "six options in an overflow": (
        actions({"type": "overflow", "options": [option(n) for n in range(6)]}),
        "/elements/0/options",
    ),
    "eleven boxes": (actions(boxes(options=[option(n) for n in range(11)])), "/elements/0/options"),
    "eleven radio buttons": (
        actions({"type": "radio_buttons", "options": [option(n) for n in range(11)]}),
        "/elements/0/options",
    ),
    "a ticked box that is not there": (actions(boxes(initial_options=[option(9)])), "/elements/0/initial_options/0"),
    "an empty list of ticked boxes": (actions(boxes(initial_options=[])), "/elements/0/initial_options"),
    "a time in milliseconds": (
        actions({"type": "datetimepicker", "initial_date_time": 1_700_000_000_000}),
        "/elements/0/initial_date_time",
    ),
    "an image without words": ({"type": "image", "image_url": "https://example.org/x.png"}, "/alt_text"),
    "an image without an address": ({"type": "image", "alt_text": "x"}, ""),
    "an image's words of 2001 characters": (
        {"type": "image", "image_url": "https://example.org/x.png", "alt_text": "x" * 2001},
        "/alt_text",
    ),
    "an image's address of 3001 characters": (
        {"type": "image", "image_url": "u" * 3001, "alt_text": "x"},
        "/image_url",
    ),
    "an input's label of 2001 characters": (an_input(label=plain("x" * 2001)), "/label/text"),
    "an input's label of markup": (an_input(label=markup()), "/label/type"),
    "an input's hint of 2001 characters": (an_input(hint=plain("x" * 2001)), "/hint/text"),
    "a button as an input": (an_input(button()), "/element/type"),
    "a field for 3001 characters": (an_input(field(max_length=3001)), "/element/max_length"),
    "a first text longer than its field": (
        an_input(field(max_length=3, initial_value="four")),
        "/element/initial_value",
    ),
    "markdown of 12001 characters": ({"type": "markdown", "text": "x" * 12_001}, "/text"),
}


@pytest.mark.parametrize(("block", "where"), BAD.values(), ids=BAD)
def test_a_message_is_refused_with(block, where):
    with pytest.raises(Refused) as refused:
        check_message({"text": "x", "blocks": [section(), block]})
    assert refused.value.pointer.startswith(f"/blocks/1{where}")
    assert refused.value.error == "invalid_blocks"


def refusal(check, *args, **more):
    with pytest.raises(Refused) as refused:
        check(*args, **more)
    return refused.value.error, refused.value.pointer


def test_a_message_of_51_blocks_is_refused():
    assert refusal(check_message, {"text": "x", "blocks": [section()] * 51}) == ("invalid_blocks", "/blocks")
    check_message({"text": "x", "blocks": [section()] * 50})


def test_a_block_id_that_is_there_twice_is_refused():
    blocks = [section(block_id="b"), section(block_id="b")]
    assert refusal(check_message, {"text": "x", "blocks": blocks}) == ("invalid_blocks", "/blocks/1/block_id")


def test_a_message_without_text_and_blocks_is_refused():
    assert refusal(check_message, {"text": " "})[0] == "no_text"
    assert refusal(check_message, {})[0] == "no_text"
    assert refusal(check_message, {"blocks": []})[0] == "no_text"
    check_message({"blocks": [section()]})


def test_a_text_that_is_none_is_refused():
    assert refusal(check_message, {"text": 5})[0] == "invalid_arguments"


def test_a_text_of_40001_characters_is_refused_and_an_update_of_4001():
    assert refusal(check_message, {"text": "x" * 40_001})[0] == "msg_too_long"
    check_message({"text": "x" * 40_000})
    assert refusal(check_message, {"text": "x" * 4_001}, update=True)[0] == "msg_too_long"


def test_a_message_of_more_than_12000_characters_in_all_is_refused():
    blocks = [section(text=markup("x" * 2_990)) for _ in range(4)]
    check_message({"text": "x", "blocks": blocks})
    blocks.append(section(text=markup("x" * 100)))
    assert refusal(check_message, {"text": "x", "blocks": blocks})[0] == "msg_blocks_too_long"


def test_blocks_may_come_as_json_and_broken_json_is_refused():
    check_message({"text": "x", "blocks": json.dumps([section()])})
    assert refusal(check_message, {"text": "x", "blocks": "[{"})[0] == "invalid_blocks_format"
    assert refusal(check_message, {"text": "x", "blocks": {"type": "section"}})[0] == "invalid_blocks_format"


def test_whatever_slack_sdk_refuses_is_refused_too(monkeypatch):
    from slack_sdk.errors import SlackObjectFormationError
    from slack_sdk.models.blocks import SectionBlock

    def refuse(_block):
        raise SlackObjectFormationError("a rule that is only known there")

    monkeypatch.setattr(SectionBlock, "to_dict", refuse)
    assert refusal(check_message, {"text": "x", "blocks": [section()]}) == ("invalid_blocks", "/blocks/0")


def test_a_good_modal_and_a_good_home_are_taken():
    check_view(modal(an_input(), section(), private_metadata="x" * 3000, callback_id="c" * 255), "modal")
    check_view(json.dumps(modal(section())), "modal")
    check_view({"type": "home", "blocks": [section(), actions()]}, "home")
    check_view({"type": "home", "blocks": [section()] * 100}, "home")


def without(view, name):
    view = copy.deepcopy(view)
    del view[name]
    return view


BAD_MODALS = {
    "no title": (without(modal(), "title"), "/view/title"),
    "a title of 25 characters": (modal(title=plain("x" * 25)), "/view/title/text"),
    "a title of markup": (modal(title=markup()), "/view/title/type"),
    "a submit of 25 characters": (modal(submit=plain("x" * 25)), "/view/submit/text"),
    "a close of 25 characters": (modal(close=plain("x" * 25)), "/view/close/text"),
    "metadata of 3001 characters": (modal(private_metadata="x" * 3001), "/view/private_metadata"),
    "a callback id of 256 characters": (modal(callback_id="c" * 256), "/view/callback_id"),
    "an external id of 256 characters": (modal(external_id="c" * 256), "/view/external_id"),
    "an input and no submit": (without(modal(an_input()), "submit"), "/view/submit"),
    "101 blocks": (modal(*[section()] * 101), "/view/blocks"),
    "no blocks": (modal() | {"blocks": []}, "/view/blocks"),
    "an unknown field": (modal(colour="red"), "/view/colour"),
    "markdown": (modal({"type": "markdown", "text": "x"}), "/view/blocks/0/type"),
    "a confirmation, which loses the modal": (
        modal(actions(button(confirm=GOOD_CONFIRM))),
        "/view/blocks/0/elements/0/confirm",
    ),
    "two fields that have the focus": (
        modal(an_input(field(focus_on_load=True)), an_input(field(focus_on_load=True))),
        "/view/blocks/1",
    ),
    "another type": (modal() | {"type": "home"}, "/view"),
    "a flag that is none": (modal(notify_on_close="yes"), "/view/notify_on_close"),
    "nobody to choose": (
        modal(an_input({"type": "multi_users_select", "max_selected_items": 0})),
        "/view/blocks/0/element/max_selected_items",
    ),
    "a day that is none": (
        modal(an_input({"type": "datepicker", "initial_date": "1 May"})),
        "/view/blocks/0/element/initial_date",
    ),
    "a time that is none": (
        modal(an_input({"type": "timepicker", "initial_time": "9:00"})),
        "/view/blocks/0/element/initial_time",
    ),
}


@pytest.mark.parametrize(("view", "where"), BAD_MODALS.values(), ids=BAD_MODALS)
def test_a_modal_is_refused_with(view, where):
    error, pointer = refusal(check_view, view, "modal")
    assert error == "invalid_arguments"
    assert pointer.startswith(where)


def test_a_home_with_a_title_or_a_submit_is_refused():
    home = {"type": "home", "blocks": [section()]}
    assert refusal(check_view, {**home, "title": plain()}, "home")[1] == "/view/title"
    assert refusal(check_view, {**home, "submit": plain()}, "home")[1] == "/view/submit"
    assert refusal(check_view, {**home, "blocks": [section()] * 101}, "home")[1] == "/view/blocks"


def test_a_view_of_more_than_250_kilobytes_is_refused():
    groups = [{"label": plain(), "options": [option(n) for n in range(100)]} for _ in range(100)]
    view = modal(an_input({"type": "static_select", "option_groups": groups}))
    assert refusal(check_view, view, "modal")[0] == "view_too_large"
