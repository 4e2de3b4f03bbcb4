"""The register is changed with a history, confirmed by those who answer for it, and says what is not right in it."""

from datetime import date, timedelta

import pytest

from amends.accounts import keeping
from amends.accounts.concerns import concerns, is_due
from amends.accounts.forgetting import forget, held_of
from amends.accounts.keeping import HALF_A_YEAR
from amends.accounts.registered import registered
from amends.accounts.rows import AccountsError
from amends.outbox import outgoing
from tests.accounts.conftest import LEAD, NOW

TODAY = NOW.date()
X, INSTAGRAM, PAGE = (
    "@exampleuni on Twitter / X",
    "@exampleuni on Instagram",
    "University Library on Facebook",
)


def sentences(register, label, at=NOW):
    with register.database.read() as session:
        found = concerns(registered(session), at, at.date())
    return [each.sentence for each in found if each.account.label == label]


def test_a_name_with_letters_beyond_english_is_one_person_however_often_it_stands_there(empty):
    file = "platform,handle,owner,keys\nX,one,Zoë Šimić,Zoë Šimić\nX,two,Zoë Šimić,\n"
    empty.takes(file)
    assert empty.takes(file).same == 2
    assert [each.label for each in empty.history() if each.what == "Added"].count("Zoë Šimić") == 1


def test_a_change_stands_in_the_history_with_what_was_before(register):
    register.save(platform="X", handle="exampleuni", owner="Cleo Park", two_factor="no", keys="Cleo Park; Bo Diaz")
    newest = register.history(account_id=register.account(X).id)[0]
    assert (newest.what, newest.label, newest.who) == ("Changed", X, LEAD)
    assert newest.parts == (
        ("Owner", "Ada Lovelace", "Cleo Park"),
        ("Holds keys", "Ada Lovelace, Bo Diaz", "Bo Diaz, Cleo Park"),
        ("Two-factor", "yes", "no"),
    )


def test_what_is_not_right_is_said_account_by_account(register):
    assert sentences(register, X) == []
    assert sentences(register, INSTAGRAM) == [
        "It has no two-factor login.",
        "Nobody has confirmed yet that all of this is right.",
    ]
    assert sentences(register, PAGE) == [
        "It is not set down how its owner, Cleo Park, is reached.",
        "Nobody stands in for its owner.",
        "Only Cleo Park can sign in.",
        "Nobody knows whether it has two-factor login.",
        "Nobody has confirmed yet that all of this is right.",
    ]


def test_who_has_left_is_named_first_until_their_key_is_taken_back(register):
    register.person("Ada Lovelace", left_on="2026-03-02")
    assert sentences(register, X) == [
        "Ada Lovelace has left and can still sign in.",
        "Its owner, Ada Lovelace, has left.",
    ]
    account = register.account(X)
    with register.database.begin() as session:
        ada = session.get_one(type(account), account.id).owner_id
        keeping.take_key_back(session, register.settings, account.id, ada, LEAD, NOW)
    assert sentences(register, X) == ["Its owner, Ada Lovelace, has left.", "Only Bo Diaz can sign in."]
    assert register.history()[0].what == "Key taken back"
    with register.database.begin() as session, pytest.raises(AccountsError, match="was taken back before"):
        keeping.take_key_back(session, register.settings, account.id, ada, LEAD, NOW)


def test_somebody_who_leaves_tomorrow_has_not_left(register):
    register.person("Ada Lovelace", left_on="2026-03-03")
    assert sentences(register, X) == []
    assert sentences(register, X, NOW + timedelta(days=1))[0] == "Ada Lovelace has left and can still sign in."
    assert register.sent("account_keys") == []


def test_the_leads_are_told_at_once_which_keys_a_leaver_holds(register):
    register.person("Cleo Park", left_on="2026-03-01")
    register.person("Cleo Park", left_on="2026-03-01")
    (row,) = register.sent("account_keys")
    assert row.to == "C9"


