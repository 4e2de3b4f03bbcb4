"""`amends run`: from nothing to a desk that answers, and orderly back."""

from __future__ import annotations

import fcntl
import os
import signal
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from amends import production
from amends.ops import CannotRun
from amends.ops.fenced_bot import make_room
from amends.ops.services import desk_url, environment, services
from amends.ops.setup import check_content, check_ports, ensure_env, read_settings
from amends.ops.supervise import GIVEN_UP, State, Supervisor, stop_left_over
from amends.ops.train import ensure_model, ensure_understanding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from amends.ops.services import Service
    from amends.settings import Settings

LONGEST_START = 180
"""Seconds until a process that does not say that it is ready counts as one that cannot start."""
LOOK_EVERY = 0.25
TELL_EVERY = 5
LINK_MINUTES = 12 * 60
"""How long the link that is printed at the start can be used."""


def run(root: Path, var: Path, say: Callable[[str], None]) -> None:
    """Run Amends until it is told to stop by Ctrl-C, SIGTERM or SIGHUP.

    Args:
        root: the project's directory.
        var: where the logs and, unless the settings name others, the databases are.
        say: told what happens, a line at a time.

    Raises:
        CannotRun: something keeps it from running, with a sentence for the operator.
    """
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.default_int_handler)
    supervisor = None
    try:
        with _only_one(var):
            settings = _prepare(root, var, say)
            model = _learn(root, settings, say)
            make_room(var)
            parts = services(root, var, settings, model)
            supervisor = Supervisor(parts, root, var, environment(root, settings, var, os.environ))
            try:
                _serve(supervisor, parts, settings, say)
            finally:
                # A second Ctrl-C must not cut the stopping short and leave processes behind.
                for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                    signal.signal(name, signal.SIG_IGN)
                supervisor.stop()
    except KeyboardInterrupt:
        say("Stopped.")


def _learn(root: Path, settings: Settings, say: Callable[[str], None]) -> Path:
    """Rasa's model and what reads people's words, made side by side when they are not there yet."""
    failed: list[CannotRun] = []

    def work() -> None:
        try:
            ensure_understanding(root, say, settings.database_url)
        except CannotRun as error:
            failed.append(error)

    beside = threading.Thread(target=work, daemon=True)
    beside.start()
    model = ensure_model(root, say)
    beside.join()
    if failed:
        raise failed[0]
    return model


def _prepare(root: Path, var: Path, say: Callable[[str], None]) -> Settings:
    if ensure_env(root):
        say("Made fresh secrets in .env.")
    if not os.environ.get("DATABASE_URL") and var != root / "var":
        os.environ["DATABASE_URL"] = f"sqlite:///{var / 'amends.db'}"
    settings = read_settings(root)
    try:
        production.check(settings, env_file=root / ".env")
    except production.Unsafe as error:
        raise CannotRun(str(error)) from error
    stop_left_over(var / "supervisord.conf")
    check_ports(settings)
    migrate(settings)
    publish_first_time(root, settings, say)
    return settings


def migrate(settings: Settings) -> None:
    """Bring the record's database to the newest version.

    Raises:
        CannotRun: it cannot be reached or written.
    """
    from amends.incidents.database import Database, RecordUnavailable  # noqa: PLC0415 - slow to import

    try:
        database = Database(settings.database_url)
    except RecordUnavailable as error:
        raise CannotRun(str(error)) from error
    try:
        database.migrate()
    except RecordUnavailable as error:
        raise CannotRun(str(error)) from error
    finally:
        database.dispose()


def publish_first_time(root: Path, settings: Settings, say: Callable[[str], None]) -> None:
    """Publish the files in `data/` when nothing ever was; else say which of them differ from what is live.

    Raises:
        CannotRun: the files would be published and cannot be used, or the record cannot be read.
    """
    from amends.flows import FlowError  # noqa: PLC0415 - slow to import
    from amends.incidents.database import Database, RecordUnavailable  # noqa: PLC0415
    from amends.policies import PolicyError  # noqa: PLC0415
    from amends.workshop.files import any_published, differences, publish_first  # noqa: PLC0415

    database = Database(settings.database_url)
    data = root / "data"
    try:
        if not any_published(database):
            check_content(root)
            say(f"Published the {publish_first(database, data)} files in data/ as the first versions.")
        with database.read() as session:
            for difference in differences(session, data):
                say(f"Note: {difference.sentence}")
    except (FlowError, PolicyError, RecordUnavailable) as error:
        raise CannotRun(str(error)) from error
    finally:
        database.dispose()


