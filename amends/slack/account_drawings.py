"""What is drawn of the register of accounts when it is sent: it reads the register and calls a pure drawing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from amends.accounts.concerns import is_due
from amends.accounts.people import participant_of
from amends.accounts.registered import has_left, registered, themselves
from amends.accounts.tables import AccountPerson, OfficialAccount
from amends.conversation import drill_words
from amends.incidents.models import Incident
from amends.incidents.visible import may_be_told
from amends.outbox import outgoing
from amends.slack import account_cards as cards
from amends.slack import look_up

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from amends.accounts.registered import Registered
    from amends.settings import Settings
    from amends.slack.account_cards import AccountLine
    from amends.slack.blocks import Message
    from amends.slack.drawings import Drawing

MINE = "/accounts/mine"
ALL = "/accounts"


def make(settings: Settings) -> dict[str, Drawing]:
    """The drawings, by the names that the outbox knows them by.

    Their arguments: account_named `{"incident", "account", "person", "role", "why"}`, `person` None for the leads;
    accounts_due `{"person"}`; accounts_late `{"accounts"}`; account_keys `{"person"}`.
    """

    def named(session: Session, args: Mapping[str, Any], now: datetime) -> Message | None:
        del now
        return _named(session, settings, args)

    def due(session: Session, args: Mapping[str, Any], now: datetime) -> Message | None:
        person = session.get(AccountPerson, args["person"])
        if person is None:
            return None
        lines = tuple(line for line in lines_of(registered(session), settings, person, now) if line.due)
        if lines:
            return cards.due(lines, settings.address + MINE)
        return cards.settled() if outgoing.stands(session, f"accounts:{person.id}") else None

    def late(session: Session, args: Mapping[str, Any], now: datetime) -> Message | None:
        found = [each for each in registered(session).accounts if each.id in args["accounts"] and is_due(each, now)]
        return cards.late(tuple(each.label for each in found), settings.address + ALL) if found else None

    def keys(session: Session, args: Mapping[str, Any], now: datetime) -> Message | None:
        del now
        person = session.get(AccountPerson, args["person"])
        if person is None or person.left_on is None:
            return None
        register = registered(session)
        held = tuple((account.label, register.parts(account, person)) for account in register.of(person))
        return cards.keys_of_leaver(person.name, held, settings.address + ALL) if held else None

    return {"account_named": named, "accounts_due": due, "accounts_late": late, "account_keys": keys}


def mine(session: Session, settings: Settings, participant_id: str, now: datetime) -> tuple[AccountLine, ...]:
    """The accounts that a participant has a part in."""
    person = themselves(session, participant_id)
    return lines_of(registered(session), settings, person, now) if person is not None else ()


def lines_of(register: Registered, settings: Settings, person: AccountPerson, now: datetime) -> tuple[AccountLine, ...]:
    """The accounts that somebody has a part in, as a card shows them."""
    today = now.astimezone(settings.zone).date()
    return tuple(_line(register, account, person, now, today) for account in register.of(person))


def _line(
    register: Registered, account: OfficialAccount, person: AccountPerson, now: datetime, today: date
) -> AccountLine:
    owner, deputy, checked = register.owner(account), register.deputy(account), account.checked_on
    parts, holders = register.parts(account, person), register.holders(account)
    return cards.AccountLine(
        id=account.id,
        revision=account.revision,
        label=account.label,
        parts=parts,
        owner=owner.name if owner else "",
        deputy=deputy.name if deputy else "",
        keys=tuple(f"{each.name} (has left)" if has_left(each, today) else each.name for each in holders),
        two_factor=account.two_factor,
        checked=f"{checked.day} {checked:%B %Y}" if checked else "",
        due=bool({"owner", "deputy"} & set(parts)) and is_due(account, now),
    )


def _named(session: Session, settings: Settings, args: Mapping[str, Any]) -> Message | None:
    incident, account = session.get(Incident, args["incident"]), session.get(OfficialAccount, args["account"])
    person = session.get(AccountPerson, args["person"]) if args["person"] is not None else None
    if incident is None or account is None:
        return None
    slot = f"account:{incident.id}:{account.id}:{args['person'] or 'leads'}"
    seen = not incident.restricted
    if incident.restricted and person is not None:
        seen = may_be_told(session, incident, participant_of(session, settings, person))
    if not seen:
        return cards.hidden(incident.reference) if outgoing.stands(session, slot) else None
    _, link = look_up.place_of(session, incident)
    model = cards.NamedModel(
        account=account.label,
        role=args["role"],
        reference=incident.reference,
        title=drill_words.marked(incident),
        reporter=look_up.name_of(session, incident.reporter_id),
        page=f"{settings.address}/incidents/{incident.reference}",
        why=args["why"],
        link=link,
    )
    return cards.named(model)
