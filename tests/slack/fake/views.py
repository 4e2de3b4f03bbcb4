"""views.*: modals in stacks of three, Home tabs, and what an answer to a submission does to them."""

from __future__ import annotations

import copy
import json
import secrets
import time
from typing import TYPE_CHECKING, Any

from tests.slack import strict
from tests.slack.fake import payloads
from tests.slack.fake.chat import as_slack
from tests.slack.fake.elements import named
from tests.slack.fake.errors import SlackError, invalid_arguments
from tests.slack.fake.methods import method
from tests.slack.fake.seen import View
from tests.slack.strict_parts import Refused

if TYPE_CHECKING:
    from tests.slack.fake.core import Core

DEEPEST = 3


def checked(given: Any, kind: str) -> dict[str, Any]:
    """A view, if Slack would take it; blocks without an id get one."""
    try:
        view = json.loads(given) if isinstance(given, str) else copy.deepcopy(given)
        if not isinstance(view, dict):
            raise invalid_arguments("must be an object [json-pointer:/view]")
        strict.check_view(view, kind)
    except Refused as wrong:
        raise as_slack(wrong) from wrong
    except ValueError as wrong:
        raise invalid_arguments("must be valid json [json-pointer:/view]") from wrong
    named(view["blocks"])
    return dict(view)


def _hash() -> str:
    return f"{int(time.time())}.{secrets.token_hex(4)}"


def _own(slack: Core, view: dict[str, Any], instead_of: View | None = None) -> None:
    """An external id belongs to one view."""
    external = view.get("external_id")
    taken = [each for each in slack.space.views.values() if external and each.view.get("external_id") == external]
    if any(instead_of is None or each.id != instead_of.id for each in taken):
        raise SlackError("duplicate_external_id")


def opened(slack: Core, user: str, view: dict[str, Any], *, on_top: bool) -> View:
    """A new view, alone or on top of the user's stack."""
    _own(slack, view)
    stack = slack.space.stacks.get(user, []) if on_top else []
    if len(stack) >= DEEPEST:
        raise SlackError("push_limit_reached")
    if not on_top:
        for gone in slack.space.stacks.get(user, []):
            slack.space.views.pop(gone, None)
    key = slack.space.new_id("V")
    made = View(key, user, view, _hash(), stack[0] if stack else key, stack[-1] if stack else None)
    slack.space.views[key] = made
    slack.space.stacks[user] = [*stack, key]
    return made


def replaced(slack: Core, there: View, view: dict[str, Any]) -> None:
    """A view becomes another; what was typed stays where block and action ids stay."""
    _own(slack, view, there)
    kept = {block["block_id"] for block in view["blocks"]}
    for (user, key), values in slack.space.chosen.items():
        if (user, key) == (there.user, there.id):
            for gone in set(values) - kept:
                del values[gone]
    there.view, there.hash, there.errors = view, _hash(), {}


def closed_top(slack: Core, user: str) -> None:
    stack = slack.space.stacks.get(user, [])
    if stack:
        slack.space.views.pop(stack.pop(), None)


def closed_all(slack: Core, user: str) -> None:
    while slack.space.stacks.get(user):
        closed_top(slack, user)


@method("views.open", "trigger_id view", "interactivity_pointer")
async def open_view(slack: Core, args: dict[str, Any]) -> dict[str, Any]:
    view = checked(args["view"], "modal")
    trigger = slack.space.use_trigger(str(args["trigger_id"]))
    return {"view": payloads.view_object(opened(slack, trigger.user, view, on_top=False))}


@method("views.push", "trigger_id view", "interactivity_pointer")
async def push(slack: Core, args: dict[str, Any]) -> dict[str, Any]:
    view = checked(args["view"], "modal")
    trigger = slack.space.use_trigger(str(args["trigger_id"]))
    if not slack.space.stacks.get(trigger.user) or trigger.view not in slack.space.views:
        raise SlackError("not_found")  # the trigger has to come from a modal that is open
    return {"view": payloads.view_object(opened(slack, trigger.user, view, on_top=True))}


@method("views.update", "view", "view_id external_id hash")
async def update(slack: Core, args: dict[str, Any]) -> dict[str, Any]:
    view = checked(args["view"], "modal")
    if not (args.get("view_id") or args.get("external_id")):
        raise invalid_arguments("missing required field: view_id or external_id")
    found = [
        each
        for each in slack.space.views.values()
        if each.id == args.get("view_id")
        or ("external_id" in args and each.view.get("external_id") == args["external_id"])
    ]
    if not found:
        raise SlackError("not_found")
    if args.get("hash") and args["hash"] != found[0].hash:
        raise SlackError("hash_conflict")
    replaced(slack, found[0], view)
    return {"view": payloads.view_object(found[0])}


@method("views.publish", "user_id view", "hash")
async def publish(slack: Core, args: dict[str, Any]) -> dict[str, Any]:
    view = checked(args["view"], "home")
    user = slack.space.user(str(args["user_id"]))
    if not slack.permissions.home:
        raise SlackError("not_enabled")
    there = slack.space.homes.get(user.id)
    if args.get("hash") and (there is None or args["hash"] != there.hash):
        raise SlackError("hash_conflict")
    key = there.id if there else slack.space.new_id("V")
    home = View(key, user.id, view, _hash(), key)
    slack.space.homes[user.id] = home
    slack.forget_choices(key)
    return {"view": payloads.view_object(home)}


def answered(slack: Core, view: View, answer: dict[str, Any] | None) -> None:
    """What an ack to a submission does: nothing closes the view, response_action does the rest."""
    if not answer:
        closed_top(slack, view.user)
        return
    action = answer.get("response_action")
    try:
        if action == "errors":
            view.errors = _errors(view, answer.get("errors"))
        elif action == "update":
            replaced(slack, view, checked(answer.get("view"), "modal"))
        elif action == "push":
            opened(slack, view.user, checked(answer.get("view"), "modal"), on_top=True)
        elif action == "clear":
            closed_all(slack, view.user)
        else:
            raise invalid_arguments(f"unknown response_action: {action}")
    except SlackError as wrong:
        slack.log.refuse(f"response_action {action}", wrong.error, str(wrong.body), answer)


def _errors(view: View, errors: Any) -> dict[str, str]:
    """Sentences below fields; each has to name an input block that is there."""
    inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or not all(isinstance(each, str) for each in errors.values()):
        raise invalid_arguments("errors must name blocks and say why")
    if set(errors) - inputs:
        raise invalid_arguments(f"errors for blocks that are no inputs: {sorted(set(errors) - inputs)}")
    return dict(errors)
