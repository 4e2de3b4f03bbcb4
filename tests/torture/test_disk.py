"""A disk that is full, or that can only be read: refused in words, nothing half written, and it goes on afterwards."""

import random
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.engine import make_url

from amends.incidents import deliveries
from amends.incidents.database import Database, RecordUnavailable
from amends.incidents.models import Delivery
from amends.incidents.verify import verify
from amends.outbox.tables import Inbound
from tests.conftest import fresh_postgres
from tests.console.fake_bot import TOKEN, running_bot
from tests.conversations.conftest import Servers
from tests.slack.fake import RemoteSlack

from .disks import Disk
from .web_person import WebPerson

REFUSED = (
    "The disk of the record is full. Nothing was recorded.",
    "The record cannot be reached. Nothing was recorded.",
)
"""What is said on a disk of its own, and where only files may not grow."""


@pytest.fixture
def disk(tmp_path):
    disk = Disk(tmp_path)
    yield disk
    disk.stop()


@pytest.fixture
def slack():
    with RemoteSlack.launch() as slack:
        yield slack


@pytest.fixture
def servers(disk, slack):
    """A desk that keeps its record on the disk, with a bot that only says what it heard."""
    with running_bot() as bot:
        servers = Servers(
            disk.folder,
            None,
            BOT_TOKEN=TOKEN,
            SLACK_BOT_TOKEN=slack.bot_token,
            SLACK_APP_TOKEN=slack.app_token,
            SLACK_API_URL=slack.api_url,
        )
        servers.own["desk"] = {"BOT_PORT": str(bot.port)}
        servers.start("desk")
        yield servers
        servers.kill()


@pytest.fixture
def record(servers):
    database = Database(servers.database_url)
    yield database
    database.dispose()


def holds(record, table, key):
    with record.read() as session:
        return session.execute(select(func.count()).select_from(table).where(table.key == key)).scalar_one()


def test_a_full_disk_refuses_what_people_say_in_words_and_takes_it_when_there_is_room_again(
    disk, servers, slack, record
):
    ada, ben = WebPerson(servers.desk_port, "Ada", random.Random(1)), slack.add_user("Ben")
    assert ada.looks()
    assert ada.says("We tweeted the wrong date") is not None
    pids = [servers.processes["desk"].pid]
    disk.fill(pids)
    form_before = ada.forms
    assert ada.says("It was the exam date. " + "x" * 20_000) is None
    (told,) = ada.told
    assert told[0] == 503
    assert any(sentence in told[1] for sentence in REFUSED), told[1]
    assert "Grace Hopper, 01234 555" in told[1]
    ts = slack.says(ben, "dm", "I've just posted my night out photos on the uni account " + "x" * 20_000)
    slack.retry_waits = [0.5] * 60
    slack.until(lambda: [ack for ack in slack.acks if not ack.ok])
    disk.free(pids)
    assert ada.forms == form_before
    sent = ada.says("It was the exam date. " + "x" * 20_000)
    assert sent is not None
    assert holds(record, Delivery, sent.key) == 1
    slack.until(lambda: holds(record, Inbound, f"message:{slack.dm(ben)}:{ts}"))
    with record.read() as session:
        assert verify(session).damage == ()


def kept(database, key):
    how = {"conversation_id": "web:ada", "person": ("web:ada", "Ada"), "source": "web", "text": "hello"}
    return deliveries.receive(database, key, at=datetime.now(UTC), **how)


def test_a_record_on_a_disk_that_can_only_be_read_refuses_in_words_and_goes_on(disk, migrated_sqlite):
    path = disk.folder / "record.db"
    path.write_bytes(migrated_sqlite.read_bytes())
    database = Database(f"sqlite:///{path}")
    kept(database, "before")
    database.engine.dispose()
    disk.only_read(path)
    with pytest.raises(RecordUnavailable, match="Nothing was recorded"):
        kept(database, "during")
    database.engine.dispose()
    disk.writable(path)
    kept(database, "after")
    assert [each.key for each in deliveries.waiting(database)] == ["before", "after"]
    database.dispose()


def test_a_server_that_can_only_be_read_refuses_in_words_and_goes_on(postgres_url):
    url = make_url(fresh_postgres(postgres_url))
    database = Database(url.render_as_string(hide_password=False))
    database.migrate()
    kept(database, "before")
    admin = Database(postgres_url.render_as_string(hide_password=False))

    def becomes(how):
        with admin.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f"ALTER DATABASE {url.database} SET default_transaction_read_only = {how}"))
        database.engine.dispose()

    becomes("on")
    with pytest.raises(RecordUnavailable, match=r"cannot be written to\. Nothing was recorded"):
        kept(database, "during")
    assert [each.key for each in deliveries.waiting(database)] == ["before"]
    becomes("off")
    kept(database, "after")
    assert [each.key for each in deliveries.waiting(database)] == ["before", "after"]
    database.dispose()
    admin.dispose()
