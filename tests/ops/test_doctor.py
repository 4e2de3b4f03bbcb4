"""The doctor finds what is wrong, says how to mend it, and leaves everything as it was."""

import json
import shutil
import sqlite3
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from typer.testing import CliRunner

from amends import cli
from amends.incidents.models import Participant
from amends.ops import doctor, fence
from amends.ops.checks import clock, desk, here, record
from amends.ops.train import MADE_FROM, model_id
from amends.outbox import outgoing
from amends.outbox.tables import Inbound, Outgoing
from amends.settings import Settings
from amends.workshop import publish_first
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
AT = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch):
    for name in Settings.model_fields.keys() - {"trail_keys"}:
        monkeypatch.delenv(name.upper(), raising=False)


def settings(database=None, **more):
    if database is not None:
        more["database_url"] = database.engine.url.render_as_string(hide_password=False)
    return Settings(_env_file=None, **more)


@contextmanager
def answering(*answers):
    """A process that answers GET, with the next answer each time and the last one from then on."""
    left = list(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            status, body = left.pop(0) if len(left) > 1 else left[0]
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - the library calls it so

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_record_that_can_be_written_is_fine_and_nothing_is_left_in_it(database):
    found = record.database(settings(database))
    assert (found.status, found.mend) == ("ok", "")
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Participant)) == 0


@pytest.mark.parametrize(
    ("version", "mend"), [("0002", "amends migrate"), ("9999", "A newer program was here: install that one again.")]
)
def test_a_record_of_another_version_is_a_fault(database, version, mend):
    with database.begin() as session:
        session.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})
    found = record.database(settings(database))
    assert found.status == "fault"
    assert version in found.said
    assert mend in found.mend


def test_a_record_that_does_not_exist_is_a_fault_and_is_not_made(tmp_path):
    url = f"sqlite:///{tmp_path / 'none.db'}"
    found = record.database(settings(database_url=url))
    assert (found.status, found.said) == ("fault", "There is no record yet.")
    assert list(tmp_path.iterdir()) == []


