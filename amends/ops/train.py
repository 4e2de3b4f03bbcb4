"""The Rasa model: trained when what it is made from changed, and only then."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import signal
import subprocess
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from amends.ops import CannotRun

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MADE_FROM = (
    "config.yml",
    "domain.yml",
    "data/nlu/**/*.yml",
    "data/rules.yml",
    "data/stories.yml",
    "amends/rasa/*.py",
    "amends/understanding/encoder.py",
    "amends/understanding/adapter.npz",
    "requirements/bot.txt",
)
"""The files whose content decides about a model."""
DATA = ("data/nlu", "data/rules.yml", "data/stories.yml")
KEPT = 3
"""How many models are kept: going back to an earlier state of the files then needs no training."""
LAST_LINES = 12
TELL_EVERY = 5
"""Seconds between two lines about the progress."""


def model_id(root: Path) -> str:
    """A name for the model that belongs to the files as they are: a hash of their names and content.

    Raises:
        CannotRun: a file is missing.
    """
    whole = hashlib.sha256()
    for pattern in MADE_FROM:
        files = sorted(root.glob(pattern))
        if not files:
            raise CannotRun(f"{pattern} is missing from {root}. Restore it from the repository.")
        for file in files:
            content = hashlib.sha256(file.read_bytes()).hexdigest()
            whole.update(f"{file.relative_to(root).as_posix()} {content}\n".encode())
    return whole.hexdigest()[:16]


def ensure_model(root: Path, say: Callable[[str], None] | None = None, *, force: bool = False) -> Path:
    """The trained model for the files as they are; trains it when there is none.

    Args:
        root: the project's directory.
        say: told about the progress, a line at a time; `print` by default.
        force: train even if there is one.

    Raises:
        CannotRun: the training failed; with the last lines of what Rasa said.
    """
    say = say or _print
    models = root / "var" / "models"
    models.mkdir(parents=True, exist_ok=True)
    with _alone(models / ".lock", say):
        name = model_id(root)
        model = models / f"{name}.tar.gz"
        if force or not model.exists():
            _train(root, model, say)
        model.touch()
        _forget_old(models)
    return model


def ensure_understanding(root: Path, say: Callable[[str], None], database_url: str | None = None) -> None:
    """What reads people's words, ready: phrases encoded and classifiers trained, if that is still to be done.

    Args:
        database_url: of the record whose live flows are learnt; None learns those in the files.

    Raises:
        CannotRun: the encoder or a file that is learnt from cannot be used.
    """
    from amends.flows import FlowError, load_flow  # noqa: PLC0415 - these take a second to load
    from amends.incidents.database import RecordUnavailable  # noqa: PLC0415
    from amends.understanding import Understanding, load_examples  # noqa: PLC0415
    from amends.understanding.encoder import EncoderError, load_encoder  # noqa: PLC0415
    from amends.workshop.in_use import live_flows  # noqa: PLC0415

    cache = root / "var" / "cache"
    try:
        with _telling(say, "Learning from the example phrases"):
            encoder = load_encoder(cache)
            if database_url is None:
                flows = [load_flow(path) for path in sorted((root / "data" / "flows").glob("*.yml"))]
            else:
                flows = live_flows(database_url)
            for flow in flows:
                Understanding(flow, encoder, load_examples(root / "data"), cache)
    except (EncoderError, FlowError, RecordUnavailable, OSError, yaml.YAMLError) as error:
        raise CannotRun(f"The example phrases cannot be learnt from: {error}") from error


def adapt_encoder(root: Path, say: Callable[[str], None]) -> None:
    """Make the encoder's adapter from the texts in `data/`. It belongs into the repository.

    The texts are those of the usual flow. What each flow asks is learnt on top of the encoder, at every publication.

    Raises:
        CannotRun: the texts cannot be read, or the learning failed.
    """
    from amends.flows import USUAL, FlowError, load_flow  # noqa: PLC0415 - these take a second to load
    from amends.understanding import load_examples  # noqa: PLC0415
    from amends.understanding.encoder import ADAPTER  # noqa: PLC0415
    from amends.understanding.lessons import lessons  # noqa: PLC0415

    data = root / "data"
    try:
        given = lessons(load_flow(data / "flows" / f"{USUAL}.yml"), load_examples(data), data)
    except (FlowError, OSError, yaml.YAMLError) as error:
        raise CannotRun(f"The texts cannot be read: {error}") from error
    say(f"Learning from {len(given['lessons']):,} texts. This takes about a quarter of an hour.")
    python = bot_program(root).with_name("python")
    run = subprocess.run(  # noqa: S603 - fixed words and paths of this project
        [str(python), "-m", "amends.rasa.adapting", str(ADAPTER)],
        cwd=root,
        input=json.dumps(given),
        text=True,
        check=False,
    )
    if run.returncode:
        raise CannotRun("The encoder could not learn from the texts; what it said stands above.")
    say(f"Written to {ADAPTER.relative_to(root)}. Run 'make train' and 'make eval' next.")


def bot_program(root: Path) -> Path:
    """The `rasa` command.

    Raises:
        CannotRun: it is not installed.
    """
    rasa = root / ".venv-bot" / "bin" / "rasa"
    if not rasa.exists():
        raise CannotRun("Rasa is not installed here (.venv-bot). Run 'make setup' first.")
    return rasa


def last_lines(file: Path, start: int = 0) -> str:
    """The end of a log, for a report; only what was written after byte `start`."""
    try:
        with file.open("rb") as stream:
            stream.seek(start if file.stat().st_size >= start else 0)
            lines = stream.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return ""
    return "\n".join(f"  {line}" for line in [line for line in lines if line.strip()][-LAST_LINES:])


def _train(root: Path, model: Path, say: Callable[[str], None]) -> None:
    rasa = bot_program(root)
    log = root / "var" / "log" / "train.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    say("Training the assistant, because its files changed. This takes about a minute.")
    began = time.monotonic()
    # Trained beside its place and then moved: a model that is there is whole.
    with tempfile.TemporaryDirectory(dir=model.parent, prefix=".training-") as folder:
        command = [str(rasa), "train", "--config", "config.yml", "--domain", "domain.yml"]
        command += ["--data", *DATA, "--out", folder, "--fixed-model-name", "model"]
        with log.open("wb") as output:
            _run(command, root, output.fileno(), lambda seconds: say(f"  training: {seconds} s"))
        made = Path(folder, "model.tar.gz")
        if not made.exists():
            raise CannotRun(f"Rasa could not train the assistant. It said ({log}):\n{last_lines(log)}")
        made.replace(model)
    say(f"Trained in {time.monotonic() - began:.0f} s.")


def _run(command: list[str], root: Path, output: int, tick: Callable[[int], None], every: int = TELL_EVERY) -> None:
    """Run a command to its end, in a process group of its own, so that all of it can be stopped."""
    environment = {
        **os.environ,
        "RASA_TELEMETRY_ENABLED": "false",
        # Rasa's cache does not see changes in the code that a component calls.
        "RASA_MAX_CACHE_SIZE": "0",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "OPENBLAS_NUM_THREADS": "1",
    }
    process = subprocess.Popen(  # noqa: S603 - fixed words and paths of this project
        command,
        cwd=root,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    began = time.monotonic()
    try:
        told = 0
        while process.poll() is None:
            time.sleep(0.1)
            if (seconds := int(time.monotonic() - began)) >= told + every:
                told = seconds
                tick(seconds)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextmanager
def _telling(say: Callable[[str], None], what: str) -> Iterator[None]:
    """Say every few seconds that something is still going on; nothing when it is quick."""
    began, done = time.monotonic(), threading.Event()

    def tell() -> None:
        while not done.wait(TELL_EVERY):
            say(f"{what}: {time.monotonic() - began:.0f} s")

    threading.Thread(target=tell, daemon=True).start()
    try:
        yield
    finally:
        done.set()


def _forget_old(models: Path) -> None:
    newest_first = sorted(models.glob("*.tar.gz"), key=lambda file: file.stat().st_mtime, reverse=True)
    for file in newest_first[KEPT:]:
        file.unlink(missing_ok=True)


@contextmanager
def _alone(lock: Path, say: Callable[[str], None]) -> Iterator[None]:
    """One training at a time; a second one waits and then finds the model made."""
    with lock.open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Waiting for another training to end.")
            fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def _print(line: str) -> None:
    print(line, flush=True)  # noqa: T201
