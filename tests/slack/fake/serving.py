"""The server, and the door through which the driver reaches it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.slack.fake.acting import Acting
from tests.slack.fake.pressing import Pressing
from tests.slack.fake.seen import NotPossible, pack, unpack
from tests.slack.fake.web import Web

if TYPE_CHECKING:
    from tests.slack.fake.core import Core

SETTINGS = {
    "transport": "",
    "http_url": "",
    "revoked": "",
    "enforce_rates": "",
    "echo": "",
    "ack_timeout": "delivering",
    "retry_waits": "delivering",
    "trigger_life": "space",
    "response_life": "space",
}
"""What a test may set, and the part that holds it."""
LOGS = ("calls", "acks", "refused", "given_up", "responses")


class Serving:
    """Runs in one event loop; `do` is everything that the driver can ask for."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.acting = Acting(core)
        self.pressing = Pressing(self.acting)
        self._runner: web.AppRunner | None = None

    async def start(self, port: int) -> str:
        app = web.Application(client_max_size=2**24)
        app.add_routes([*Web(self.core).routes(), web.post("/control", self._control)])
        self._runner = web.AppRunner(app, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port, reuse_address=True)
        await site.start()
        self.core.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self.core.url

    async def stop(self) -> None:
        await self.core.stop()
        if self._runner is not None:
            await self._runner.cleanup()

    async def do(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """One thing that the driver asks for."""
        part, _, rest = name.partition(".")
        if part == "faults":
            return getattr(self.core.faults, rest)(*args, **kwargs)
        if part == "log":
            return list(getattr(self.core.log, rest)) if rest in LOGS else getattr(self.core.log, rest)()
        if part == "set":
            setattr(self._holder(rest), rest, args[0])
            return None
        if part == "get":
            return getattr(self._holder(rest), rest)
        if part == "about":
            return await self._about(rest, *args)
        actor = self.pressing if hasattr(self.pressing, name) else self.acting
        return await getattr(actor, name)(*args, **kwargs)

    def _holder(self, setting: str) -> Any:
        return getattr(self.core, SETTINGS[setting]) if SETTINGS[setting] else self.core

    async def _about(self, what: str, *args: Any) -> Any:
        if what == "connections":
            return len(self.core.sockets.open)
        if what == "disconnect":
            return await self.core.sockets.disconnect(*args)
        if what == "settled":
            return await self.core.delivering.settled(*args)
        return await {"verify_url": self.core.signed.verify_url, "ssl_check": self.core.signed.ssl_check}[what]()

    async def _control(self, request: web.Request) -> web.Response:
        """The driver's door for another process."""
        asked = unpack(await request.json())
        try:
            result = await self.do(asked["name"], *asked["args"], **asked["kwargs"])
        except NotPossible as wrong:
            return web.json_response({"not_possible": str(wrong)})
        return web.json_response({"result": pack(result)})
