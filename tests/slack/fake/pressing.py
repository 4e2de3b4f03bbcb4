"""What people set off in Slack: commands, shortcuts, presses and submissions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.slack.fake import elements, interactive, views
from tests.slack.fake.delivering import Delivery, interactive_delivery
from tests.slack.fake.errors import SlackError
from tests.slack.fake.responding import said
from tests.slack.fake.seen import Ack, Message, NotPossible, View

if TYPE_CHECKING:
    from tests.slack.fake.acting import Acting


class Pressing:
    """Everything here waits for the app's ack."""

    def __init__(self, acting: Acting) -> None:
        self.acting = acting
        self.slack = acting.slack
        self.space = acting.slack.space

    async def deliver(self, kind: str, payload: dict[str, Any]) -> Ack:
        """Any payload at all, once, even one that Slack would not send."""
        key = str(payload.get("event_id") or payload.get("trigger_id") or "")
        what = str((payload.get("event") or payload).get("type") or payload.get("command", ""))
        return await self.slack.delivering.deliver(Delivery(kind, what, key, payload))

    def _response_url(self, user: str, channel: str, message: Message | None = None) -> tuple[str, str]:
        key = self.space.new_response(user, channel, message)
        return key, f"{self.slack.url}/response/{key}"

    async def response_url(self, user: str, channel: str) -> str:
        """A fresh response address."""
        return self._response_url(user, channel)[1]

    async def command(self, user: str, channel: str, command: str, text: str = "") -> Ack:
        person, place = self.acting.person(user), self.acting.place(user, channel)
        if not self.slack.permissions.has_command(command):
            raise NotPossible(f"{command} is not a valid command.")
        key, url = self._response_url(user, place.id)
        escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        trigger = self.space.new_trigger(user)
        payload = interactive.slash_command(person, place, command, escaped, trigger, url)
        ack = await self.slack.delivering.deliver(Delivery("slash_commands", command, trigger, payload))
        if ack.ok and ack.payload:
            try:
                said(self.slack, self.space.responses[key], ack.payload)
            except SlackError as wrong:
                self.slack.log.refuse(f"ack of {command}", wrong.error, str(wrong.body), ack.payload)
        return ack

    async def shortcut(self, user: str, channel: str, ts: str, callback: str) -> Ack:
        person, place = self.acting.person(user), self.acting.place(user, channel)
        message = self.space.messages.get((place.id, ts))
        if message is None or message.deleted or message.only_for:
            raise NotPossible("Shortcuts are offered on messages that everybody in the channel sees.")
        self._offered(callback, "message")
        _, url = self._response_url(user, place.id)
        trigger = self.space.new_trigger(user)
        parent = self.slack.parent(message)
        payload = interactive.message_shortcut(person, place, message, parent, callback, trigger, url)
        return await self.slack.delivering.deliver(interactive_delivery(payload))

    async def global_shortcut(self, user: str, callback: str) -> Ack:
        person = self.acting.person(user)
        self._offered(callback, "global")
        payload = interactive.global_shortcut(person, callback, self.space.new_trigger(user))
        return await self.slack.delivering.deliver(interactive_delivery(payload))

    def _offered(self, callback: str, kind: str) -> None:
        if not self.slack.permissions.interactive or not self.slack.permissions.has_shortcut(callback, kind):
            raise NotPossible(f"There is no {kind} shortcut {callback}.")

    async def presses(
        self,
        user: str,
        where: Message | View,
        what: str,
        values: dict[str, Any] | None = None,
        choose: Any = None,
        nth: int | None = None,
    ) -> Ack:
        """A press on what stands there now; `values` are chosen first, each with its own block_actions."""
        self.acting.person(user)
        if not self.slack.permissions.interactive:
            raise NotPossible("The app's interactivity is off.")
        for name, choice in (values or {}).items():
            there = self._now(user, where)
            found = elements.field(there.blocks, name)
            self._choose(user, there, found, choice)
            if found.fires:
                await self._act(user, there, elements.action(found, choice))
        there = self._now(user, where)
        found = elements.find(there.blocks, what, nth)
        if found.element["type"] != "button":
            one = choose if choose is not None else elements.chosen_by_press(found)
            if found.element["type"] != "overflow":
                self._choose(user, there, found, one)
            return await self._act(user, there, elements.action(found, one))
        return await self._act(user, there, elements.action(found))

    def _now(self, user: str, where: Message | View) -> Message | View:
        """The message or view as it stands, if this person sees it."""
        if isinstance(where, View):
            home = self.space.homes.get(user)
            if home is not None and home.id == where.id:
                return home
            stack = self.space.stacks.get(user, [])
            if not stack or stack[-1] != where.id:
                raise NotPossible("That view is not open on top.")
            return self.space.views[where.id]
        there = self.space.messages.get((where.channel, where.ts))
        if there is None or there.deleted or there.only_for not in {None, user}:
            raise NotPossible("That message is not there.")
        self.acting.place(user, where.channel)
        return there

    def _choose(self, user: str, there: Message | View, found: elements.Found, choice: Any) -> None:
        choices = self.space.chosen.setdefault((user, _key(there)), {})
        block = choices.setdefault(found.block["block_id"], {})
        block[found.element["action_id"]] = elements.chosen(found.element, choice)

    def _values(self, user: str, there: Message | View) -> dict[str, Any]:
        return elements.state(there.blocks, self.space.chosen.get((user, _key(there)), {}))

    async def _act(self, user: str, there: Message | View, action: dict[str, Any]) -> Ack:
        person, values = self.space.users[user], self._values(user, there)
        if isinstance(there, View):
            trigger = self.space.new_trigger(user, there.id if there.view["type"] == "modal" else None)
            payload = interactive.pressed_view(person, there, action, values, trigger)
        else:
            trigger = self.space.new_trigger(user)
            _, url = self._response_url(user, there.channel, there)
            place, parent = self.space.channels[there.channel], self.slack.parent(there)
            payload = interactive.pressed_message(person, place, there, parent, action, values, trigger, url)
        return await self.slack.delivering.deliver(interactive_delivery(payload))

    async def submits(self, user: str, view: View | None = None, values: dict[str, Any] | None = None) -> Ack:
        """Fills the fields and submits the view on top; the answer does to the stack what it does in Slack."""
        person = self.acting.person(user)
        open_now = await self.acting.view_of(user)
        if open_now is None:
            raise NotPossible(f"{user} has no view open.")
        there = self._now(user, view or open_now)
        assert isinstance(there, View)
        if "submit" not in there.view:
            raise NotPossible("That view has nothing to submit.")
        for name, choice in (values or {}).items():
            self._choose(user, there, elements.field(there.blocks, name), choice)
        state = self._values(user, there)
        empty = elements.missing(there.blocks, state)
        if empty:
            raise NotPossible(f"Slack does not submit while these are empty: {empty}")
        payload = interactive.submitted(person, there, state, self.space.new_trigger(user, there.id))
        ack = await self.slack.delivering.deliver(interactive_delivery(payload))
        if ack.ok:
            views.answered(self.slack, there, ack.payload)
        return ack

    async def closes(self, user: str) -> Ack | None:
        """Closes the view on top."""
        there = await self.acting.view_of(user)
        if there is None:
            raise NotPossible(f"{user} has no view open.")
        views.closed_top(self.slack, user)
        if not there.view.get("notify_on_close"):
            return None
        return await self.slack.delivering.deliver(
            interactive_delivery(interactive.closed(self.space.users[user], there))
        )


def _key(there: Message | View) -> str:
    return there.id if isinstance(there, View) else there.ts
