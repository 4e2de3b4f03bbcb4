"""The way in: signed, kept, and only then acknowledged; whatever comes, never an error of ours."""

import json

import pytest
from pydantic import SecretStr
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from amends.outbox.tables import Inbound
from amends.slack.intake import Intake
from amends.slack.receive import LONGEST, Receiver
from amends.slack.registry import EVERYBODY, May, Registry
from tests.console.fake_bot import settings_for
from tests.slack import sent
from tests.slack.sent import APP, SECRET


async def handler(_desk, _call):
    """Does nothing."""


def not_empty(payload):
    return None if payload["view"].get("text") else {"text": "Write the note."}


def broken(payload):
    raise KeyError(payload["view"]["text"])


@pytest.fixture
def registry():
    registry = Registry()
    may = May(EVERYBODY)
    for kind, id_ in (("message", "message"), ("message", "mention"), ("press", "say:"), ("command", "/amends")):
        registry.on(kind, id_, may)(handler)
    registry.on("submission", "note", may, check=not_empty)(handler)
    registry.on("submission", "next", may, answer=lambda _: {"type": "modal", "blocks": []})(handler)
    registry.on("submission", "push", may, answer=lambda _: {"response_action": "push", "view": {}})(handler)
    registry.on("submission", "broken check", may, check=broken)(handler)
    registry.on("submission", "broken answer", may, answer=broken)(handler)
    return registry


def settings(**more):
    return settings_for(
        1,
        "sqlite://",
        slack_bot_token=SecretStr("xoxb-1"),
        slack_signing_secret=SecretStr(SECRET),
        slack_mode="http",
        # Nothing listens there: an acknowledgement needs no answer of Slack's.
        slack_api_url="http://127.0.0.1:9/api/",
        **more,
    )


@pytest.fixture
def receiver(sqlite_database, registry):
    receiver = Receiver(settings(), Intake(sqlite_database, lambda: None), registry)
    receiver.identity = APP
    return receiver


@pytest.fixture
def client(receiver):
    app = Starlette(routes=[Route("/slack/events", receiver.over_http, methods=["POST"])])
    with TestClient(app) as client:
        yield client
        client.portal.call(receiver._intake.close)


@pytest.fixture
def http(client):
    return lambda raw, headers: client.post("/slack/events", content=raw, headers=headers)


@pytest.fixture
def socket(client, receiver):
    return lambda payload: client.portal.call(receiver.over_socket, payload)


def keys(database):
    with database.read() as session:
        return list(session.scalars(select(Inbound.key).order_by(Inbound.id)))


def test_a_signed_message_is_kept_and_acknowledged(http, sqlite_database):
    answer = http(*sent.signed(sent.message()))
    assert (answer.status_code, answer.text) == (200, "")
    assert keys(sqlite_database) == ["message:D1:1700000000.000100"]


def test_the_same_message_again_is_acknowledged_and_kept_once(http, sqlite_database):
    for retry in range(3):
        raw, headers = sent.signed(sent.message())
        more = {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": "http_timeout"} if retry else {}
        assert http(raw, headers | more).status_code == 200
    assert len(keys(sqlite_database)) == 1


def test_presses_commands_and_modals_come_as_forms(http, sqlite_database):
    assert http(*sent.interactive(sent.press())).status_code == 200
    assert http(*sent.signed(sent.command(), kind="application/x-www-form-urlencoded")).status_code == 200
    assert http(*sent.interactive(sent.submission(text="A note"))).status_code == 200
    assert keys(sqlite_database) == ["press:1.2.a", "command:1.2.c", "submission:V1:h1"]


def test_a_command_in_which_somebody_writes_payload_is_no_other_than_the_rest(http, sqlite_database):
    body = sent.command(text="the payload of our rocket exploded")
    assert http(*sent.signed(body, kind="application/x-www-form-urlencoded")).status_code == 200
    assert keys(sqlite_database) == ["command:1.2.c"]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        pytest.param({"secret": "another"}, 401, id="a wrong secret"),
        pytest.param({"late": 301}, 401, id="an old timestamp"),
        pytest.param({"late": -305}, 401, id="a timestamp ahead of time"),
        pytest.param({"late": 290}, 200, id="a timestamp that is old enough"),
        pytest.param({}, 200, id="all right"),
    ],
)
def test_what_is_not_signed_rightly_is_refused(change, status, http, sqlite_database):
    assert http(*sent.signed(sent.message(), **change)).status_code == status
    assert len(keys(sqlite_database)) == (status == 200)


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"X-Slack-Signature": None}, id="no signature"),
        pytest.param({"X-Slack-Request-Timestamp": None}, id="no timestamp"),
        pytest.param({"X-Slack-Request-Timestamp": "yesterday"}, id="a timestamp that is no number"),
        pytest.param({"X-Slack-Request-Timestamp": "9" * 400}, id="a timestamp without end"),
        pytest.param({"X-Slack-Signature": b"v0=\xe4\xf6"}, id="a signature of other characters"),
        pytest.param({"X-Slack-Signature": "v0="}, id="an empty signature"),
    ],
)
def test_broken_headers_are_refused(headers, http, sqlite_database):
    raw, right = sent.signed(sent.message())
    wrong = {name: value for name, value in (right | headers).items() if value is not None}
    assert http(raw, wrong).status_code == 401
    assert keys(sqlite_database) == []


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b"{", "application/json"),
        (b'{"type": ', "application/json"),
        (b"[1, 2]", "application/json"),
        (b"null", "application/json"),
        (b'"text"', "application/json"),
        (b"", "application/json"),
        (b"[" * 100_000, "application/json"),
        (b"payload=%7B", "application/x-www-form-urlencoded"),
        (b"payload=%5B1%5D", "application/x-www-form-urlencoded"),
        (b"payload=", "application/x-www-form-urlencoded"),
    ],
)
def test_what_cannot_be_read_is_refused(raw, kind, http, sqlite_database):
    assert http(*sent.signed(raw, kind=kind)).status_code == 400
    assert keys(sqlite_database) == []


