"""Those who run Amends see figures and lines, and in neither what people wrote."""

import json
import logging
import re
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr
from starlette.testclient import TestClient

from amends import logs
from amends.console.app import create_app
from amends.incidents import deliveries
from amends.integrity.tables import RecordCheck
from amends.outbox import outgoing
from amends.outbox.tables import Inbound, Outgoing
from tests.conftest import own_logging
from tests.console.fake_bot import running_bot, settings_for

HERE, ELSEWHERE = ("127.0.0.1", 50000), ("192.0.2.7", 50000)
WORDS = "somebody posted a dreadful thing"


@pytest.fixture
def bot():
    with running_bot() as bot:
        yield bot


@pytest.fixture
def desk(bot, database):
    def make(client=HERE, **more):
        url = database.engine.url.render_as_string(hide_password=False)
        app = create_app(settings_for(bot.port, url, **more), catch_up_every=1000)
        return TestClient(app, base_url="http://127.0.0.1", client=client, follow_redirects=False)

    return make


def figures(answer):
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.text)
    return {(s.name, *sorted(s.labels.items())): s.value for family in families for s in family.samples}


def test_figures_say_what_is_up_and_what_waits(desk, database):
    before = datetime.now(UTC) - timedelta(minutes=5)
    with desk() as client:
        how = {"conversation_id": "web:ada", "person": ("web:ada", "Ada"), "source": "web", "at": before}
        deliveries.receive(database, "k1", text=WORDS, **how)
        with database.begin() as session:
            outgoing.put(session, "due", to="C1", body={"text": WORDS}, at=before)
            outgoing.put(
                session, "later", to="C1", body={"text": WORDS}, at=before, not_before=before + timedelta(days=1)
            )
            outgoing.put(session, "dead", to="C1", body={"text": WORDS}, at=before)
            session.query(Outgoing).filter_by(key="dead").one().dead_at = before
            row = {"kind": "message", "lane": "l", "payload": "{}", "received_at": before, "not_before": before}
            session.add(Inbound(key="i1", handled_at=before, set_aside=True, **row))
        found = figures(client.get("/metrics"))
    assert (found["amends_bot_up",], found["amends_record_up",]) == (1, 1)
    assert found["amends_record_fits",] == 1
    assert found["amends_messages_waiting",] == 1
    assert 290 < found["amends_messages_oldest_seconds",] < 400
    assert (found["amends_outgoing_waiting",], found["amends_outgoing_set_aside",]) == (1, 1)
    assert (found["amends_inbound_waiting",], found["amends_inbound_set_aside",]) == (0, 1)
    assert ("amends_slack_up",) not in found


def test_a_record_that_does_not_fit_any_more_shows_in_the_figures(desk, database):
    with desk() as client:
        at, damage = datetime.now(UTC), '[{"sentence": "An entry is missing."}]'
        with database.begin() as session:
            row = {"day": "2026-03-02", "began_at": at, "ended_at": at, "entries": 3, "number": 3, "seal": "s"}
            session.add(RecordCheck(damage=damage, **row))
        assert figures(client.get("/metrics"))["amends_record_fits",] == 0


def test_requests_are_counted_by_the_pattern_of_their_address(desk):
    with desk() as client:
        client.get("/policies?words=dreadful")
        client.get("/made/up/dreadful")
        answer = client.get("/metrics")
    found = figures(answer)
    for route, status in (("/policies", "303"), ("no such page", "404")):
        labels = (("method", "GET"), ("route", route), ("status", status))
        assert found[("amends_request_seconds_count", *labels)] >= 1
    assert "dreadful" not in answer.text


def test_how_long_people_waited_for_an_answer_is_measured(desk):
    with desk() as client:
        page = client.get("/").text
        csrf = re.search(r'name="csrf" value="([^"]+)"', page)[1]
        before = figures(client.get("/metrics")).get(("amends_answer_seconds_count", ("source", "web")), 0)
        said = {"csrf": csrf, "key": re.search(r'name="key" value="([^"]+)"', page)[1], "name": "Ada", "text": WORDS}
        assert client.post("/start", data=said).status_code == 303
        assert figures(client.get("/metrics"))["amends_answer_seconds_count", ("source", "web")] == before + 1


@pytest.mark.parametrize(
    ("client", "token", "brought", "status"),
    [
        pytest.param(HERE, "", {}, 200, id="this machine"),
        pytest.param(ELSEWHERE, "", {}, 403, id="another machine"),
        pytest.param(HERE, "a-token", {}, 403, id="this machine without the token"),
        pytest.param(ELSEWHERE, "a-token", {"Authorization": "Bearer b-token"}, 403, id="a wrong token"),
        pytest.param(ELSEWHERE, "a-token", {"Authorization": "Bearer \xe9"}, 403, id="a token of strange letters"),
        pytest.param(ELSEWHERE, "a-token", {"Authorization": "Bearer a-token"}, 200, id="the token"),
    ],
)
def test_figures_are_for_this_machine_or_for_the_token(client, token, brought, status, desk):
    with desk(client, metrics_token=SecretStr(token)) as there:
        headers = {name: value.encode("latin-1") for name, value in brought.items()}
        assert there.get("/metrics", headers=headers).status_code == status


def test_when_the_bot_is_away_the_figures_say_so(desk, bot):
    with desk() as client:
        bot.stop()
        assert figures(client.get("/metrics"))["amends_bot_up",] == 0


def test_a_line_for_each_request_names_its_pattern_and_holds_no_words(desk, caplog):
    with caplog.at_level(logging.INFO, "amends.requests"), desk() as client:
        client.get("/policies?words=dreadful")
        client.get("/sign-in/a-secret-in-the-address")
        client.get("/healthz")
    said = [record.getMessage() for record in caplog.records if record.name == "amends.requests"]
    assert [line.partition(" in ")[0] for line in said] == [
        "GET /policies 303",
        "GET /sign-in/{secret} 404",
    ]


def lines(kind, capsys):
    with own_logging():
        logs.set_up(kind, "desk")
        logger = logging.getLogger("amends.test")
        logger.warning("%s pieces wait", 3, extra={logs.FIELDS: {"pieces": 3}})
        try:
            int(WORDS)
        except ValueError:
            logger.exception("It failed")
        logging.getLogger("httpx").info("HTTP Request: GET /?words=%s", WORDS)
    return capsys.readouterr().err.splitlines()


def test_logs_in_json_are_one_object_a_line_and_an_error_is_its_kind_and_place(capsys):
    first, second = (json.loads(line) for line in lines("json", capsys))
    assert (first["message"], first["pieces"], first["level"], first["part"]) == ("3 pieces wait", 3, "warning", "desk")
    assert datetime.fromisoformat(first["at"]).tzinfo is not None
    assert re.fullmatch(r"ValueError at test_watching\.py:\d+", second["error"])


def test_logs_for_people_hold_no_words_of_an_error_either(capsys):
    said = "\n".join(lines("text", capsys))
    assert "3 pieces wait" in said
    assert "ValueError at test_watching.py" in said
    assert "dreadful" not in said
