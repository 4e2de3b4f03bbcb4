"""The register of accounts as pages: leads keep it, owners confirm theirs."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from amends.access.links import person_id
from amends.accounts.importing import take_in
from amends.accounts.registered import registered
from amends.accounts.tables import OfficialAccount
from amends.incidents import record as incident_record
from amends.leads import acts
from tests.console.filled import Filled
from tests.console.leads import signed_in
from tests.console.test_lead_incident import words
from tests.console.whole import SETTINGS

X = "@exampleuni on Twitter / X"
SLACK = {"slack_bot_token": SecretStr("xoxb-1"), "slack_app_token": SecretStr("xapp-1")}


def take(record, text):
    take_in(record, SETTINGS, text, "operator", datetime.now(UTC))


def due(record):
    with record.begin() as session:
        for account in session.query(OfficialAccount):
            account.next_at = datetime.now(UTC) - timedelta(days=1)


def stands(record):
    with record.read() as session:
        register = registered(session)
        return [
            (each.label, getattr(register.owner(each), "name", None), [one.name for one in register.holders(each)])
            for each in register.accounts
        ]


@pytest.fixture
def staff(desk, record):
    with signed_in(desk, record, "Ada Lovelace", ["staff"]) as client:
        yield client


def test_a_lead_adds_an_account_changes_it_and_takes_it_out_and_all_stands_in_the_history(grace, record):
    form = Filled(grace.get("/accounts/add"), "account")
    form["platform"], form["handle"] = "X", "@exampleuni"
    form["owner"], form["keys"] = "Ada Lovelace", "Ada Lovelace\nBo"
    page = form.send(grace)
    assert "It is saved." in words(page)
    assert stands(record) == [(X, "Ada Lovelace", ["Ada Lovelace", "Bo"])]
    form = Filled(page, "account")
    form["owner"], form["two_factor"] = "Cleo Park <UCLEO001>", "yes"
    shown = words(form.send(grace))
    assert "Owner: Ada Lovelace, now Cleo Park" in shown
    assert "Grace Hopper: Changed." in shown
    assert "Two-factor: yes" in shown
    assert "Grace Hopper: @exampleuni on Twitter / X. Added." in words(grace.get("/accounts/history"))
    page = Filled(grace.get("/accounts/1"), "remove").send(grace)
    assert "It is taken out of the register." in words(page)
    assert grace.get("/accounts/1").status_code == 404
    assert stands(record) == []


def test_what_cannot_be_saved_is_said_and_what_was_typed_stays(grace, record):
    take(record, "platform,handle\nX,exampleuni\n")
    form = Filled(grace.get("/accounts/add"), "account")
    form["platform"], form["handle"], form["owner"] = "twitter", "exampleuni", "Ada <nonsense>"
    answer = form.send(grace)
    assert answer.status_code == 409
    assert '"nonsense" says not how somebody is reached.' in words(answer)
    form = Filled(answer, "account")
    assert form["handle"] == "exampleuni"
    form["owner"] = ""
    answer = form.send(grace)
    assert f"{X} is in the register already." in words(answer)
    assert "You are Grace Hopper" in words(answer)


def test_two_leads_do_not_write_over_each_other(grace, lin, record):
    take(record, "platform,handle\nX,exampleuni\n")
    first, second = (Filled(client.get("/accounts/1"), "account") for client in (grace, lin))
    first["owner"], second["owner"] = "Ada Lovelace", "Cleo Park"
    first.send(grace)
    answer = second.send(lin)
    assert (answer.status_code, "since you looked" in answer.text) == (409, True)
    assert stands(record)[0][1] == "Ada Lovelace"


def test_keys_of_who_has_left_are_listed_until_they_are_taken_back(grace, record):
    take(record, "platform,handle,owner,keys\nX,exampleuni,Ada Lovelace,Ada Lovelace; Bo Diaz\n")
    form = Filled(grace.get("/accounts/people"), "change-2")
    form["left_on"] = datetime.now(UTC).date().isoformat()
    assert "Bo Diaz has left" in words(form.send(grace))
    page = grace.get("/accounts")
    assert "Keys of people who have left" in page.text
    done = Filled(page, "key-1-2").send(grace)
    assert "That key is set down as taken back." in words(done)
    assert "Keys of people who have left" not in done.text
    assert stands(record)[0][2] == ["Ada Lovelace"]


def test_how_somebody_is_reached_can_be_set_and_taken_away(grace, record):
    take(record, "platform,handle,owner\nX,exampleuni,Ada Lovelace <UADA0001>\n")
    for contact, says in (("UADA0002", "Reached as UADA0002."), ("", "It is not set down how they are reached.")):
        form = Filled(grace.get("/accounts/people"), "change-1")
        form["contact"] = contact
        assert says in words(form.send(grace))
    form["contact"] = "UADA0003"
    assert "Somebody changed Ada Lovelace since you looked" in words(form.send(grace))


def test_a_file_is_looked_at_and_then_taken_in(grace, record):
    text = "platform,handle,owner\nX,exampleuni,Ada Lovelace\n"
    form = Filled(grace.get("/accounts/import"), "file")
    form["text"] = text
    looked = form.send(grace, "look")
    assert "1 would change, 0 as before. Nothing is kept yet." in words(looked)
    assert stands(record) == []
    form = Filled(looked, "file")
    assert "The file is taken in." in words(form.send(grace, "take"))
    assert stands(record) == [(X, "Ada Lovelace", [])]
    form = Filled(grace.get("/accounts/import"), "file")
    form["text"] = text + "X,,\n"
    wrong = form.send(grace, "take")
    assert (wrong.status_code, "Line 3: The handle is missing." in wrong.text) == (422, True)


def test_an_owner_is_asked_on_every_page_and_confirms_with_one_tap(staff, record):
    assert staff.get("/accounts").status_code == 403
    assert "You are not set down for an official account." in words(staff.get("/accounts/mine"))
    me = person_id("Ada Lovelace")
    take(record, f"platform,handle,owner\nX,exampleuni,Ada Lovelace <{me}>\nTikTok,b,Bo Diaz\n")
    assert "My accounts" in words(staff.get("/incidents"))
    assert "waits for you" not in words(staff.get("/incidents"))
    due(record)
    assert "1 official account waits for you to say that all is still right." in words(staff.get("/incidents"))
    page = staff.get("/accounts/mine")
    assert "You own it." in words(page)
    assert "on TikTok" not in page.text
    done = Filled(page, "mine").send(staff)
    assert "Confirmed. Thank you." in words(done)
    assert "waits for you" not in words(staff.get("/incidents"))
    with record.read() as session:
        assert {each.platform: each.checked_by for each in session.query(OfficialAccount)} == {
            "Twitter / X": me,
            "TikTok": None,
        }


def test_what_nobody_ticked_or_what_was_changed_since_is_not_confirmed(staff, record):
    me = person_id("Ada Lovelace")
    take(record, f"platform,handle,owner\nX,exampleuni,Ada Lovelace <{me}>\n")
    answer = Filled(staff.get("/accounts/mine"), "mine").send(staff)
    assert (answer.status_code, "Tick the accounts" in answer.text) == (422, True)
    due(record)
    form = Filled(staff.get("/accounts/mine"), "mine")
    take(record, "platform,handle,two_factor\nX,exampleuni,no\n")
    answer = form.send(staff)
    assert (answer.status_code, "since you looked" in answer.text) == (409, True)


def test_the_page_of_an_incident_says_which_account_was_named_and_who_was_woken(grace, record, incident):
    take(record, "platform,handle,owner\nX,exampleuni,Ada Lovelace <UADA0001>\n")
    lead = acts.Actor("slack:T1:U9", "Lena", "slack", datetime.now(UTC))
    with record.begin() as session:
        found = incident_record.find(session, incident)
        acts.add_note(
            session, SETTINGS.model_copy(update=SLACK), found, lead, "It is on @exampleuni", datetime.now(UTC)
        )
    page = words(grace.get(f"/incidents/{incident}"))
    assert f"Account that was named {X}: its owner, Ada Lovelace, was woken" in page
    assert "An official account was named" in page
