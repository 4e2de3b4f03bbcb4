"""`python -m tests.torture`: rounds of conversations until there were enough, or the time is over.

--conversations 10000 --seed 7 --side-by-side 64 --minutes 600 --record sqlite --round 300 --between 5 15
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from .place import Place
from .records import Postgres
from .run import one_round

ROUND = 300
"""Conversations; what a round has for the leads' channel goes out at one message a second, and is waited for."""
SIDE_BY_SIDE = 64
BETWEEN = (5.0, 15.0)
"""Seconds from one misfortune to the next: with fewer, most of the time goes into starting things anew."""
LONGEST_ROUND = 900.0
"""Seconds after which people leave, so that one who is stuck is found before the time is over."""


def main():
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--conversations", type=int, default=10_000)
    asked.add_argument("--seed", type=int, default=7)
    asked.add_argument("--side-by-side", type=int, default=SIDE_BY_SIDE)
    asked.add_argument("--minutes", type=float, default=600)
    asked.add_argument("--record", choices=("sqlite", "postgresql"), default="sqlite")
    asked.add_argument("--round", type=int, default=ROUND)
    asked.add_argument(
        "--between", type=float, nargs=2, default=BETWEEN, help="seconds from one misfortune to the next"
    )
    given = asked.parse_args()
    end = time.monotonic() + given.minutes * 60
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        place_folder = Path(folder) / "place"
        place_folder.mkdir()
        record = Postgres(Path(folder)) if given.record == "postgresql" else None
        place = Place(place_folder, given.seed, record)
        try:
            place.starts()
            done = number = 0
            bad = False
            while done < given.conversations and time.monotonic() < end and not bad:
                count = min(given.round, given.conversations - done)
                seconds = min(LONGEST_ROUND, end - time.monotonic())
                outcome = one_round(place, number, count, given.side_by_side, seconds, given.between)
                number += count
                done += outcome.conversations
                bad = bool(outcome.breaches)
                _say(done, outcome)
        finally:
            place.stops()
            if record is not None:
                record.stops()
    return 1 if bad or done < given.conversations else 0


def _say(done, outcome):
    print(  # noqa: T201
        f"{done} conversations; this round {outcome.messages} messages, {outcome.entries} entries in "
        f"{outcome.seconds:.0f} s, settled after {outcome.settled:.0f} s; {', '.join(outcome.misfortunes)}",
        flush=True,
    )
    for claim, found in outcome.breaches.items():
        print(f"{claim}: {len(found)}", *found[:20], sep="\n  ", flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
