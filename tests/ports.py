"""Ports for the processes that tests start.

They lie below those that the system gives to outgoing connections: a bot listens only 20 seconds after its port was
chosen, and meanwhile one of those connections could have it. Each worker of the tests has its own.
"""

import os
import random
import socket
from itertools import cycle, islice

EACH = 2_500
_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw7").removeprefix("gw")) % 8
_mine = range(10_000 + _worker * EACH, 10_000 + (_worker + 1) * EACH)
_ports = islice(cycle(_mine), random.randrange(EACH), None)


def free_port():
    """A port of 127.0.0.1 at which nobody listens, another one each time."""
    return next(port for port in islice(_ports, EACH) if _is_free(port))


def _is_free(port):
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
