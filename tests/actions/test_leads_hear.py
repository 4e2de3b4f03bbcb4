"""What happens in a conversation is passed on to the leads' channel in the same transaction, when Slack is on."""

import json

import pytest
from sqlalchemy import select

from amends.outbox.tables import Outgoing, Reminder
from amends.settings import Settings

from .test_actions import advised


@pytest.fixture
def settings():
    return Settings(_env_file=None, slack_bot_token="xoxb-1", slack_app_token="xapp-1", slack_leads_channel="C9")


def cards(database):
    with database.read() as session:
        return list(session.scalars(select(Outgoing).where(Outgoing.draw == "lead_card")))


def test_leads_get_a_card_with_the_advice_and_the_open_steps_are_remembered(ada, sqlite_database):
    ada.says("oops, I tweeted a typo from the official account", "report_problem")
    assert cards(sqlite_database) == []
    advice = advised(ada, report="hello again", harm="upset", evidence="not_saved")
    (card,) = cards(sqlite_database)
    assert (card.to, card.action, card.slot) == ("C9", "update", "lead:1")
    assert json.loads(card.body)["incident"] == 1
    with sqlite_database.read() as session:
        reminded = set(session.scalars(select(Reminder.code).where(Reminder.kind == "step")))
    assert reminded == {step.code for step in advice.steps if step.done is None and not step.optional}