def test_a_record_that_somebody_else_writes_all_the_time_is_a_fault(sqlite_database):
    other = sqlite3.connect(sqlite_database.engine.url.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    found = record.database(settings(sqlite_database))
    other.close()
    assert found.status == "fault"
    assert "busy" in found.said


def test_a_server_that_takes_no_writes_is_a_fault(postgres_url):
    from tests.conftest import Database, fresh_postgres

    database = Database(fresh_postgres(postgres_url))
    database.migrate()
    name = database.engine.url.database
    with database.begin() as session:
        session.execute(text(f"ALTER DATABASE {name} SET default_transaction_read_only = on"))
    database.dispose()
    found = record.database(settings(database))
    assert found.status == "fault"
    assert "read-only" in found.said or "cannot be written" in found.said


def test_a_server_that_is_not_there_is_a_fault_and_its_password_is_not_shown():
    found = record.database(settings(database_url=f"postgresql+psycopg://me:hidden@127.0.0.1:{free_port()}/amends"))
    assert found.status == "fault"
    assert "127.0.0.1" in found.mend
    assert "hidden" not in found.said + found.mend


def test_an_address_that_is_none_is_a_fault():
    found = record.database(settings(database_url="nonsense"))
    assert found.status == "fault"
    assert "DATABASE_URL" in found.mend


def letter(session, key, **more):
    outgoing.put(session, key, to="C1", body={"text": "Hello"}, at=AT - timedelta(hours=1), not_before=more.get("due"))
    row = session.scalars(select(Outgoing).where(Outgoing.key == key)).one()
    for name in set(more) - {"due"}:
        setattr(row, name, more[name])


def came(session, key, **more):
    at = more.pop("at", AT - timedelta(hours=2))
    session.add(Inbound(key=key, kind="message", lane="D1", payload="{}", received_at=at, not_before=at, **more))


def test_what_waits_is_fine_when_all_was_sent_and_handled(database):
    with database.begin() as session:
        letter(session, "sent", sent_at=AT)
        letter(session, "resent", sent_at=AT, dead_at=AT - timedelta(minutes=1))
        letter(session, "for tomorrow", due=AT + timedelta(days=1))
        came(session, "handled", handled_at=AT)
        came(session, "just now", at=AT - timedelta(seconds=3))
    out, into, events = record.work(settings(database), AT)
    assert [each.status for each in (out, into, events)] == ["ok", "ok", "ok"]
    assert events.said == "The last thing from Slack came less than a minute ago."


def test_dead_letters_and_rows_set_aside_are_counted_with_their_last_reason(database):
    with database.begin() as session:
        letter(session, "one", dead_at=AT - timedelta(minutes=9), last_error="is_archived")
        letter(session, "two", dead_at=AT - timedelta(minutes=1), last_error="channel_not_found")
        came(session, "aside", set_aside=True, handled_at=AT, last_error="KeyError")
    out, into, events = record.work(settings(database), AT)
    assert (out.status, into.status) == ("warning", "warning")
    assert out.said == "2 messages could not be sent; the last one because of channel_not_found."
    assert into.said == "1 thing from Slack could not be handled; the last one because of KeyError."
    assert events.said == "The last thing from Slack came 2 hours ago."


@pytest.mark.parametrize("how", [{}, {"due": AT + timedelta(minutes=4), "last_error": "internal_error", "attempts": 7}])
def test_what_should_have_gone_out_or_been_handled_long_ago_is_a_warning(database, how):
    with database.begin() as session:
        letter(session, "late", **how)
        came(session, "late")
    out, into, _ = record.work(settings(database), AT)
    assert "1 message to Slack should have gone out" in out.said
    assert "1 thing from Slack waited" in into.said
    assert (out.status, into.status) == ("warning", "warning")


def test_nothing_from_slack_yet_is_a_warning_that_says_what_to_try(database):
    *_, events = record.work(settings(database), AT)
    assert events.status == "warning"
    assert "direct message" in events.mend


def test_the_clock_is_held_against_the_first_one_that_is_known():
    def status(seconds, **others):
        found = clock.clock(AT, {whose: AT - timedelta(seconds=seconds) for whose in others} or {"Slack's": None})
        return found.status, found.said

    assert status(59, slack=1)[0] == "ok"
    assert status(61, slack=1) == ("fault", "This machine's clock is 61 seconds ahead of slack.")
    assert status(-400, slack=1) == ("fault", "This machine's clock is 400 seconds behind slack.")
    assert status(0)[0] == "off"


def test_a_database_server_has_a_clock_of_its_own_and_a_file_has_none(database):
    found = record.clock(settings(database))
    if database.engine.dialect.name == "sqlite":
        assert found is None
    else:
        assert abs(datetime.now(UTC) - found) < timedelta(seconds=30)


def test_a_process_answers_or_does_not():
    with answering((200, b"ok"), (503, b"not yet")) as port:
        assert here.process("bot", port, "/").status == "ok"
        assert here.process("bot", port, "/").status == "fault"
    gone = here.process("bot", port, "/")
    assert gone.status == "fault"
    assert "var/log/bot.log" in gone.mend


def test_empty_secrets_are_named_and_full_ones_are_not_shown():
    assert here.secrets(settings()).said == "BOT_TOKEN and SESSION_SECRET are empty."
    assert here.secrets(settings(bot_token="x")).said == "SESSION_SECRET is empty."
    assert here.secrets(settings(bot_token="x", session_secret="y")).status == "ok"


def test_a_contact_that_nobody_set_is_a_warning():
    assert here.set_up(settings()).status == "warning"
    assert here.set_up(settings(emergency_contact="Ada, 555 0100")).status == "ok"


@pytest.mark.parametrize("wrong", [{"office_hours": "nine to five"}, {"digest_at": "noon"}])
def test_hours_that_cannot_be_read_are_a_fault(wrong):
    found = here.set_up(settings(**wrong))
    assert found.status == "fault"
    assert next(iter(wrong.values())) in found.said


@pytest.fixture
def root(tmp_path):
    for pattern in MADE_FROM:
        for file in ROOT.glob(pattern):
            target = tmp_path / file.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, target)
    return tmp_path


def test_a_model_has_to_be_there_and_to_belong_to_the_data(root):
    assert here.model(root).said == "There is no model yet."
    models = root / "var" / "models"
    models.mkdir(parents=True)
    (models / f"{model_id(root)}.tar.gz").touch()
    assert here.model(root).status == "ok"
    (root / "data" / "rules.yml").write_text("# changed\n")
    assert here.model(root).said == "The model is older than the phrases and rules."
    (root / "config.yml").unlink()
    assert "config.yml is missing" in here.model(root).said


def test_the_live_flow_that_ships_passes_and_one_that_was_changed_does_not(database):
    assert here.flow(ROOT, settings(database))[0].said == "No flow is live."
    publish_first(database, ROOT / "data")
    shipped = sorted(file.stem for file in (ROOT / "data" / "flows").glob("*.yml"))
    assert [(found.status, found.said) for found in here.flow(ROOT, settings(database))] == [
        ("ok", f"The live flow {name} passes its checks.") for name in shipped
    ]
    with database.begin() as session:
        if database.engine.dialect.name == "sqlite":
            session.execute(text("DROP TRIGGER document_version_no_update"))
        else:
            session.execute(text("ALTER TABLE document_version DISABLE TRIGGER ALL"))
        session.execute(text("UPDATE document_version SET text = 'spoilt' WHERE kind = 'flow'"))
    (found,) = here.flow(ROOT, settings(database))
    assert found.status == "fault"
    assert "was changed in the record" in found.said
    assert "amends trail verify" in found.mend


