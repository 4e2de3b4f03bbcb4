"""Somebody is erased from the whole record, and from the register of accounts with it."""

from amends.access.people import SignedIn
from amends.accounts.history import history
from amends.accounts.registered import registered
from amends.incidents import record
from amends.privacy.orders import Order
from amends.privacy.people import erase_person
from amends.privacy.scrub import scrub
from tests.accounts.conftest import NOW

ADMIN = SignedIn("web:admin", "Admin", frozenset({"admin"}))
ADA = "slack:T1:UADA0001"


def test_who_is_erased_owns_nothing_and_has_no_name_in_the_history(register):
    with register.database.begin() as session:
        record.ensure_participant(session, ADA, "Ada Lovelace", NOW)
    erase_person(register.database, ADA, ADMIN, Order("objected"), NOW, "web")
    scrub(register.database)
    assert "Ada Lovelace" not in str(register.as_text())
    with register.database.read() as session:
        assert "Ada Lovelace" not in str(history(session))
        assert not [each for each in registered(session).people.values() if "UADA0001" in each.contact]
