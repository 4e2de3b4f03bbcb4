"""What must be true after whatever happened. Each claim is a function; what it returns are sentences about breaches."""

import json
from collections import Counter, defaultdict

from sqlalchemy import select

from amends.conversation import wording
from amends.conversation.turn import once_key
from amends.incidents.models import Command, Delivery, Incident, TrailEntry, TrailPayload
from amends.incidents.verify import verify
from amends.outbox.tables import Inbound, Outgoing

from .walkers import InSlack

ONCE_A_TURN = (
    "reported",
    "answered",
    "corrected",
    "confirmed",
    "step_done",
    "closed",
    "abandoned",
    "note_added",
    "looked_again",
)
"""What one message can do once."""
UNCHANGED = (wording.BUTTON_OLD, wording.NOTHING_OPEN, wording.STILL_NOT_SURE.partition("{")[0])
"""What somebody is told whose press did nothing."""
SAME = (wording.GO_ON, wording.ADVICE_SAME)
"""What somebody is told who changed an answer to what it was."""


class After:
    """What is left: the record as it stands, and what people know that they did."""

    def __init__(self, place, people):
        self.place = place
        self.people = people
        with place.database.read() as session:
            rows = place.whole.rows
            self.deliveries = {row.key: row for row in rows(session, Delivery)}
            self.inbound = {row.key: row for row in rows(session, Inbound)}
            self.outgoing = {row.key: row for row in rows(session, Outgoing)}
            self.incidents = {row.id: row for row in rows(session, Incident)}
            self.entries = _entries(session, self.incidents)
            self.done_at = dict(session.execute(select(Command.key, Command.done_at)).all())
            self.left = place.whole.left(session)
            self.dead = place.whole.dead(session)
        self.standing = Counter(each for person in people if isinstance(person, InSlack) for each in person.stands())
        self.by_turn = defaultdict(list)  # what a message did: (who, when it was done) -> entries
        for entry in self.entries:
            self.by_turn[entry.actor_id, entry.recorded_at].append(entry)

    def answers_to(self, mark):
        """What was answered to the message with this mark."""
        said = [row for row in self.deliveries.values() if mark in row.text.split() or row.text.endswith(mark)]
        return [[reply["text"] for reply in replies_to(row)] for row in said]

    def of(self, delivery):
        """The entries that a message caused: those of the instant at which it was done."""
        done_at = self.done_at.get(once_key(delivery.conversation_id, delivery.key))
        return self.by_turn.get((delivery.participant_id, done_at), [])


def _entries(session, incidents):
    if not incidents:
        return []
    query = select(TrailEntry, TrailPayload.body).join(TrailPayload, TrailPayload.entry_id == TrailEntry.id)
    found = []
    for entry, body in session.execute(query.where(TrailEntry.incident_id >= min(incidents))):
        entry.payload = json.loads(body)
        found.append(entry)
    return found


def replies_to(delivery):
    return json.loads(delivery.replies or "[]")


def nothing_acknowledged_is_lost(after):
    """What was acknowledged stands in the record."""
    for person in after.people:
        for key in sorted(person.sent):
            row = after.inbound.get(key)
            if row is not None and row.last_error == "refused":
                continue  # they were told so
            if key not in after.deliveries:
                yield f"{person.mark}: {key} was acknowledged and is not in the record"


def everything_is_in_the_trail_once(after):
    """A report and a note are one entry each, and no message does anything twice."""
    texts = Counter()
    for entry in after.entries:
        if entry.kind in {"reported", "note_added", "draft_checked", "answered", "corrected"}:
            texts.update(_marks(entry.payload))
    for person in after.people:
        for mark in (*person.marks.reports, *person.marks.notes):
            # Whoever saw no answer may have said it once more: that is a message of its own. A note for an incident
            # that somebody has left meanwhile is refused in words, and stands nowhere.
            answers = after.answers_to(mark)
            taken = [each for each in answers if each != [wording.NO_INCIDENT_FOR_NOTE]]
            least = 1 if taken or not answers else 0
            if not least <= texts[mark] <= max(least, len(taken)):
                yield f"{mark} stands {texts[mark]} times in the trail; answered: {answers}"
    for delivery in after.deliveries.values():
        # One press says of two steps that they are done: that the evidence was saved before the post was taken down.
        done = Counter((entry.kind, entry.payload.get("step") == "preserve") for entry in after.of(delivery))
        for (kind, _), count in done.items():
            if kind in ONCE_A_TURN and count > 1:
                yield f"{delivery.key} is {count} entries of {kind}"
        if _is_answer(delivery) and not done and not _is_told(after, delivery):
            yield f"{delivery.key}: the press {delivery.text} left no entry, and nobody was told so"


