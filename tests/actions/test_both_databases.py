"""A whole triage on SQLite and on PostgreSQL: the same conversation, the same record."""

from actions import service
from amends.conversation.assistant import Assistant
from amends.conversation.shelf import Shelf
from amends.incidents.verify import verify
from amends.settings import CACHE, ROOT

from .talking import Person
from .test_actions import advised


def test_a_triage_from_the_report_to_the_close(database, encoder, settings, clock):
    service.use(Assistant(settings, database, Shelf(database, ROOT / "data", encoder, CACHE), now=clock))
    try:
        ada = Person("Ada", "web:ada", clock)
        advice = advised(ada, spread="few", evidence="saved", control="can_remove")
        for step in advice.steps:
            ada.sends(f'/action_done{{"step": "{step.code}", "state": "{advice.state}"}}')
        ada.says("that's everything", "inform")
        for answer in ("No, all are answered", "Yes, it is quiet", "No, there is none to pin", "None was promised"):
            ada.presses(answer)
        assert "INC-2026-0001 is closed" in ada.last[0].text
        with database.read() as session:
            verdict = verify(session)
        assert verdict.damage == ()
        assert verdict.entries > 10
    finally:
        service.use(None)
