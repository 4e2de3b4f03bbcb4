"""Settings, secrets, the three processes, the model and the live flow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from amends import production
from amends.exports.press import MEND, can_print
from amends.incidents.database import Database, RecordUnavailable
from amends.ops import CannotRun, fence
from amends.ops.checks.finding import fault, ok, warning
from amends.ops.services import Service
from amends.ops.train import model_id
from amends.outbox import hours
from amends.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from amends.ops.checks.finding import Finding


def set_up(settings: Settings) -> Finding:
    """Whether the hours can be read, and somebody said whom people ring when everything else fails."""
    try:
        hours.parse(settings.office_hours)
        hours.clock_time(settings.digest_at)
    except hours.HoursError as error:
        return fault("settings", str(error), "Correct OFFICE_HOURS and DIGEST_AT in .env.")
    if settings.emergency_contact == Settings.model_fields["emergency_contact"].default:
        return warning(
            "settings",
            "The settings can be read, but EMERGENCY_CONTACT names nobody.",
            "Set EMERGENCY_CONTACT in .env to a name and a number: people see it when the assistant cannot answer.",
        )
    return ok("settings", "The settings can be read.")


def secrets(settings: Settings) -> Finding:
    """Whether the secrets are there that the processes need."""
    named = {"BOT_TOKEN": settings.bot_token, "SESSION_SECRET": settings.session_secret}
    empty = [name for name, value in named.items() if not value.get_secret_value()]
    if empty:
        said = f"{' and '.join(empty)} {'is' if len(empty) == 1 else 'are'} empty."
        return fault("secrets", said, "Start Amends with 'make run': it fills in what is empty in .env.")
    return ok("secrets", "The secrets are set.")


def mode(settings: Settings, env_file: Path) -> list[Finding]:
    """Whether what is set is safe for an organisation: a fault each in production, else only told."""
    found = production.problems(settings, env_file=env_file)
    if settings.amends_mode == "production":
        if not found:
            return [ok("mode", "Production, and the settings are safe for it.")]
        return [fault("mode", each, "Amends does not start in production until this is mended.") for each in found]
    if not found:
        return [ok("mode", "Local mode. What is set would be safe for production, too.")]
    number = f"{len(found)} setting{'s' if len(found) > 1 else ''}"
    said = f"Local mode, for trying out. Production would refuse {number} (docs/security.md); the first: {found[0]}"
    return [ok("mode", said)]


def pdf() -> Finding:
    """Whether the PDF of an evidence bundle can be made on this machine."""
    if can_print():
        return warning("pdf", "Evidence bundles cannot be exported: the library Pango is missing.", f"{MEND}.")
    return ok("pdf", "Evidence bundles can be exported.")


def process(name: str, port: int, path: str) -> Finding:
    """Whether one of the processes answers on this machine."""
    if Service(name, (), "127.0.0.1", port, path).is_ready():
        return ok(name, f"It answers on port {port}.")
    mend = f"Start Amends with 'make run'; if it is running, read var/log/{name}.log."
    return fault(name, f"It does not answer on port {port}.", mend)


def fenced() -> Finding:
    """Whether the kernel of this machine can hold the bot to what it may read and reach."""
    if fence.version() >= fence.PORTS_SINCE:
        return ok("fence", "This machine can fence the bot in.")
    mend = (
        "Use Linux 6.7 or newer, with Landlock among its security modules (/sys/kernel/security/lsm). Until then let "
        "the bot have a user of its own, as in deploy/systemd, who can read neither .env nor the record."
    )
    return warning("fence", "This machine cannot fence the bot in, so it runs without: docs/security.md.", mend)


def model(root: Path) -> Finding:
    """Whether there is a model for the phrases and rules as they are now."""
    try:
        name = model_id(root)
    except CannotRun as error:
        return fault("model", str(error), "Restore the file, then run 'make train'.")
    models = root / "var" / "models"
    if (models / f"{name}.tar.gz").exists():
        return ok("model", "The model belongs to the phrases and rules as they are now.")
    mend = "Run 'make train', then start Amends again with 'make run'."
    if any(models.glob("*.tar.gz")):
        return fault("model", "The model is older than the phrases and rules.", mend)
    return fault("model", "There is no model yet.", mend)


def flow(root: Path, settings: Settings) -> list[Finding]:
    """Whether each live flow passes the checks that it had to pass to go live."""
    from amends.policies import PolicyError  # noqa: PLC0415 - the solver is slow to import
    from amends.workshop.checks import around, check  # noqa: PLC0415
    from amends.workshop.documents import Document, WorkshopError  # noqa: PLC0415

    try:
        database = Database(settings.database_url)
        try:
            with database.read() as session:
                live = around(session)
        finally:
            database.dispose()
        reports = {
            name: check(Document("flow", name), text, live, prove=True, settings=settings.flow_settings)
            for name, text in live.flows
        }
    except RecordUnavailable:
        return [fault("flow", "The live flow cannot be read.", "Mend the database first.")]
    except (PolicyError, WorkshopError) as error:
        mend = "'amends trail verify' says what was changed; publish one that can be used at /flows or /policies."
        return [fault("flow", f"What is live cannot be used: {str(error).splitlines()[0]}", mend)]
    if not reports:
        folder = root / "data" / "flows"
        return [fault("flow", "No flow is live.", f"Start Amends with 'make run': it publishes those in {folder}.")]
    return [_judged(name, report.refusals) for name, report in reports.items()]


def _judged(name: str, refusals: tuple[str, ...]) -> Finding:
    if not refusals:
        return ok("flow", f"The live flow {name} passes its checks.")
    more = f" ({len(refusals) - 1} more)" if len(refusals) > 1 else ""
    return fault(
        "flow",
        f"The live flow {name} does not pass its checks: {refusals[0]}{more}",
        f"Put it right at /flows, or go back to an earlier version ('amends flow history {name}').",
    )
