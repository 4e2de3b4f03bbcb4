"""What tests hold in their hands: what people do in Slack, what they see, what the app did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.slack.fake.core import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET
from tests.slack.fake.seeing import Seeing
from tests.slack.fake.seen import Ack, Message, View
from tests.slack.fake.serving import LOGS, SETTINGS
from tests.slack.fake.workspace import APP, BOT, BOT_USER, TEAM

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


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


class Driver(Seeing):
    """Slack as a test uses it. All methods block; in an async test call them with `asyncio.to_thread`."""

    bot_token, app_token, signing_secret = BOT_TOKEN, APP_TOKEN, SIGNING_SECRET
    team, app, bot, bot_user = TEAM, APP, BOT, BOT_USER
    url = ""

    def __init__(self) -> None:
        self.faults = FaultsOf(self)

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