def every_chain_verifies(after):
    with after.place.database.read() as session:
        for found in verify(session).damage:
            yield f"{found.reference}, entry {found.sequence}: {found.sentence}"


def nothing_is_stuck(after):
    """All that came in is handled, all that goes out is sent, and nothing was given up."""
    yield from (f"{key} is not done: {why}" for key, why in after.left)
    yield from (f"{key} was given up: {why}" for key, why in after.dead)


def everybody_got_an_answer(after):
    """Each message has a reply with words in it, in Slack once; what failed was said in words, with whom to ring."""
    for key, count in after.standing.items():
        if count > 1:
            yield f"{key} stands {count} times in Slack"
    for delivery in after.deliveries.values():
        replies = replies_to(delivery)
        if not replies or not all(reply["text"].strip() for reply in replies):
            yield f"{delivery.key} has no answer"
    for person in after.people:
        for status, words in getattr(person.person, "told", ()):
            if "Grace Hopper, 01234 555" not in words and status != 409:
                yield f"{person.mark}: status {status} said: {words[:300]}"


def nothing_is_said_that_is_not_so(after):
    """What was answered with a failure did nothing, and each reference that somebody was told is an incident."""
    there = {incident.reference for incident in after.incidents.values()}
    for delivery in after.deliveries.values():
        replies = replies_to(delivery)
        if any(reply["type"] == "failure" for reply in replies) and after.of(delivery):
            yield f"{delivery.key} was answered with a failure, and did something"
        for reply in replies:
            if reply.get("reference") and reply["reference"] not in there:
                yield f"{delivery.key} was told of {reply['reference']}, which is not there"


CLAIMS = (
    nothing_acknowledged_is_lost,
    everything_is_in_the_trail_once,
    every_chain_verifies,
    nothing_is_stuck,
    everybody_got_an_answer,
    nothing_is_said_that_is_not_so,
)


def breaches(after):
    """Each claim that does not hold, with what was found."""
    return {claim.__name__: found for claim in CLAIMS if (found := list(claim(after)))}


def _marks(payload):
    return [
        word.strip(".,")
        for word in str(payload.get("text") or payload.get("words") or payload.get("draft") or "").split()
        if word.startswith("mark")
    ]


def _says(delivery, sentences):
    return any(sentence in reply["text"] for reply in replies_to(delivery) for sentence in sentences)


def _is_told(after, delivery):
    """Whether somebody was told that their answer did nothing, and it could do nothing."""
    return _says(delivery, UNCHANGED) or (_says(delivery, SAME) and _was_so(after, delivery))


def _was_so(after, delivery):
    """Whether the trail of the incident has the answer that a press gives."""
    press = json.loads(delivery.text.removeprefix("/press"))
    question, reference = press["question"], press["state"].partition(":")[0]
    incident = next((row.id for row in after.incidents.values() if row.reference == reference), None)
    for entry in after.entries:
        given = entry.payload.get("answers") or {entry.payload.get("question"): entry.payload.get("value")}
        if entry.incident_id == incident and question in given:
            value = given[question]
            if press["value"] in ("?", ",".join(value) if isinstance(value, list) else value):
                return True
    return False


def _is_answer(delivery):
    """Whether a press answers a question of the flow; those beside it begin with an underscore."""
    return delivery.text.startswith("/press") and '"question": "_' not in delivery.text
