"""Everything that runs when somebody writes in Slack: desk, bot and action server as processes, and a strict Slack.

Slack is a process of its own, so that it outlives whatever a test kills. One bot serves all the tests here, because
it takes longest to start.
"""

import pytest
from sqlalchemy import func, select

from amends.incidents.database import Database
from amends.incidents.models import Delivery, Incident
from amends.incidents.verify import verify
from amends.ops.train import ensure_model
from amends.outbox.tables import Inbound, Outgoing
from amends.settings import ROOT
from tests.conversations.conftest import Servers
from tests.slack.fake import RemoteSlack

from .person import Person


class Whole:
    """The desk with all that belongs to it, and Slack."""

    def __init__(self, servers, slack, leads, legal):
        self.servers = servers
        self.slack = slack
        self.leads = leads  # the leads' channel
        self.legal = legal  # the user who is told
        self.database = Database(servers.database_url)
        self.before = {}  # the last row of each table when the test began

    def over(self, mode):
        """The desk hears Slack by `socket` or `http` from here on."""
        self.slack.forget()
        self.slack.faults.clear()
        self.begins()
        self.slack.transport = mode
        self.slack.http_url = f"http://127.0.0.1:{self.servers.desk_port}/slack/events"
        if self.servers.environment.get("SLACK_MODE") != mode or "desk" not in self.servers.processes:
            self.servers.kill("desk")
            self.servers.environment["SLACK_MODE"] = mode
            self.servers.start("desk")
        return self

    def begins(self):
        """What other tests have left behind is no concern of this one."""
        tables = (Inbound, Delivery, Outgoing, Incident)
        if "desk" in self.servers.processes:
            last = {table: select(func.max(table.id)) for table in tables}
            self.before = self.looks(lambda s: {table: s.execute(last[table]).scalar_one() or 0 for table in tables})

    def rows(self, session, table):
        """What was added since the test began."""
        query = select(table).where(table.id > self.before.get(table, 0)).order_by(table.id)
        return list(session.scalars(query))

    def left(self, session):
        """What is still to be done of it: keys, with why it was not done. What is for later is not."""
        unsent = [row for row in self.rows(session, Outgoing) if not (row.sent_at or row.dead_at)]
        begun = [row for row in unsent if row.started_at or row.last_error or row.not_before <= row.created_at]
        return [
            *((row.key, row.last_error) for row in self.rows(session, Inbound) if row.handled_at is None),
            *((row.key, "") for row in self.rows(session, Delivery) if row.handled_at is None),
            *((row.key, row.last_error) for row in begun),
        ]

    def dead(self, session):
        """What was given up of it."""
        return [
            *((row.key, row.last_error) for row in self.rows(session, Inbound) if row.set_aside),
            *((row.key, row.last_error) for row in self.rows(session, Outgoing) if row.dead_at),
        ]

    def person(self, name):
        return Person(self.slack, self.slack.add_user(name), name)

    def in_leads_channel(self, lead):
        return lead.at(self.leads, None)

    def looks(self, question):
        """Asks the record."""
        with self.database.read() as session:
            return question(session)

    def verdict(self, reference=None):
        return self.looks(lambda session: verify(session, reference))


@pytest.fixture(scope="session")
def running(tmp_path_factory):
    slack = RemoteSlack.launch()
    servers = None
    try:
        grace = slack.add_user("Grace Hopper", "U0GRACE01")
        legal = slack.add_user("Lee Legal", "U0LEGAL01")
        leads = slack.add_channel("comms-leads", [grace], private=True)
        servers = Servers(
            tmp_path_factory.mktemp("whole"),
            ensure_model(ROOT, lambda _line: None),
            SLACK_BOT_TOKEN=slack.bot_token,
            SLACK_APP_TOKEN=slack.app_token,
            SLACK_SIGNING_SECRET=slack.signing_secret,
            SLACK_API_URL=slack.api_url,
            SLACK_LEADS_CHANNEL=leads,
            SLACK_LEADS=grace,
            SLACK_TELL_LEGAL=legal,
            OPENBLAS_NUM_THREADS="1",
        )
        servers.start("actions", "bot")
        whole = Whole(servers, slack, leads, legal)
        yield whole
        whole.database.dispose()
    finally:
        if servers is not None:
            servers.kill()
        slack.stop()


@pytest.fixture
def grace(running):
    """The comms lead, in the leads' channel."""
    return Person(running.slack, "U0GRACE01", "Grace Hopper", running.leads)