def _serve(supervisor: Supervisor, parts: tuple[Service, ...], settings: Settings, say: Callable[[str], None]) -> None:
    began = time.monotonic()
    say("Starting " + ", ".join(part.name for part in parts) + ".")
    supervisor.start()
    _wait_until_ready(supervisor, parts, began, say)
    if line := way_in(settings):
        say(line)
    say(about_slack(settings))
    say(f"Ready: {desk_url(settings)}")
    _watch(supervisor, parts, say)


def way_in(settings: Settings) -> str:
    """A line with a link that signs whoever runs this in, once; nothing where people sign in with a provider."""
    from datetime import UTC, datetime  # noqa: PLC0415

    from amends.access import links  # noqa: PLC0415 - slow to import
    from amends.access.permissions import Role  # noqa: PLC0415
    from amends.incidents.database import Database, RecordUnavailable  # noqa: PLC0415

    if settings.oidc_on or settings.slack_sign_in_on:
        return ""
    database = Database(settings.database_url)
    try:
        with database.begin() as session:
            roles = (Role.LEAD, Role.ADMIN)
            secret = links.make(session, roles, datetime.now(UTC), minutes=LINK_MINUTES)
    except RecordUnavailable as error:
        return f"Note: no sign-in link could be made. {error}"
    finally:
        database.dispose()
    return f"Sign in as lead and admin, once: {settings.address}/sign-in/{secret}"


def about_slack(settings: Settings, patience: float = 10) -> str:
    """A line about Slack: connected, off, or what is wrong.

    Args:
        patience: seconds that the desk may take to be connected.
    """
    from amends.ops.checks import desk, tokens  # noqa: PLC0415 - slow to import

    found = tokens.switched_on(settings)
    ends = time.monotonic() + patience
    while settings.slack_on:
        found = desk.connection(settings, desk.readiness(settings))
        if found.status == "ok" or time.monotonic() > ends:
            break
        time.sleep(LOOK_EVERY)
    if found.status in {"warning", "fault"}:
        return f"Note: {found.said} 'amends doctor' says how to mend it."
    return f"{found.said} {found.mend}".strip()


def _wait_until_ready(
    supervisor: Supervisor, parts: tuple[Service, ...], began: float, say: Callable[[str], None]
) -> None:
    waiting = {part.name: part for part in parts}
    pids: dict[str, int] = {}
    told = began
    while waiting:
        states = supervisor.states()
        for part in parts:
            state = states.get(part.name)
            if state and _has_died(state, pids.get(part.name)):
                raise CannotRun(_cannot_start(supervisor, part.name))
            if state and state.pid:
                pids[part.name] = state.pid
        for part in [part for part in waiting.values() if pids.get(part.name) and part.is_ready()]:
            del waiting[part.name]
            say(f"  {part.name}: ready after {time.monotonic() - began:.1f} s")
        now = time.monotonic()
        if waiting and now - began > LONGEST_START:
            raise CannotRun(_cannot_start(supervisor, next(iter(waiting))))
        if waiting and now - told >= TELL_EVERY:
            told = now
            say(f"  waiting for {', '.join(waiting)}: {now - began:.0f} s")
        time.sleep(LOOK_EVERY)


def _has_died(state: State, pid: int | None) -> bool:
    return state.name in {"BACKOFF", "EXITED", GIVEN_UP} or (pid is not None and state.pid not in {0, pid})


def _cannot_start(supervisor: Supervisor, name: str) -> str:
    lines = supervisor.last_lines(name) or "  (nothing)"
    return f"'{name}' cannot start. The last lines of its log ({supervisor.log(name)}):\n{lines}"


def _watch(supervisor: Supervisor, parts: tuple[Service, ...], say: Callable[[str], None]) -> None:
    """Report each process that dies and comes back. Ends only by an exception."""
    pids = {name: state.pid for name, state in supervisor.states().items()}
    back: dict[str, float] = {}
    while True:
        time.sleep(LOOK_EVERY)
        states = supervisor.states()
        for part in parts:
            state = states.get(part.name)
            if state is None:
                continue
            if state.name == GIVEN_UP:
                raise CannotRun(_cannot_start(supervisor, part.name))
            if state.pid and state.pid != pids.get(part.name):
                pids[part.name] = state.pid
                say(f"{part.name} stopped unexpectedly and was started again.")
                back[part.name] = time.monotonic()
            elif part.name in back and state.pid and part.is_ready():
                say(f"{part.name} is ready again after {time.monotonic() - back.pop(part.name):.1f} s.")


@contextmanager
def _only_one(var: Path) -> Iterator[None]:
    """Hold the directory for this run."""
    try:
        var.mkdir(parents=True, exist_ok=True)
        stream = (var / "run.lock").open("w")
    except OSError as error:
        raise CannotRun(f"{var} cannot be written: {error.strerror}.") from error
    with stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CannotRun(f"Amends is already running with {var}. Stop it first (Ctrl-C there).") from error
        yield
