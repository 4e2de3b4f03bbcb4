"""`amends trail`: whether the record is as it was written, where it ends, and what it is sealed with."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.progress import Progress

from amends.access import audit
from amends.incidents import record, seals
from amends.incidents.chain import Harm
from amends.incidents.database import RecordUnavailable, record_at
from amends.incidents.keys import NoKey
from amends.incidents.references import PREFIXES
from amends.incidents.verify import verify as verify_one
from amends.integrity import anchors, whole
from amends.integrity.cli_keys import key_app
from amends.settings import Settings
from amends.workshop import trail as policy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from amends.incidents.database import Database
    from amends.incidents.walk import Damage
    from amends.integrity.whole import Whole

trail_app = typer.Typer(no_args_is_help=True, help="Check that the record was not changed, and keep its keys.")
trail_app.add_typer(key_app, name="key")

UNREADABLE = (
    "something in the record cannot be read, as when a column was given another type. Change nothing, and read "
    "docs/record.md, 'When a check breaks off'."
)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_console = Console(highlight=False)
_errors = Console(stderr=True, highlight=False)


@trail_app.command()
def verify(
    reference: Annotated[str | None, typer.Argument(help="One incident; without it, the whole record.")] = None,
    anchor: Annotated[list[str] | None, typer.Option(help="An end of the record from elsewhere: NUMBER:SEAL.")] = None,
    as_json: AsJson = False,
) -> None:
    """Check every entry, seal, text and file of the record; name what is broken, with exit code 1."""
    settings = Settings()
    with _database(settings) as database:
        if reference is not None:
            _verify_one(database, reference, as_json=as_json)
            return
        file = anchors.AnchorFile.of(settings, database.engine.url)
        given = [_given(each) for each in anchor or ()]
        with database.read(still=True) as session, _progress() as tell:
            try:
                found = whole.check(session, database.keys(), file, tell)
            except (RecordUnavailable, NoKey):
                raise
            except Exception as error:  # noqa: BLE001 - what cannot be read may hold what somebody wrote
                _stop(f"The check broke off ({type(error).__name__}): {UNREADABLE}")
            other = anchors.differs(session, given)
    damage = [*found.damage, *([other] if other else [])]
    if as_json:
        print(json.dumps(_report(found, damage)))  # noqa: T201
    else:
        for each in damage:
            _say(each)
        _say_what_was_checked(found, damage)
    if damage:
        raise typer.Exit(1)


@trail_app.command()
def anchor(
    restored: Annotated[
        str, typer.Option(help="Say why an older backup was put in place on purpose; ends noted later count no more.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Note in the anchor file where the record ends now, and print it, to be kept elsewhere as well."""
    settings = Settings()
    with _database(settings) as database:
        file = anchors.AnchorFile.of(settings, database.engine.url)
        with database.read() as session:
            end = seals.head(session)
        try:
            at = datetime.now(UTC)
            more = anchors.restored(end, at, restored, database.keys()) if restored else {}
            noted = file.note(end, at, **more)
        except OSError as error:
            _stop(f"{file.path} cannot be written: {error.strerror}. See that its folder is there and has room.")
    if as_json:
        print(json.dumps({"number": end.number, "seal": end.seal, "noted": noted}))  # noqa: T201
        return
    _console.print(f"{end.number}:{end.seal}", soft_wrap=True)
    said = f"Noted in {file.path}." if noted else f"Nothing came since the last line of {file.path}."
    _console.print(said if end.number else "There is nothing in the record yet.", soft_wrap=True)


def _verify_one(database: Database, reference: str, *, as_json: bool) -> None:
    with database.read() as session:
        try:
            record.find(session, reference)
        except record.UnknownIncident as error:
            _stop(f"{error} 'amends incidents list' shows those there are.")
        verdict = verify_one(session, reference)
    if as_json:
        damage = [_as_json(each) for each in verdict.damage]
        print(json.dumps({"incidents": verdict.incidents, "entries": verdict.entries, "damage": damage}))  # noqa: T201
    else:
        for found in verdict.damage:
            _say(found)
        _console.print(f"Checked {verdict.entries} entries of {reference.upper()}: {len(verdict.damage)} damaged.")
    if verdict.damage:
        raise typer.Exit(1)


def _report(found: Whole, damage: list[Damage]) -> dict[str, Any]:
    at: dict[str, list[dict[str, Any]]] = {"incidents": [], policy.OF: [], audit.OF: [], "record": []}
    for each in damage:
        at[_part(each)].append(_as_json(each))
    return {
        "incidents": found.incidents,
        "entries": found.entries,
        "damage": at["incidents"],
        "policy_trail": {"entries": found.policy, "versions": found.texts, "damage": at[policy.OF]},
        "audit": {"entries": found.audit, "damage": at[audit.OF]},
        "record": {"files": found.files, "anchors": found.anchors, **found.head._asdict(), "damage": at["record"]},
    }


def _part(damage: Damage) -> str:
    if damage.reference in {policy.OF, audit.OF}:
        return damage.reference
    return "incidents" if damage.reference.startswith((*PREFIXES, "incident ")) else "record"


def _as_json(damage: Damage) -> dict[str, Any]:
    found = asdict(damage)
    found["message"] = found.pop("sentence")
    return found


def _say(damage: Damage) -> None:
    names = {policy.OF: "Policy trail", audit.OF: "Audit", "seals": "Seals", anchors.WHERE: "Anchors"}
    where = names.get(damage.reference, damage.reference)
    entry = "" if damage.sequence is None or damage.kind is Harm.OLDER else f", entry {damage.sequence}"
    _errors.print(f"{where}{entry}: {damage.sentence}", markup=False, soft_wrap=True)


def _say_what_was_checked(found: Whole, damage: list[Damage]) -> None:
    count = {part: sum(_part(each) == part for each in damage) for part in ("incidents", policy.OF, audit.OF, "record")}
    owners = f"{found.policy} entries of the policy trail and {found.texts} versions of flows and policies"
    for what, part in (
        (f"{found.entries} entries of {found.incidents} incidents", "incidents"),
        (owners, policy.OF),
        (f"{found.audit} entries of the audit", audit.OF),
        (f"{found.files} files, {found.anchors} anchors and the guards of the tables", "record"),
    ):
        _console.print(f"Checked {what}: {count[part]} damaged.", soft_wrap=True)
    _console.print(f"The record ends with {found.head.number}:{found.head.seal}", soft_wrap=True)


def _given(text: str) -> anchors.Anchor:
    number, _, seal = text.strip().partition(":")
    if not number.isdigit() or not seal:
        _stop(f"'{text[:80]}' is not an anchor. Write it as it was printed: NUMBER:SEAL.")
    return anchors.Anchor("", int(number), seal.lower(), {})


@contextmanager
def _progress() -> Iterator[Any]:
    """Shows how far it is, where somebody looks."""
    with Progress(console=_errors, transient=True, disable=not _errors.is_terminal) as shown:
        task = shown.add_task("Checking", total=None)
        yield lambda done, total: shown.update(task, completed=done, total=total)


@contextmanager
def _database(settings: Settings) -> Iterator[Database]:
    try:
        with record_at(settings.database_url) as database:
            yield database
    except RecordUnavailable as error:
        _stop(str(error).removesuffix(" Nothing was recorded."))
    except NoKey as error:
        _stop(str(error))


def _stop(sentence: str) -> NoReturn:
    _errors.print(sentence, markup=False, soft_wrap=True)
    raise typer.Exit(1)
