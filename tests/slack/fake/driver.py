"""What tests hold in their hands: the fake in a thread of their own process, or in another process."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self, TypeVar

from tests.slack.fake.core import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET, Core
from tests.slack.fake.permissions import Permissions
from tests.slack.fake.seen import Ack, Call, Message, NotPossible, Refused, View, pack, unpack
from tests.slack.fake.serving import LOGS, SETTINGS, Serving
from tests.slack.fake.workspace import APP, BOT, BOT_USER, TEAM

Value = TypeVar("Value")
ROOT = Path(__file__).resolve().parents[3]


class FaultsOf:
    """`slack.faults`: every method of `Faults`, and `disconnect`."""

    def __init__(self, slack: Driver) -> None:
        self._slack = slack

    def __getattr__(self, name: str) -> Callable[..., None]:
        def ask(*args: Any, **kwargs: Any) -> None:
            self._slack.ask(f"faults.{name}", *args, **kwargs)

        return ask

    def disconnect(self, reason: str = "refresh_requested") -> None:
        """Closes the sockets, with a disconnect frame before; an empty reason cuts them without a word."""
        self._slack.ask("about.disconnect", reason)


class Driver:
    """Slack as a test uses it. All methods block; in an async test call them with `asyncio.to_thread`."""

    bot_token, app_token, signing_secret = BOT_TOKEN, APP_TOKEN, SIGNING_SECRET
    team, app, bot, bot_user = TEAM, APP, BOT, BOT_USER
    url = ""

    def __init__(self) -> None:
        self.faults = FaultsOf(self)

    def ask(self, name: str, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError

    def __getattr__(self, name: str) -> Any:
        if name in LOGS:
            return self.ask(f"log.{name}")
        if name in SETTINGS:
            return self.ask(f"get.{name}")
        raise AttributeError(name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in SETTINGS:
            self.ask(f"set.{name}", value)
        else:
            super().__setattr__(name, value)

    # what was logged, for type checkers and readers
    calls: Sequence[Call]
    acks: Sequence[Ack]
    refused: Sequence[Refused]
    given_up: Sequence[Ack]
    responses: Sequence[Call]
    # what can be set
    transport: str
    http_url: str
    revoked: str
    enforce_rates: bool
    echo: bool
    ack_timeout: float
    retry_waits: Sequence[float]
    trigger_life: float
    response_life: float

    @property
    def api_url(self) -> str:
        return f"{self.url}/api/"

    # -- the workspace

    def add_user(
        self,
        name: str,
        id: str | None = None,  # noqa: A002 - Slack's word
        *,
        guest: bool = False,
        bot: bool = False,
        deleted: bool = False,
        tz: str = "Europe/London",
        home_of: str | None = None,
    ) -> str:
        """A person; `home_of` is the team of somebody from another organisation. Returns the user's id."""
        about = {"guest": guest, "bot": bot, "deleted": deleted, "tz": tz, "home_of": home_of}
        return str(self.ask("add_user", name, id, **about))

    def change_user(self, user: str, **about: Any) -> None:
        """Changes `deleted`, `guest`, `tz`, `real_name` ..."""
        self.ask("change_user", user, **about)

    def add_channel(self, name: str, members: Sequence[str] = (), *, private: bool = False, app: bool = True) -> str:
        """A channel with these people, and with the app unless told otherwise. Returns its id."""
        return str(self.ask("add_channel", name, list(members), private=private, app=app))

    def archive(self, channel: str) -> None:
        self.ask("archive", channel)

    def add_group(self, handle: str, members: Sequence[str] = (), id: str | None = None) -> str:  # noqa: A002
        """A user group. Returns its id."""
        return str(self.ask("add_group", handle, list(members), id))

    def change_group(self, group: str, members: Sequence[str]) -> None:
        self.ask("change_group", group, list(members))

    def dm(self, user: str) -> str:
        """The id of the direct message between a person and the app."""
        return str(self.ask("dm", user))

    def joins(self, user: str, channel: str) -> None:
        self.ask("joins", user, channel)

    def leaves(self, user: str, channel: str) -> None:
        self.ask("leaves", user, channel)

    # -- what people do

    def says(
        self,
        user: str,
        channel: str,
        text: str,
        *,
        thread: str | None = None,
        files: Sequence[Any] = (),
        subtype: str | None = None,
    ) -> str:
        """A message in a channel or "dm"; files are `File`s or (name, content, type). Returns its ts at once."""
        return str(self.ask("says", user, channel, text, thread, list(files), subtype))

    def mentions(self, user: str, channel: str, text: str, *, thread: str | None = None) -> str:
        """A message that mentions the app. Returns its ts at once."""
        return str(self.ask("mentions", user, channel, text, thread))

    def edits(self, user: str, channel: str, ts: str, text: str) -> None:
        self.ask("edits", user, channel, ts, text)

    def deletes(self, user: str, channel: str, ts: str) -> None:
        self.ask("deletes", user, channel, ts)

    def opens_home(self, user: str, tab: str = "home") -> None:
        self.ask("opens_home", user, tab)

    def event(self, name: str, event: Mapping[str, Any], event_id: str | None = None) -> None:
        """Any other event; `name` is the manifest's (`team_join`, `tokens_revoked`)."""
        self.ask("event", name, dict(event), event_id)

    def deliver(self, kind: str, payload: Mapping[str, Any]) -> Ack:
        """Any payload: `events_api`, `interactive` or `slash_commands`."""
        return self._ack("deliver", kind, dict(payload))

    def command(self, user: str, channel: str, command: str, text: str = "") -> Ack:
        return self._ack("command", user, channel, command, text)

    def shortcut(self, user: str, channel: str, ts: str, callback: str) -> Ack:
        return self._ack("shortcut", user, channel, ts, callback)

    def global_shortcut(self, user: str, callback: str) -> Ack:
        return self._ack("global_shortcut", user, callback)

    def presses(
        self,
        user: str,
        where: Message | View | None,
        what: str,
        values: Mapping[str, Any] | None = None,
        *,
        choose: Any = None,
        nth: int | None = None,
    ) -> Ack:
        """Presses a button or chooses in a select.

        Args:
            user: who.
            where: a message, a modal or a Home tab; what counts is how it stands now.
            what: a visible label, an option's label, an accessibility label, or an action id.
            values: what is chosen before, by block id (or its part before `|`), action id or label of a field.
            choose: what is chosen in the element itself when `what` names a select, checkboxes, a picker.
            nth: which one, when several have this label.

        Raises:
            NotPossible: it is not there now, or this person does not see it.
        """
        assert where is not None, "there is nothing to press in"
        return self._ack("presses", user, where, what, dict(values or {}), choose, nth)

    def submits(self, user: str, view: View | None = None, **values: Any) -> Ack:
        """Fills fields (by block id, action id or label) and submits the view on top.

        Raises:
            NotPossible: no such view or field, or a field is empty that must not be.
        """
        return self._ack("submits", user, view, values)

    def closes(self, user: str) -> Ack | None:
        """Closes the view on top; the app hears of it only with notify_on_close."""
        result = self.ask("closes", user)
        assert result is None or isinstance(result, Ack)
        return result

    def _ack(self, name: str, *args: Any) -> Ack:
        result = self.ask(name, *args)
        assert isinstance(result, Ack)
        return result

    # -- what can be seen

    def messages(self, channel: str, thread: str | None = None) -> list[Message]:
        """What stands in a channel (or in a thread, with its first message), oldest first; no ephemerals."""
        return list(self.ask("messages", channel, thread))

    def last(self, channel: str, thread: str | None = None) -> Message | None:
        """The app's last message there."""
        found = [each for each in self.messages(channel, thread) if each.by_app]
        return found[-1] if found else None

    def ephemerals(self, user: str, channel: str | None = None) -> list[Message]:
        """What only this person sees."""
        return list(self.ask("ephemerals", user, channel))

    def message(self, channel: str, ts: str) -> Message | None:
        """One message as it stands now."""
        result = self.ask("message", channel, ts)
        assert result is None or isinstance(result, Message)
        return result

    def view_of(self, user: str) -> View | None:
        """The modal on top."""
        result = self.ask("view_of", user)
        assert result is None or isinstance(result, View)
        return result

    def stack_of(self, user: str) -> list[View]:
        """All modals of a person, the lowest first."""
        return list(self.ask("stack_of", user))

    def home_of(self, user: str) -> View | None:
        result = self.ask("home_of", user)
        assert result is None or isinstance(result, View)
        return result

    def calls_of(self, method: str) -> list[Call]:
        return [each for each in self.calls if each.method == method]

    def forget(self) -> None:
        """Empties the logs."""
        self.ask("log.forget")

    @property
    def connections(self) -> int:
        """How many sockets are open."""
        return int(self.ask("about.connections"))

    def settle(self, seconds: float = 10.0) -> bool:
        """Waits until no delivery is on its way, retries included."""
        return bool(self.ask("about.settled", seconds))

    def verify_url(self) -> bool:
        return bool(self.ask("about.verify_url"))

    def ssl_check(self) -> bool:
        return bool(self.ask("about.ssl_check"))

    def until(self, look: Callable[[], Value], seconds: float = 10.0) -> Value:
        """Looks again and again until there is something (true), and returns it.

        Raises:
            AssertionError: there is nothing after so many seconds.
        """
        end = time.monotonic() + seconds
        while True:
            seen = look()
            if seen:
                return seen
            assert time.monotonic() < end, f"nothing after {seconds} s; refused: {self.refused}"
            time.sleep(0.02)