def test_a_live_flow_that_an_older_program_let_through_is_a_fault(sqlite_database, tmp_path):
    shutil.copytree(ROOT / "data", tmp_path / "data")
    publish_first(sqlite_database, tmp_path / "data")
    with sqlite_database.begin() as session:
        # A policy goes away that the flow's rules rest on.
        session.execute(text("DROP TRIGGER policy_trail_no_delete"))
        session.execute(text("PRAGMA defer_foreign_keys = on"))
        session.execute(
            text("DELETE FROM policy_trail WHERE document_kind = 'policy' AND document_name = 'academic_freedom'")
        )
    found = {each.said.split()[3]: each for each in here.flow(ROOT, settings(sqlite_database))}
    assert found["problem_post"].status == "fault"
    assert "does not pass its checks" in found["problem_post"].said
    assert found["breach"].status == "ok"  # it rests on no clause of that policy


def test_the_desk_says_what_it_does_not_reach():
    assert "does not answer" in desk.ready(settings(), None).said
    assert desk.ready(settings(), {"bot": False, "database": True}).said == "It does not reach the bot."
    assert (
        desk.ready(settings(), {"bot": False, "database": False}).said == "It does not reach the bot and the database."
    )
    assert desk.ready(settings(), {"bot": True, "database": True}).status == "ok"


def test_the_desk_is_asked_and_what_is_no_answer_is_none():
    with answering((503, b'{"bot": false}'), (200, b"hello"), (200, b"[1]")) as port:
        one = settings(desk_port=port)
        assert [desk.readiness(one) for _ in range(3)] == [{"bot": False}, None, None]
    assert desk.readiness(one) is None


def amends(*words):
    return CliRunner().invoke(cli.app, list(words), prog_name="amends")


@pytest.fixture
def newly_cloned(root, monkeypatch):
    """A copy in which nothing was started yet."""
    monkeypatch.setattr(doctor, "ROOT", root)
    shutil.copytree(ROOT / "data" / "drafts", root / "data" / "drafts")
    ports = {name: str(free_port()) for name in ("BOT_PORT", "ACTIONS_PORT", "DESK_PORT")}
    database = {"DATABASE_URL": f"sqlite:///{root / 'var' / 'amends.db'}"}
    for name, value in {**ports, **database}.items():
        monkeypatch.setenv(name, value)
    return root


def test_a_newcomer_is_told_to_start_it_and_slack_is_only_off(newly_cloned):
    result = amends("doctor")
    assert result.exit_code == 1
    assert "Traceback" not in result.output
    assert "Start Amends with 'make run'" in result.output
    assert "Slack is off." in result.output
    assert "Slack, in ten minutes" in result.output
    assert not (newly_cloned / "var" / "amends.db").exists()


def test_json_has_all_of_it(newly_cloned):
    result = amends("doctor", "--json")
    found = json.loads(result.output)
    assert result.exit_code == 1
    assert {each["check"]: each["status"] for each in found} == {
        "settings": "warning",
        "secrets": "fault",
        "mode": "ok",
        "database": "fault",
        "bot": "fault",
        "fence": "ok",
        "actions": "fault",
        "desk": "fault",
        "model": "fault",
        "pdf": "ok",
        "drafts": "ok",
        "flow": "off",
        "trail": "off",
        "slack": "off",
        "clock": "off",
    }
    assert all(each["mend"] for each in found if each["status"] in {"fault", "warning"})
    assert newly_cloned.exists()


def test_a_mistake_in_the_calendar_of_drafts_is_told_with_its_line(newly_cloned):
    (newly_cloned / "data" / "drafts" / "organisation.yml").write_text("hosts: []\nelections: 3\n", encoding="utf-8")
    found = {each["check"]: each for each in json.loads(amends("doctor", "--json").output)}
    assert found["drafts"]["status"] == "fault"
    assert "organisation.yml:2:" in found["drafts"]["said"]


@pytest.mark.parametrize(("version", "status"), [(0, "warning"), (3, "warning"), (4, "ok"), (7, "ok")])
def test_a_machine_that_cannot_fence_the_bot_in_is_told_of(monkeypatch, version, status):
    monkeypatch.setattr(fence, "version", lambda: version)
    found = here.fenced()
    assert (found.check, found.status) == ("fence", status)
    assert ("runs without" in found.said) == ("Linux 6.7" in found.mend) == (status == "warning")


def test_settings_that_cannot_be_read_are_the_only_finding(newly_cloned):
    (newly_cloned / ".env").write_text("SLACK_MODE=pigeon\n")
    found = json.loads(amends("doctor", "--json").output)
    assert [each["check"] for each in found] == ["settings"]
    assert "SLACK_MODE cannot be 'pigeon'" in found[0]["said"]
    (newly_cloned / ".env").write_bytes(b"\xff\xfe")
    assert "cannot be read" in json.loads(amends("doctor", "--json").output)[0]["said"]


def test_a_check_that_breaks_does_not_hide_the_others(newly_cloned, monkeypatch):
    def broken(_settings):
        raise RuntimeError("a secret")

    monkeypatch.setattr(here, "secrets", broken)
    result = amends("doctor")
    assert "It could not be looked at: RuntimeError." in result.output
    assert "a secret" not in result.output
    assert "Slack is off." in result.output
    assert newly_cloned.exists()
