"""What is said of somebody who leaves in the middle of sending something."""

import asyncio
import logging

from starlette.requests import Request
from starlette.responses import PlainTextResponse

from amends.console.guard import Guard


def test_who_leaves_while_sending_is_no_error_of_ours(caplog):
    caplog.set_level(logging.INFO)
    sent = []

    async def reads(scope, receive, send):
        await Request(scope, receive).body()
        await PlainTextResponse("done")(scope, receive, send)

    async def receive():
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    async def work():
        scope = {"type": "http", "method": "POST", "path": "/say", "headers": []}
        await Guard(reads, lambda _: PlainTextResponse("a fault", 500))(scope, receive, send)

    asyncio.run(work())
    assert [each.get("status") for each in sent] == [400, None]  # nobody reads it; it is counted as no fault of ours
    assert [record.levelname for record in caplog.records if record.name == "amends.console.guard"] == ["INFO"]