class FakeSlack(Driver):
    """Slack in a thread of this process; also a context manager."""

    def __init__(self, manifest: Mapping[str, Any] | Path | None = None) -> None:
        """`manifest`: a manifest or its file; without one the project's manifest.yml, if it is there."""
        super().__init__()
        permissions = Permissions(dict(manifest)) if isinstance(manifest, Mapping) else None
        if permissions is None:
            permissions = Permissions.read(manifest) if isinstance(manifest, Path) else Permissions.read()
        self._core = Core(permissions)
        self._serving = Serving(self._core)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fake slack", daemon=True)

    def start(self, port: int = 0) -> Self:
        """Starts serving; from here on `api_url` is known."""
        self._thread.start()
        self.url = self._run(self._serving.start(port))
        return self

    def stop(self) -> None:
        if self._thread.is_alive():
            self._run(self._serving.stop())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
        self._loop.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(120)

    def ask(self, name: str, *args: Any, **kwargs: Any) -> Any:
        assert self._thread.is_alive(), "start it first"
        return self._run(self._serving.do(name, *args, **kwargs))


class RemoteSlack(Driver):
    """Slack in another process, so that it outlives those that a test kills."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url.rstrip("/")
        self._process: subprocess.Popen[str] | None = None

    @classmethod
    def launch(cls, port: int = 0, manifest: Path | None = None) -> RemoteSlack:
        """Starts `python -m tests.slack.fake` and waits until it serves."""
        command = [sys.executable, "-m", "tests.slack.fake", "--port", str(port)]
        command += ["--manifest", str(manifest)] if manifest else []
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        assert process.stdout is not None
        slack = cls(process.stdout.readline().strip())
        slack._process = process
        assert slack.url, "the fake Slack did not start"
        return slack

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            assert self._process.stdout is not None
            self._process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def ask(self, name: str, *args: Any, **kwargs: Any) -> Any:
        body = json.dumps({"name": name, "args": pack(list(args)), "kwargs": pack(kwargs)}).encode()
        request = urllib.request.Request(f"{self.url}/control", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=120) as response:
            answer = json.load(response)
        if "not_possible" in answer:
            raise NotPossible(answer["not_possible"])
        return unpack(answer["result"])
