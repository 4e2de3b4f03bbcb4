"""Turns in Rasa's own environment, with an action server that takes some calls, refuses some and breaks some off."""

import asyncio
import json

from rasa.core.actions.action import ActionExecutionRejection, RemoteAction
from rasa.core.channels.channel import CollectingOutputChannel
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActiveLoop, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from amends.rasa import whole
from amends.rasa.tracker import LoopTrackerStore

FINE, REJECTED = "fine", "rejected"
"""Actions that are called and take part, or say that they will not; every other name is broken off."""


async def serve(reader, writer):
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length: ")[1].split()[0])
    name = json.loads(await reader.readexactly(length))["next_action"]
    status, said = {
        FINE: (200, {"events": [], "responses": []}),
        REJECTED: (400, {"action_name": name, "error": "not now"}),
    }.get(name, (0, {}))
    if status:
        body = json.dumps(said).encode()
        headers = ("Connection: close", "Content-Type: application/json", f"Content-Length: {len(body)}")
        writer.write("\r\n".join((f"HTTP/1.1 {status} X", *headers, "", "")).encode() + body)
    writer.close()


class Turns:
    def __init__(self, port):
        self.endpoint = EndpointConfig(f"http://127.0.0.1:{port}/webhook")
        self.domain = Domain.load("domain.yml")
        self.store = LoopTrackerStore(self.domain, "sqlite://")
        events = [UserUttered("hello", {"name": "greet"}), ActiveLoop("triage_form")]
        self.tracker = DialogueStateTracker.from_events("looping", events, self.domain.slots)

    async def turn(self, *names):
        """What is said of a turn with these actions, and how each of them ended."""
        whole.begin()
        ended = []
        for name in names:
            action = RemoteAction(name, self.endpoint)
            try:
                await action.run(CollectingOutputChannel(), None, self.tracker, self.domain)
                ended.append("well")
            except ActionExecutionRejection:
                ended.append("rejected")
            except Exception:  # noqa: BLE001 - whatever it is, the call failed
                ended.append("failed")
        return whole.failed(), ended

    async def kept(self, *names):
        """The conversations in a loop that stand in the store after a turn."""
        await self.turn(*names)
        await self.store.save(self.tracker)
        return list(await self.store.keys())


async def turns():
    """What tests look at: turns alone, turns side by side, and what is kept of them."""
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    does = Turns(server.sockets[0].getsockname()[1])
    alone = [await does.turn(*names) for names in ([], [FINE], [REJECTED, FINE], ["one", FINE], ["one", "two"])]
    tasks = [asyncio.create_task(does.turn(name, FINE)) for name in (FINE, "one", FINE)]
    beside = [name for name, _ in await asyncio.gather(*tasks)]
    kept = [await does.kept("one", FINE), await does.kept(FINE)]
    async with does.endpoint.session() as session:
        await session.close()
    server.close()
    return {"alone": alone, "beside": beside, "kept": kept}
