"""A record of any size for measuring: incidents, their trails and their register, put in directly.

Three years of incidents, each with twelve trail entries, of which five hold words that people wrote. The decisions are
those of the known cases; the words are sentences that people say, with rarer words in between (by Zipf's law). The
chains are not valid: nothing here verifies them.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from amends.cases import load_cases
from amends.flows import USUAL, Decision, load_flow, parse_answers, recommend
from amends.incidents.models import Incident, utc_text
from amends.incidents.record import OPEN_STATES, State
from amends.register.marks import marks_of, tags_of
from amends.register.shelving import NO_ADVICE, place_of
from amends.settings import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator


YEARS = timedelta(days=3 * 365)
STAFF, LEADS = 5_000, 30
ENTRIES = (
    "reported",
    "safe_steps_shown",
    "understood",
    "confirmed",
    "asked",
    "answered",
    "answered",
    "recommended",
    "note_added",
    "step_done",
    "draft_checked",
    "note_added",
)
SYLLABLES = "ba be bi bo da de di do fa fe ka ke ki ko la le li lo ma me mi mo na ne ni no ra re ri ro sa se si so"


@dataclass
class Batch:
    """Rows of the tables, ready to be put in."""

    rows: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)

    def add(self, table: str, *row: Any) -> None:
        """One more row."""
        self.rows.setdefault(table, []).append(row)


COLUMNS = {
    "participant": "id name first_seen",
    "conversation": "id participant_id started_at",
    "flow_version": "hash flow_id source first_used_at",
    "incident": (
        "id reference conversation_id reporter_id channel state state_number flow_id flow_version title answers "
        "understood history decision level done reported_at closed_at lead_id restricted drill"
    ),
    "involved": "incident_id participant_id since",
    "trail_entry": (
        "id incident_id sequence kind actor_id source said_at recorded_at flow_version clauses payload_digest "
        "previous_hash hash"
    ),
    "trail_payload": "entry_id salt body",
    "register_place": "place incident_id marks open_level due_at through",
    "register_text": "place words about marks",
    "register_tag": "kind value incident_id",
    "register_running": "incident_id kind code title due_at",
}


class Maker:
    """Makes incidents, the same for the same seed."""

    def __init__(self, count: int, now: datetime, seed: int = 6) -> None:
        self.count, self.now = count, now
        self._random = random.Random(seed)
        self.flow = load_flow(ROOT / "data" / "flows" / f"{USUAL}.yml")
        cases = list(load_cases(ROOT / "data" / "cases", self.flow).values())
        self._cases = [
            self._case(recommend(self.flow, parse_answers(self.flow, one.facts), frozenset())) for one in cases
        ]
        self._sentences = [said for q in self.flow.questions.values() for o in q.options.values() for said in o.says]
        self._sentences += [case.what_happened for case in cases]
        syllables = SYLLABLES.split()
        self.rare = ["".join(self._random.choices(syllables, k=3 + n % 3)) for n in range(20_000)]

    def first(self) -> Batch:
        """What the incidents rest on."""
        batch = Batch()
        began = utc_text(self.now - YEARS)
        for n in range(STAFF):
            batch.add(
                "participant", f"web:staff{n}", f"{self.rare[n].capitalize()} {self.rare[-n - 1].capitalize()}", began
            )
            batch.add("conversation", f"talk:{n}", f"web:staff{n}", began)
        for n in range(LEADS):
            batch.add("participant", f"web:lead{n}", f"Lead {self.rare[n].capitalize()}", began)
        batch.add("flow_version", self.flow.version, self.flow.id, self.flow.source, began)
        return batch

    def batches(self, size: int = 5_000) -> Iterator[Batch]:
        """The incidents, oldest first."""
        batch = Batch()
        for id_ in range(1, self.count + 1):
            self._incident(batch, id_)
            if id_ % size == 0:
                yield batch
                batch = Batch()
        if batch.rows:
            yield batch

    def _case(self, decision: Decision) -> tuple[str, Decision, set[tuple[str, str]]]:
        text = json.dumps(decision.as_json(), ensure_ascii=False)
        return text, decision, tags_of(Incident(decision=text, override=None))

    def _incident(self, batch: Batch, id_: int) -> None:
        draw = self._random
        at = self.now - YEARS * ((self.count - id_ + 1) / self.count)
        recent = id_ > self.count * 0.995
        state = draw.choice([*OPEN_STATES, State.ADVISED]) if recent and draw.random() < 0.8 else State.CLOSED
        if state is State.CLOSED and draw.random() < 0.12:
            state = State.ABANDONED
        advised = state in {State.ADVISED, State.CLOSED}
        text, decision, tags = draw.choice(self._cases)
        staff, lead = int(STAFF ** draw.random()) - 1, int(LEADS ** draw.random()) - 1
        incident = Incident(
            id=id_,
            reference=f"INC-{at.year}-{id_:07d}",
            conversation_id=f"talk:{staff}",
            reporter_id=f"web:staff{staff}",
            flow_id=self.flow.id,
            channel=draw.choices(["slack", "web", "terminal"], [70, 25, 5])[0],
            state=state,
            decision=text if advised else None,
            level=(decision.level if draw.random() < 0.3 else draw.choice([0, 0, 1])) if advised else None,
            reported_at=at,
            closed_at=None if state in OPEN_STATES else at + timedelta(hours=draw.randint(1, 200)),
            lead_id=f"web:lead{lead}" if draw.random() < 0.7 else None,
            restricted=draw.random() < 0.02,
            drill=draw.random() < 0.02,
        )
        words = [draw.choice(self._sentences) for _ in range(5)]
        for n in range(0, 5, 2):
            words[n] += f". {self._rare()} {self._rare()} and {self._rare()}"
        self._state(batch, incident, words[0])
        self._trail(batch, incident, words)
        self._register(batch, incident, tags if advised else set(), words, decision)

    def _rare(self) -> str:
        return self.rare[int(len(self.rare) ** self._random.random()) - 1]

    def _state(self, batch: Batch, one: Incident, title: str) -> None:
        closed = utc_text(one.closed_at) if one.closed_at else None
        when = utc_text(one.reported_at)
        batch.add(
            "incident", one.id, one.reference, one.conversation_id, one.reporter_id, one.channel, str(one.state), 9,
            self.flow.id, self.flow.version, title[:80], '{"origin": "own_post"}', "{}", "[]", one.decision, one.level,
            "{}", when, closed, one.lead_id, one.restricted, one.drill,
        )  # fmt: skip
        for participant in {one.reporter_id, one.lead_id} - {None}:
            batch.add("involved", one.id, participant, when)

    def _trail(self, batch: Batch, one: Incident, words: list[str]) -> None:
        left = iter(words)
        for n, kind in enumerate(ENTRIES):
            entry = (one.id - 1) * len(ENTRIES) + n + 1
            at = utc_text(one.reported_at + timedelta(minutes=n))
            spoken = kind in {"reported", "note_added", "draft_checked"} or n == 5
            body = json.dumps({"text": next(left)}) if spoken else '{"question": "origin", "value": "own_post"}'
            batch.add(
                "trail_entry", entry, one.id, n + 1, kind, one.reporter_id, one.channel, at, at, self.flow.version,
                "[]", f"{entry:064x}", f"{entry - 1:064x}", f"{entry:064x}",
            )  # fmt: skip
            batch.add("trail_payload", entry, f"{entry:064x}", body)

    def _register(
        self, batch: Batch, one: Incident, tags: set[tuple[str, str]], words: list[str], decision: Decision
    ) -> None:
        is_open = one.state in OPEN_STATES
        due_at = None
        if is_open and one.decision:
            for code in decision.responses:
                due_at = one.reported_at + timedelta(hours=self._random.randint(1, 200))
                batch.add("register_running", one.id, "step", code, code.replace("_", " "), utc_text(due_at))
        late = bool(due_at and due_at < self.now) or (not is_open and self._random.random() < 0.04)
        marks = marks_of(one, tags, {one.reporter_id, *([one.lead_id] if one.lead_id else [])}, late=late)
        place = place_of(one)
        level = (NO_ADVICE if one.level is None else one.level) if is_open else None
        due = utc_text(due_at) if due_at else None
        batch.add("register_place", place, one.id, marks, level, due, len(ENTRIES))
        batch.add("register_text", place, "\n".join(words), one.reference, marks)
        for kind, value in tags:
            batch.add("register_tag", kind, value, one.id)


def now_to_the_second() -> datetime:
    """The end of the three years."""
    return datetime.now(UTC).replace(microsecond=0)
