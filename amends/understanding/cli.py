"""`amends understand`: what the assistant makes of texts, without a running server."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from amends.flows import USUAL, Times, load_flow
from amends.ops.train import ensure_model
from amends.settings import CACHE, ROOT, Settings
from amends.understanding import Understanding, load_examples
from amends.understanding.encoder import load_encoder
from amends.understanding.texts import clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from amends.understanding.reading import Fact, Value


def understand(
    jsonl: Annotated[bool, typer.Option("--jsonl", help="Read one JSON object a line, write one a line.")] = False,
    flow: Annotated[str, typer.Option(help="The flow whose questions are meant.")] = USUAL,
) -> None:
    """Read texts on standard input; say their intent, the facts in them and what they answer."""
    del jsonl  # lines are the only form there is; the option says so
    rows = [_row(line) for line in sys.stdin.buffer if line.strip()]
    texts = [row["text"] for row in rows if "text" in row]
    intents = _Intents(texts)
    settings = Settings()
    loaded = load_flow(ROOT / "data" / "flows" / f"{flow}.yml")
    reader = Understanding(loaded, load_encoder(CACHE), load_examples(ROOT / "data"), CACHE)
    now = datetime.now(UTC)
    read = [_read(reader, row, now, settings) for row in rows]
    found = intents.result()
    for row in read:
        intent = {} if "error" in row else next(found)
        if row.get("emergency"):
            intent = {"intent": "emergency", "intent_confidence": row.pop("danger")}
        row.pop("danger", None)
        sys.stdout.write(json.dumps({**intent, **row}, ensure_ascii=False) + "\n")


class _Intents:
    """Rasa's own model, asked in its own environment while the rest is worked out here."""

    def __init__(self, texts: Sequence[str]) -> None:
        model = ensure_model(ROOT)
        python = ROOT / ".venv-bot" / "bin" / "python"
        self._process = subprocess.Popen(  # noqa: S603 - our own module, no shell
            [python, "-m", "amends.rasa.intents", model],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        lines = "".join(json.dumps(clean(text) or " ") + "\n" for text in texts).encode()
        self._output = b""
        self._thread = threading.Thread(target=self._run, args=(lines,))
        self._thread.start()

    def _run(self, lines: bytes) -> None:
        self._output, _ = self._process.communicate(lines)

    def result(self) -> Iterator[dict[str, Any]]:
        """The intents, in the order of the texts."""
        self._thread.join()
        for line in self._output.splitlines():
            answer = json.loads(line)
            yield {"intent": answer["intent"], "intent_confidence": answer["confidence"]}


def _row(line: bytes) -> dict[str, Any]:
    try:
        row = json.loads(line.decode("utf-8", errors="replace"))
    except (ValueError, RecursionError):
        return {"error": 'This line is not a JSON object with a "text".'}
    if not isinstance(row, dict) or not isinstance(row.get("text"), str):
        return {"error": 'This line is not a JSON object with a "text".'}
    row["text"] = row["text"].encode("utf-8", errors="replace").decode()
    return row


def _read(reader: Understanding, row: dict[str, Any], now: datetime, settings: Settings) -> dict[str, Any]:
    if "error" in row:
        return row
    question = row.get("question")
    if question is not None and question not in reader.questions:
        return {"error": f"There is no question called {str(question)[:80]}."}
    reading = reader.facts(row["text"], now, settings.zone)
    result: dict[str, Any] = {
        "facts": _facts(reading.facts),
        "emergency": reading.emergency,
        "danger": round(reading.danger, 3),
    }
    if question is not None:
        answer = reader.answer(question, row["text"], now, settings.zone)
        result |= {"answer": _plain(answer.value), "answer_confidence": round(answer.confidence, 3)}
    else:
        result |= {"answer": None, "answer_confidence": 0.0}
    return result


def _facts(facts: Mapping[str, Fact]) -> dict[str, Any]:
    return {
        name: {"value": _plain(fact.value), "confidence": round(fact.confidence, 3), "words": fact.words}
        for name, fact in facts.items()
    }


def _plain(value: Value | None) -> Any:
    if isinstance(value, Times):
        times = {"posted": value.posted, "noticed": value.noticed}
        return {name: time.isoformat() for name, time in times.items() if time}
    return list(value) if isinstance(value, tuple) else value
