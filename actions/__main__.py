"""The action server: rasa-sdk's, in one process, on loopback. `python -m actions`.

`python -m rasa_sdk --actions actions` serves the same, from a second process that it starts; this one dies
as a whole when it is stopped, and says that it is ready only when the first message will be fast.
"""

from __future__ import annotations

import logging
import os
import sys
import warnings

from rasa_sdk.endpoint import create_app
from rasa_sdk.executor import ActionExecutor

from actions.service import assistant
from amends import production
from amends.flows import FlowError
from amends.incidents.database import RecordUnavailable
from amends.policies import PolicyError
from amends.settings import Settings


def main() -> int:
    """Serve until stopped; 1 and a sentence when it cannot begin."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for name in ("sanic", "rasa_sdk", "alembic", "httpx"):
        logging.getLogger(name).setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", message="Your versions of rasa and rasa_sdk might not be compatible")
    try:
        production.check(Settings())
        assistant().warm_up()
    except (production.Unsafe, FlowError, PolicyError, RecordUnavailable) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    executor = ActionExecutor()
    executor.register_package("actions.form")
    executor.register_package("actions.commands")
    app = create_app(executor, cors_origins=[])
    port = int(os.environ.get("ACTIONS_PORT") or Settings().actions_port)
    app.run(host="127.0.0.1", port=port, single_process=True, access_log=False, motd=False)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