def test_an_owner_confirms_what_they_were_shown_for_half_a_year(register):
    assert register.confirm("Ada Lovelace", register.revisions(INSTAGRAM, X)) == [INSTAGRAM, X]
    account = register.account(INSTAGRAM)
    assert (account.checked_on, account.checked_by) == (TODAY, "slack:T1:UADA0001")
    assert account.next_at.date() == TODAY + HALF_A_YEAR
    assert not is_due(account, NOW + timedelta(days=181))
    assert is_due(account, NOW + timedelta(days=182))
    assert sentences(register, INSTAGRAM) == ["It has no two-factor login."]
    assert sentences(register, INSTAGRAM, NOW + timedelta(days=183))[-1] == (
        "It was confirmed last on 2 March 2026, and is to be confirmed now."
    )
    assert register.history()[0].what == "Confirmed: all still right"


def test_a_deputy_confirms_too_and_who_only_holds_a_key_does_not(register):
    assert register.confirm("Bo Diaz", register.revisions(X)) == [X]
    with pytest.raises(AccountsError, match="not yours to confirm"):
        register.confirm("Cleo Park", register.revisions(INSTAGRAM))


def test_what_was_changed_since_it_was_shown_is_not_confirmed(register):
    shown = register.revisions(INSTAGRAM, X)
    register.save(platform="Instagram", handle="exampleuni", two_factor="yes")
    assert register.confirm("Ada Lovelace", shown) == [X]
    assert register.account(INSTAGRAM).checked_on is None
    with pytest.raises(AccountsError, match=f"Somebody changed {INSTAGRAM} since you looked"):
        register.confirm("Ada Lovelace", {id_: revision for id_, revision in shown.items() if id_ == 2})


def test_a_new_owner_is_asked_the_next_morning(register):
    register.confirm("Ada Lovelace", register.revisions(X))
    register.save(platform="X", handle="exampleuni", owner="Cleo Park")
    assert register.account(X).next_at.date() == date(2026, 3, 3)
    register.confirm("Bo Diaz", register.revisions(X))
    register.save(platform="X", handle="exampleuni", two_factor="no")
    assert register.account(X).next_at.date() == TODAY + HALF_A_YEAR, "who answers for it is as before"


def test_an_account_is_taken_out_and_its_history_stays(register):
    account = register.account(PAGE)
    with register.database.begin() as session:
        assert keeping.remove(session, register.settings, account.id, account.revision, LEAD, NOW) == PAGE
    assert PAGE not in register.as_text()
    assert register.history(account_id=account.id)[0].what == "Taken out of the register"
    with register.database.begin() as session, pytest.raises(AccountsError, match="no such account"):
        keeping.remove(session, register.settings, account.id, account.revision, LEAD, NOW)


def test_somebody_who_saw_an_older_one_does_not_take_it_out(register):
    account = register.account(X)
    register.save(platform="X", handle="exampleuni", two_factor="no")
    with register.database.begin() as session, pytest.raises(AccountsError, match="since you looked"):
        keeping.remove(session, register.settings, account.id, account.revision, LEAD, NOW)


def test_who_is_erased_stands_in_the_register_no_more_and_in_its_history_without_a_name(register):
    with register.database.begin() as session:
        (held,) = held_of(session, "slack:T1:UADA0001", "Ada Lovelace")
        assert held["accounts"] == {INSTAGRAM: ["owner", "keys"], X: ["owner", "keys"]}
        forget(session, "slack:T1:UADA0001", "Ada Lovelace")
    assert register.as_text()[X] == (None, "Bo Diaz", ["Bo Diaz"], "yes")
    told = str(register.history())
    assert "Ada" not in told
    assert "UADA0001" not in told
    assert "somebody who was erased" in told
    with register.database.read() as session:
        assert held_of(session, "slack:T1:UADA0001", "Ada Lovelace") == []


def test_home_tabs_that_stand_are_drawn_again_when_somebody_s_accounts_change(register):
    with register.database.begin() as session:
        for user in ("UADA0001", "UBO00001"):
            slot, body = f"home:slack:T1:{user}", f'{{"participant": "slack:T1:{user}", "lead": false}}'
            outgoing.stand(session, slot, channel=user, ts="V1", thread=None, body=body, at=NOW)
    register.save(platform="Instagram", handle="exampleuni", deputy="Cleo Park")
    assert sorted(row.to for row in register.sent("home")) == ["UADA0001", "UBO00001"]
