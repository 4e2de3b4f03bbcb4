"""The action server: rasa-sdk's, in one process, on loopback. `python -m actions`.

`python -m rasa_sdk --actions actions` serves the same, from a second process that it starts; this one dies
as a whole when it is stopped, and says that it is ready only when the first message will be fast.
"""

from __future__ import annotations

import asyncio
import sys
import warnings
from typing import TYPE_CHECKING

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest
from rasa_sdk.endpoint import create_app
from rasa_sdk.executor import ActionExecutor
from sanic.response import HTTPResponse, raw

from actions.service import assistant
from amends import logs, production
from amends.flows import FlowError
from amends.incidents.database import RecordUnavailable
from amends.policies import PolicyError
from amends.settings import Settings

if TYPE_CHECKING:
    from sanic.request import Request


async def figures(_request: object) -> HTTPResponse:
    """What was measured here, as Prometheus reads it. This server listens on loopback alone."""
    return raw(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)


def main() -> int:
    """Serve until stopped; 1 and a sentence when it cannot begin."""
    settings = Settings()
    logs.set_up(settings.log_format, "actions")
    warnings.filterwarnings("ignore", message="Your versions of rasa and rasa_sdk might not be compatible")
    try:
        production.check(settings)
        assistant().warm_up()
    except (production.Unsafe, FlowError, PolicyError, RecordUnavailable) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    executor = ActionExecutor()
    executor.register_package("actions.form")
    executor.register_package("actions.commands")
    app = create_app(executor, cors_origins=[])
    app.add_route(encode_ahead, "/ahead", methods=["POST"])
    app.add_route(figures, "/metrics")
    app.run(host="127.0.0.1", port=settings.actions_port, single_process=True, access_log=False, motd=False)
    return 0


async def encode_ahead(request: Request) -> HTTPResponse:
    """Encode what was typed before Rasa looks at it, so that neither Rasa nor the action that follows need do it."""
    text = request.body.decode("utf-8", "replace")
    version, vector = await asyncio.to_thread(assistant().encode_ahead, text)
    return raw(vector.astype("<f4").tobytes(), headers={"X-Encoder": version})


if __name__ == "__main__":
    raise SystemExit(main())
