"""The two bots that ours is measured against, set up in `var/bench`: Rasa's starter project, and a form.

    python -m bench.peers

`stock` is what `rasa init` makes, trained as it is. `form` is `bench/form_example`, after the form example in Rasa's
repository, with an action server and an SQL tracker store. Each is trained once; that takes some minutes.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from amends.ops.train import bot_program
from amends.settings import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

PLACE = ROOT / "var" / "bench"
EXAMPLE = Path(__file__).with_name("form_example")
QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "OPENBLAS_NUM_THREADS": "1",
}
"""The environment of all bots here, ours too."""


def stock() -> Path:
    """The starter project, trained: the folder that it runs in."""
    folder = PLACE / "stock"

    def make() -> None:
        folder.mkdir()
        _rasa(["init", "--no-prompt", "--init-dir", str(folder)], PLACE)

    return _trained(folder, make, ROOT / "requirements" / "bot.txt")


def form() -> Path:
    """The form example, trained: the folder that it runs in."""
    folder = PLACE / "form"

    def make() -> None:
        shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("__pycache__"))
        _rasa(["train"], folder)

    return _trained(folder, make, *sorted(EXAMPLE.rglob("*.*")), ROOT / "requirements" / "bot.txt")


def model_of(folder: Path) -> Path:
    """The one model of a bot."""
    return next(folder.glob("models/*.tar.gz"))


def _trained(folder: Path, make: Callable[[], None], *made_from: Path) -> Path:
    files = b"".join(file.read_bytes() for file in made_from if file.is_file() and "__pycache__" not in file.parts)
    want = hashlib.sha256(files).hexdigest()
    stamp = folder / "trained-from"
    if not stamp.exists() or stamp.read_text() != want:
        PLACE.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
        print(f"Training the bot '{folder.name}' to measure against. This takes some minutes.", flush=True)
        make()
        if not any(folder.glob("models/*.tar.gz")):
            sys.exit(f"The bot '{folder.name}' could not be trained; see {PLACE / 'train.log'}.")
        stamp.write_text(want)
    return folder


def _rasa(words: list[str], where: Path) -> None:
    """Run Rasa, with what it says in a log."""
    environment = {**os.environ, **QUIET}
    with (PLACE / "train.log").open("a") as log:
        command = [str(bot_program(ROOT)), *words]
        subprocess.run(command, cwd=where, env=environment, stdout=log, stderr=log, check=False, timeout=3600)


if __name__ == "__main__":
    print(stock(), form(), sep="\n")
