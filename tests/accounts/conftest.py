"""A register with a few accounts, on SQLite and on PostgreSQL, changed each time in a transaction of its own."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from amends.accounts import keeping
from amends.accounts.confirming import confirm
from amends.accounts.history import history
from amends.accounts.importing import take_in
from amends.accounts.people import save_person
from amends.accounts.registered import registered
from amends.accounts.rows import account_row, person_row
from amends.accounts.tables import AccountPerson, OfficialAccount
from amends.outbox.tables import Outgoing
from amends.settings import Settings

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
"""A Monday."""
LEAD = "slack:T1:ULEAD"
FILE = """platform,handle,called,owner,deputy,keys,two_factor,last_checked
X,@exampleuni,main account,Ada Lovelace <UADA0001>,Bo Diaz <UBO00001>,Ada Lovelace; Bo Diaz,yes,2026-01-10
Instagram,exampleuni,,Ada Lovelace,Bo Diaz,Ada Lovelace;Cleo Park,no,
Facebook,University Library,library account; library page,Cleo Park,,Cleo Park,,
"""


def slack_settings(**more):
    return Settings(
        _env_file=None,
        slack_bot_token="xoxb-1",
        slack_app_token="xapp-1",
        slack_leads_channel="C9",
        slack_team="T1",
        **more,
    )


class Register:
    def __init__(self, database, settings):
        self.database = database
        self.settings = settings

    def takes(self, text, at=NOW, **more):
        return take_in(self.database, self.settings, text, LEAD, at, **more)

    def save(self, at=NOW, **fields):
        with self.database.begin() as session:
            row = account_row(fields, at.date())
            return keeping.save(session, self.settings, row, LEAD, at).what

    def person(self, name, at=NOW, **fields):
        with self.database.begin() as session:
            save_person(session, self.settings, person_row({"name": name, **fields}), LEAD, at)

    def confirm(self, name, shown, at=NOW):
        with self.database.begin() as session:
            person = session.scalars(select(AccountPerson).where(AccountPerson.name == name)).one()
            return confirm(session, self.settings, person, shown, f"slack:T1:{person.contact}", at)

    def revisions(self, *labels):
        return {each.id: each.revision for each in self.all() if each.label in labels}

    def all(self):
        with self.database.read() as session:
            return list(session.scalars(select(OfficialAccount).order_by(OfficialAccount.key)))

    def account(self, label):
        return next(each for each in self.all() if each.label == label)

    def as_text(self):
        with self.database.read() as session:
            register = registered(session)
            return {
                account.label: (
                    getattr(register.owner(account), "name", None),
                    getattr(register.deputy(account), "name", None),
                    [each.name for each in register.holders(account)],
                    account.two_factor,
                )
                for account in register.accounts
            }

    def history(self, **of):
        with self.database.read() as session:
            return history(session, **of)

    def sent(self, draw=None):
        with self.database.read() as session:
            rows = session.scalars(select(Outgoing).order_by(Outgoing.id)).all()
            return [row for row in rows if draw is None or row.draw == draw]


@pytest.fixture
def empty(database):
    return Register(database, slack_settings())


@pytest.fixture
def register(empty):
    empty.takes(FILE)
    return empty
