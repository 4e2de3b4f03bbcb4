"""Payloads as Slack sends them, for tests that need no Slack."""

import hashlib
import hmac
import json
import time
from urllib.parse import urlencode

from amends.slack.arrivals import Identity

APP = Identity("T1", "UBOT", "B1")
SECRET = "8f742231b10e8888abcd99yyyzzz85a5"


def event(event_, event_id="Ev1"):
    return {"type": "event_callback", "team_id": "T1", "event_id": event_id, "event": event_}


def message(text="It went wrong", channel="D1", ts="1700000000.000100", **more):
    kind = {"D": "im", "C": "channel", "G": "group"}[channel[0]]
    event_ = {"type": "message", "user": "UADA", "text": text, "channel": channel, "channel_type": kind, "ts": ts}
    return event(event_ | more, more.pop("event_id", f"Ev{ts}"))


def mention(text="<@UBOT> help", channel="C1", ts="1700000000.000100", **more):
    event_ = {"type": "app_mention", "user": "UADA", "text": text, "channel": channel, "ts": ts}
    return event(event_ | more, f"Em{ts}")


def press(action_id="say:0", value="/affirm", channel="D1", trigger="1.2.a", block_id="b1", **more):
    body = {
        "type": "block_actions",
        "user": {"id": "UADA", "team_id": "T1"},
        "team": {"id": "T1"},
        "trigger_id": trigger,
        "response_url": "http://127.0.0.1:9/respond",
        "container": {"type": "message", "message_ts": "1700000000.000200", "channel_id": channel},
        "message": {"ts": "1700000000.000200"},
        "actions": [{"action_id": action_id, "block_id": block_id, "type": "button", "value": value}],
    }
    return body | more


def command(text="I posted it", trigger="1.2.c", **more):
    body = {
        "command": "/amends",
        "text": text,
        "user_id": "UADA",
        "team_id": "T1",
        "channel_id": "C1",
        "trigger_id": trigger,
        "response_url": "http://127.0.0.1:9/respond",
    }
    return body | more


def shortcut(callback="triage_this", type_="message_action", trigger="1.2.s", **more):
    body = {"type": type_, "callback_id": callback, "user": {"id": "UADA"}, "trigger_id": trigger}
    return body | more


def submission(callback="note", metadata='{"incident": "INC-2026-0001"}', view_id="V1", hash_="h1", **more):
    view = {"id": view_id, "hash": hash_, "callback_id": callback, "private_metadata": metadata}
    view["app_installed_team_id"] = "T1"
    return {"type": "view_submission", "user": {"id": "UADA"}, "view": view | more}


def signed(body, *, secret=SECRET, late=0, kind="application/json"):
    """The raw body and headers of a request with this body: bytes, JSON, or a form."""
    if isinstance(body, bytes):
        raw = body
    elif kind == "application/json":
        raw = json.dumps(body).encode()
    else:
        raw = urlencode(body).encode()
    stamp = str(int(time.time()) - late)
    digest = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + raw, hashlib.sha256).hexdigest()
    headers = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}", "Content-Type": kind}
    return raw, headers


def interactive(body):
    """As Slack sends presses, shortcuts and modals by HTTP."""
    return signed({"payload": json.dumps(body)}, kind="application/x-www-form-urlencoded")
