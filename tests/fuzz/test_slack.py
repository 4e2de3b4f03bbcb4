"""What Slack might send, by HTTP and by a socket: kept, refused or passed over, never an error of ours."""

import json
import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

import amends.slack.handlers  # noqa: F401 - declares what is handled
from amends.incidents.database import Database
from amends.slack.intake import Intake
from amends.slack.receive import Receiver
from tests.fuzz.made_up import changed, texts, values
from tests.fuzz.trying import often, one
from tests.slack import sent
from tests.slack.test_receive import settings

BODIES = [
    sent.message(),
    sent.message(channel="C1", thread_ts="1700000000.000050", files=[{"id": "F1", "name": "post.png"}]),
    sent.mention(),
    sent.press(),
    sent.press("answer", '{"question": "harm", "value": "upset", "state": "INC-2026-0001:3"}'),
    sent.command(),
    sent.shortcut(message={"ts": "1.2", "text": "A post", "user": "UBO"}, channel={"id": "C1"}),
    sent.submission(),
    sent.event({"type": "app_home_opened", "user": "UADA", "tab": "home"}),
]
bodies = st.one_of(changed(st.sampled_from(BODIES)), st.dictionaries(texts, values, max_size=5))
KINDS = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", "")


@pytest.fixture(scope="module")
def way_in(migrated_sqlite, tmp_path_factory):
    path = shutil.copy(migrated_sqlite, tmp_path_factory.mktemp("slack") / "record.db")
    database = Database(f"sqlite:///{path}")
    receiver = Receiver(settings(), Intake(database, lambda: None))
    receiver.identity = sent.APP
    app = Starlette(routes=[Route("/slack/events", receiver.over_http, methods=["POST"])])
    with TestClient(app) as client:
        client.receiver = receiver
        yield client
        client.portal.call(receiver._intake.close)
    database.dispose()


@often(7, short=60)
@given(body=bodies, form=st.booleans())
def test_any_payload_by_http_is_kept_or_refused(way_in, body, form):
    raw, headers = sent.interactive(body) if form else sent.signed(body)
    with one("payloads of Slack by HTTP"):
        assert way_in.post("/slack/events", content=raw, headers=headers).status_code in {200, 400}


@often(7, short=60)
@given(body=bodies)
def test_any_payload_by_a_socket_is_acknowledged(way_in, body):
    # What comes by a socket was JSON.
    body = json.loads(json.dumps(body))
    with one("payloads of Slack by a socket"):
        assert way_in.portal.call(way_in.receiver.over_socket, body).status == 200


@often(5, short=40)
@given(
    raw=st.one_of(st.binary(max_size=200), texts.map(lambda t: t.encode(errors="replace"))), kind=st.sampled_from(KINDS)
)
def test_any_bytes_that_are_signed_are_refused_or_passed_over(way_in, raw, kind):
    body, headers = sent.signed(raw, kind=kind)
    with one("payloads of Slack by HTTP"):
        assert way_in.post("/slack/events", content=body, headers=headers).status_code in {200, 400, 401}


@often(2, short=20)
@given(
    headers=st.dictionaries(st.sampled_from(["X-Slack-Signature", "X-Slack-Request-Timestamp", "Content-Type"]), texts)
)
def test_what_is_signed_wrongly_is_refused_whatever_the_headers(way_in, headers):
    plain = {
        name: value.encode("latin-1", "replace").replace(b"\n", b"").replace(b"\r", b"")
        for name, value in headers.items()
    }
    with one("payloads of Slack by HTTP"):
        assert way_in.post("/slack/events", content=b'{"type": "event_callback"}', headers=plain).status_code == 401
