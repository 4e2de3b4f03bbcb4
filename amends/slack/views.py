"""The modals. Each is a view as Slack takes it; the names of its fields are its block ids."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amends.slack import blocks as kit
from amends.slack import cards
from amends.slack.home_tab import HomeModel, home

if TYPE_CHECKING:
    from collections.abc import Sequence

    from amends.conversation.replies import Choice, ClauseCard, DraftReply
    from amends.slack.blocks import Block, View

LONGEST_FIELD = 3_000


def start(text: str = "", channel: str = "") -> View:
    """Tell what happened. Field: `what`. The channel is where it was opened, if that is known."""
    field = text_field("what", "What happened?", text, hint="In your own words. A person can be asked for at any time.")
    return modal("start", "Report a problem", [field], submit="Start", channel=channel)


def draft(reference: str, conversation: str, text: str = "", state: str = "") -> View:
    """Paste words to have them checked. Field: `draft`."""
    field = text_field("draft", "What you want to say", text, hint="Nothing is posted anywhere.")
    return modal(
        "draft", "Check my words", [field], submit="Check", incident=reference, conversation=conversation, state=state
    )


def checking() -> View:
    """Shown while a draft is checked."""
    return modal("checking", "Check my words", [kit.section(text="Checking your words. This takes a few seconds.")])


def draft_checked(reply: DraftReply, text: str, reference: str, conversation: str, state: str = "") -> View:
    """What is wrong with a draft, and the draft to be changed and checked again. Field: `draft`."""
    found = cards.findings(reply, 1_500)[:90] if reply.findings else [kit.section(text=reply.text)]
    field = text_field("draft", "What you want to say", text, hint="Nothing is posted anywhere.")
    return modal(
        "draft",
        "Check my words",
        [*found, field],
        submit="Check again",
        incident=reference,
        conversation=conversation,
        state=state,
    )


def clauses(found: Sequence[ClauseCard]) -> View:
    """The clauses behind the advice."""
    drawn = cards.clauses(tuple(found[: kit.MOST_IN_A_VIEW // 2]), 2_500)
    return modal("clauses", "What it rests on", drawn or [kit.section(text="No clause stands behind this advice.")])


def override(reference: str, options: Sequence[Choice], chosen: Sequence[str] = (), state: str = "") -> View:
    """Decide otherwise. Fields: `responses` and `reason`."""
    menu: Block = {
        "type": "multi_static_select",
        "action_id": "value",
        "placeholder": kit.plain("Choose one or more", 150),
        "options": [kit.option(one.label, one.code) for one in options][: kit.MOST_OPTIONS],
    }
    there = [one for one in menu["options"] if one["value"] in chosen]
    if there:
        menu["initial_options"] = there
    fields = [
        kit.section(text=f"Your decision takes the place of the advice for {reference}. Both stay in the record."),
        input_field("responses", "What is to be done", menu),
        text_field("reason", "Why", hint="It goes into the record with your name."),
    ]
    return modal("override", "Override the advice", fields, submit="Decide", incident=reference, state=state)


def note(reference: str, state: str = "") -> View:
    """Add a note. Field: `text`."""
    field = text_field("text", "Note", hint="It goes into the record with your name, as it stands.")
    return modal("note", "Add a note", [field], submit="Add", incident=reference, state=state)


def sign_off(reference: str, missing: Sequence[str] = (), state: str = "") -> View:
    """Accept an incident's record. Field: `statement`.

    Args:
        missing: what the record lacks, a sentence each; it is listed first, and the statement has to explain it.
    """
    hint = "What you looked at, and what is still to be done, if anything."
    fields = [
        kit.section(text=f"With this you accept the record of {reference}. It can be done once."),
        text_field("statement", "Statement", hint=f"Say why these are missing. {hint}" if missing else hint),
    ]
    if missing:
        fields.insert(0, kit.section(text="\n".join(["Missing from the record:", *missing])))
    return modal("sign_off", "Sign off", fields, submit="Sign off", incident=reference, state=state)


def restrict(reference: str, user_ids: Sequence[str] = (), state: str = "", *, on: bool = False) -> View:
    """Say who may see an incident. Fields: `restricted` (`yes` or `no`) and `named` (user ids).

    Args:
        user_ids: those who are named now.
        on: whether it is restricted now.
    """
    named: Block = {
        "type": "multi_users_select",
        "action_id": "value",
        "placeholder": kit.plain("Choose people", 150),
    }
    if user_ids:
        named["initial_users"] = list(user_ids)
    choices = [
        kit.option("Only those who are named here", "yes"),
        kit.option("Everybody involved, and all leads", "no"),
    ]
    who: Block = {"type": "radio_buttons", "action_id": "value", "options": choices, "initial_option": choices[0]}
    fields = [
        kit.section(text=f"{reference} is restricted now." if on else f"{reference} is not restricted now."),
        input_field("restricted", f"Who may see {reference}", who),
        input_field("named", "Those who may see it", named, hint="You stay among them.", optional=True),
    ]
    return modal("restrict", "Restrict", fields, submit="Save", incident=reference, state=state)


def reopen(reference: str, state: str = "", *, signed_off: bool = False) -> View:
    """Open a closed incident again. Field: `reason`."""
    field = text_field("reason", "Why", hint="It goes into the record with your name.")
    stays = "It was signed off. The sign-off stays in the record; a new one is needed when it is closed again."
    fields = [kit.section(text=stays), field] if signed_off else [field]
    return modal("reopen", "Open again", fields, submit="Open", incident=reference, state=state)


def drill(reference: str, *, on: bool = False) -> View:
    """Say whether an incident is a drill. Field: `drill` (`yes` or `no`).

    Args:
        on: whether it is marked as one now.
    """
    choices = [kit.option("A drill: practice, not counted among real incidents", "yes"), kit.option("Real", "no")]
    element: Block = {
        "type": "radio_buttons",
        "action_id": "value",
        "options": choices,
        "initial_option": choices[0 if on else 1],
    }
    return modal(
        "drill", "Drill", [input_field("drill", f"{reference} is", element)], submit="Save", incident=reference
    )


def refusal(sentence: str) -> View:
    """Why something was not done."""
    return modal("refusal", "Not done", [kit.section(text=sentence)])


def modal(callback: str, title: str, blocks: Sequence[Block], submit: str = "", **carries: str) -> View:
    view: View = {
        "type": "modal",
        "callback_id": callback,
        "title": kit.plain(title, 24),
        "close": kit.plain("Cancel" if submit else "Close", 24),
        "blocks": list(blocks),
        "private_metadata": kit.value(**{name: value for name, value in carries.items() if value}),
    }
    if submit:
        view["submit"] = kit.plain(submit, 24)
    return view


def input_field(name: str, label: str, element: Block, hint: str = "", *, optional: bool = False) -> Block:
    block: Block = {"type": "input", "block_id": name, "label": kit.plain(label, 2_000), "element": element}
    if hint:
        block["hint"] = kit.plain(hint, 2_000)
    if optional:
        block["optional"] = True
    return block


def text_field(name: str, label: str, text: str = "", hint: str = "") -> Block:
    element: Block = {"type": "plain_text_input", "action_id": "value", "multiline": True, "max_length": LONGEST_FIELD}
    if text:
        element["initial_value"] = text[:LONGEST_FIELD]
    return input_field(name, label, element, hint)


__all__ = [
    "LONGEST_FIELD",
    "HomeModel",
    "checking",
    "clauses",
    "draft",
    "draft_checked",
    "drill",
    "home",
    "note",
    "override",
    "refusal",
    "reopen",
    "restrict",
    "sign_off",
    "start",
]
