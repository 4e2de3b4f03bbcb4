"""Payloads in which a part is missing or of another kind than Slack sends it, and what is to come of them."""

import json

AWAY = object()
HALF = "\ud800"
ODD = [
    ("press", "home:start", "trigger_id", AWAY, "refused"),
    ("press", "home:start", "trigger_id", 5, "refused"),
    ("press", "home:start", "container", True, None),
    ("press", "home:start", "view", "x", None),
    ("press", "home:go_on", "action.value", AWAY, None),
    ("press", "open_draft", "message", [5], None),
    ("press", "say:", "channel.id", HALF, None),
    ("press", "check:keep", "view", True, "refused"),
    ("press", "check:keep", "action", True, "not handled"),
    ("press", "check:keep", "view.state.values.draft", "x", "refused"),
    ("press", "reading:change", "action.value.reading", [], "refused"),
    ("press", "lead:resend", "action.value.outgoing", AWAY, "refused"),
    ("press", "lead:resend", "action.value.outgoing", "x", "refused"),
    ("press", "lead:resend", "action.value.outgoing", 10**30, "refused"),
    ("press", "snooze", "action.value.minutes", AWAY, "refused"),
    ("press", "snooze", "action.value.minutes", {"x": 5}, "refused"),
    ("press", "snooze", "action.value.reminder", True, "refused"),
    ("press", "accounts:right", "action.value.accounts", [[float("inf"), 1]], "refused"),
    ("press", "lead:note", "action.value.incident", HALF, "refused"),
    ("shortcut", "check_this", "message", AWAY, None),
    ("shortcut", "triage_this", "message", True, "refused"),
    ("shortcut", "triage_this", "message.ts", "x", "refused"),
    ("shortcut", "triage_this", "message.ts", AWAY, "refused"),
    ("shortcut", "triage_this", "message.user", HALF, None),
    ("shortcut", "triage_this", "message.text", HALF, None),
    ("shortcut", "triage_this", "message.files", [{"name": "x"}, 5], None),
    ("shortcut", "triage_this", "message.attachments", [5], None),
    ("shortcut", "triage_this", "channel", "C1", "refused"),
    ("command", "/amends", "text", [5], None),
    ("command", "/amends", "response_url", HALF, None),
    ("command", "/amends", "user_id", HALF, "not handled"),
    ("message", "message", "channel", AWAY, "refused"),
    ("message", "mention", "thread_ts", 5, None),
    ("file", "file", "file", True, None),
    ("file", "file", "file.size", "x", None),
    ("file", "file", "file.name", HALF, None),
    ("file", "file", "file.mimetype", 5, None),
    ("file", "file", "file.url_private_download", "http://[::1", None),
    ("file", "file", "pointed", True, None),
    ("submission", "note", "view.state", True, "refused"),
    ("submission", "override", "view.state.values.responses.value", {"selected_options": [5]}, "refused"),
    ("submission", "restrict", "view.state.values.named.value", {"selected_users": [HALF]}, "refused"),
    ("submission", "restrict", "view.state.values.restricted.value", {"selected_option": 5}, "refused"),
    ("submission", "close", "view.state.values", [5], None),
    ("submission", "draft", "view.private_metadata.conversation", 5, "refused"),
    ("submission", "reading_change", "view.private_metadata.reading", 1.5, "refused"),
    ("submission", "check", "view.state.values.draft.value", True, None),
]
"""Of a handler: the part, what stands there, and what comes of it. `AWAY`: the part is missing."""


def with_part(payload, path, value):
    """A payload with this in the place of one part; a part may stand in a text of JSON."""
    name, _, rest = path.partition(".")
    inside = payload[name] if rest else None
    if isinstance(inside, str):
        changed = json.dumps(with_part(json.loads(inside), rest, value))
    else:
        changed = with_part(inside, rest, value) if rest else value
    return {**payload, name: changed} if changed is not AWAY else {key: payload[key] for key in payload if key != name}