def test_what_is_no_text_is_refused(http):
    assert http(*sent.signed(b"\xff\xfe{}")).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        {"type": "something_new", "x": [1, {"y": None}]},
        {"type": "event_callback", "event": None},
        {"type": "event_callback", "event": "message", "authorizations": "none"},
        {"type": "event_callback", "event": {"type": "message", "user": 5, "ts": {}, "channel": []}, "team_id": 7},
        {"type": "block_actions", "actions": None, "user": "UADA", "team": "T1", "channel": None},
        {"type": "block_actions", "actions": [{"action_id": 1}], "container": "D1", "message": []},
        {"type": "view_submission"},
        {"type": "view_submission", "view": {"callback_id": ["note"]}},
        {"type": "shortcut"},
        {"authorizations": [None], "enterprise": 3, "type": "event_callback"},
        {"command": {"a": 1}},
        {},
    ],
)
def test_payloads_of_unknown_shape_are_no_error_of_ours(body, http, socket, sqlite_database):
    assert http(*sent.signed(body)).status_code in {200, 400}
    assert socket(body).status == 200
    assert keys(sqlite_database) == []


def test_slacks_own_checks_are_answered(http):
    challenge = http(*sent.signed({"type": "url_verification", "token": "t", "challenge": "abc"}))
    assert challenge.json() == {"challenge": "abc"}
    probe = {"Content-Type": "application/x-www-form-urlencoded"}
    assert http(b"ssl_check=1&token=t", probe).status_code == 200


def test_a_request_that_is_far_too_long_is_refused(http):
    assert http(*sent.signed(b"x" * (LONGEST + 1))).status_code == 413


def test_while_the_record_is_gone_slack_is_asked_to_send_again(http, socket, receiver, sqlite_database, monkeypatch):
    async def gone(_arrivals):
        return False

    with monkeypatch.context() as patch:
        patch.setattr(receiver._intake, "keep", gone)
        assert http(*sent.signed(sent.message())).status_code == 503
        assert socket(sent.message()).status == 503
    assert http(*sent.signed(sent.message())).status_code == 200
    assert len(keys(sqlite_database)) == 1


def test_until_it_is_known_who_the_app_is_nothing_is_acknowledged(http, receiver, sqlite_database):
    receiver.identity = None
    assert http(*sent.signed(sent.message())).status_code == 503
    assert http(*sent.signed({"type": "url_verification", "challenge": "abc"})).status_code == 200
    assert keys(sqlite_database) == []


def test_a_modal_with_something_missing_says_so_at_once_and_is_not_stored(socket, sqlite_database):
    wrong, right = socket(sent.submission()), socket(sent.submission(text="A note"))
    assert json.loads(wrong.body) == {"response_action": "errors", "errors": {"text": "Write the note."}}
    assert right.body == ""
    assert keys(sqlite_database) == ["submission:V1:h1"]


def test_a_modal_may_be_followed_by_another_view(socket, sqlite_database):
    update, push = socket(sent.submission("next")), socket(sent.submission("push", hash_="h2"))
    assert json.loads(update.body) == {"response_action": "update", "view": {"type": "modal", "blocks": []}}
    assert json.loads(push.body) == {"response_action": "push", "view": {}}
    assert len(keys(sqlite_database)) == 2


def test_a_check_or_an_answer_that_breaks_is_logged_without_what_was_written(socket, sqlite_database, caplog):
    checked = sent.submission("broken check", text="what somebody wrote")
    answered = sent.submission("broken answer", text="what somebody wrote", hash_="h2")
    assert [socket(checked).status, socket(answered).status] == [200, 200]
    assert keys(sqlite_database) == ["submission:V1:h1", "submission:V1:h2"]
    assert caplog.text.count("KeyError") == 2
    assert "what somebody wrote" not in caplog.text


def test_what_people_write_is_never_logged(http, socket, caplog):
    caplog.set_level("DEBUG")
    secret = "a word nobody else may read"
    http(*sent.signed(sent.message(secret)))
    http(*sent.signed(sent.message(secret), secret="wrong"))
    http(*sent.signed(sent.message(secret, channel="C1")))
    http(*sent.interactive(sent.press(value=secret)))
    socket(sent.message(secret))
    socket({"type": secret})
    assert secret not in caplog.text
