"""Intents without a server: texts on standard input, one JSON string a line; intents on standard output.

Run in Rasa's environment: `.venv-bot/bin/python -m amends.rasa.intents MODEL`.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")


async def _answer(model: str) -> None:
    from rasa.core.agent import Agent  # noqa: PLC0415 - takes seconds; a mistake in the call is told before
    from rasa.utils.log_utils import configure_structlog  # noqa: PLC0415

    configure_structlog(logging.ERROR)  # Rasa would log what people type

    agent = Agent.load(model)
    for line in sys.stdin:
        parsed = await agent.parse_message(json.loads(line))
        intent = parsed["intent"]
        print(json.dumps({"intent": intent["name"], "confidence": round(intent["confidence"], 4)}), flush=True)  # noqa: T201


def main() -> None:
    """Read texts, write intents."""
    logging.disable(logging.WARNING)
    if len(sys.argv) != 2:
        sys.exit("Say which model: python -m amends.rasa.intents MODEL")
    asyncio.run(_answer(sys.argv[1]))


if __name__ == "__main__":
    main()
