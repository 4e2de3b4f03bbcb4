"""The data map: every table of the record and every column in it, with what it holds of people, why, and how long.

`docs/privacy.md` shows it, and tests hold it against the tables: a new column has to be declared here before it can be
used, and a column of words has to be one that erasure knows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

INCIDENT = "with the incident's words: `RETAIN_WORDS_DAYS` after it was closed, or when they are erased"
TRANSPORT = "`RETAIN_TRANSPORT_DAYS` after it was handled or sent"
TALK = "with the incident's words; what belongs to no incident `RETAIN_TALK_DAYS` after it was said"
AUDIT = "`RETAIN_AUDIT_DAYS`; entries cannot be changed, so a name in them goes with the entry"
FOR_EVER = "for ever: it is the rules themselves, and who answers for them"
PERSON = "until the person is erased"
CHAIN = "for ever: without it nobody could prove that nothing was changed"
NOW = "as long as it is in use"


@dataclass(frozen=True)
class Kept:
    """A table. `words` are columns that hold what people wrote, `names` hold names, `ids` name an account."""

    what: str
    why: str
    how_long: str
    words: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    plain: tuple[str, ...] = ()

    @property
    def columns(self) -> frozenset[str]:
        """All that are declared."""
        return frozenset((*self.words, *self.names, *self.ids, *self.plain))


def _columns(text: str) -> tuple[str, ...]:
    return tuple(text.split())


PLACES: Mapping[str, Kept] = {
    "incident": Kept(
        "an incident as it stands: answers and advice as codes, its title and what was understood in words",
        "to advise, and to see afterwards what was decided",
        f"the words {INCIDENT}; the codes for ever, without a name",
        words=_columns("title understood history override completion"),
        names=_columns("done"),
        ids=_columns("conversation_id reporter_id lead_id"),
        plain=_columns(
            "id reference channel state state_number flow_id flow_version answers asked decision level reported_at "
            "closed_at restricted signed_off_at drill"
        ),
    ),
    "trail_entry": Kept(
        "that something happened in an incident: its kind, when, by which account",
        "to prove what was done when",
        CHAIN,
        ids=_columns("actor_id"),
        plain=_columns(
            "id incident_id sequence kind source said_at recorded_at flow_version clauses supersedes payload_digest "
            "previous_hash hash"
        ),
    ),
    "trail_payload": Kept(
        "what was said, shown and decided",
        "to prove what was said",
        INCIDENT,
        words=_columns("body"),
        plain=_columns("entry_id salt"),
    ),
    "evidence": Kept(
        "files that people sent",
        "to show afterwards what was posted",
        INCIDENT,
        words=_columns("name content"),
        ids=_columns("participant_id"),
        plain=_columns("id key incident_id media_type size sha256 stored_at"),
    ),
    "delivery": Kept(
        "messages as they came in, and the answers",
        "so that none is lost, and to show the conversation as it looked",
        TALK,
        words=_columns("text replies"),
        ids=_columns("conversation_id participant_id"),
        plain=_columns("id key source received_at handled_at"),
    ),
    "conversation": Kept(
        "which incident is talked about, and what is waited for",
        "to go on where it was",
        "the words until the question is answered or the person is erased",
        words=_columns("pending"),
        ids=_columns("id participant_id"),
        plain=_columns("incident_id started_at"),
    ),
    "command": Kept(
        "that a message was acted on, and with what answer",
        "so that nothing is done twice",
        TRANSPORT,
        words=_columns("result"),
        ids=_columns("key"),
        plain=_columns("done_at"),
    ),
    "story": Kept(
        "a lead's account of an incident",
        "so that others can learn from it",
        INCIDENT,
        words=_columns("introduction items"),
        ids=_columns("saved_by"),
        plain=_columns("incident_id revision saved_at"),
    ),
    "review": Kept(
        "what went well and what to change",
        "so that others can learn from it",
        INCIDENT,
        words=_columns("went_well to_change"),
        ids=_columns("saved_by"),
        plain=_columns("incident_id revision saved_at"),
    ),
    "follow_up": Kept(
        "what is to be done afterwards, and by whom",
        "to remind them",
        INCIDENT,
        words=_columns("what"),
        names=_columns("owner_name done_by"),
        ids=_columns("owner_id agreed_by"),
        plain=_columns("id incident_id due revision agreed_at next_at reminded done_at"),
    ),
    "register_text": Kept(
        "everything that was written in an incident, once more, and the names it is known by",
        "to find it by its words",
        INCIDENT,
        words=_columns("words about terms"),
        plain=_columns("place marks"),
    ),
    "register_place": Kept(
        "where an incident stands in lists; who takes part, as numbers",
        "to find it",
        "as long as the incident, without a name",
        ids=_columns("marks"),
        plain=_columns("place incident_id open_level due_at through"),
    ),
    "register_tag": Kept(
        "what the advice says", "to find incidents by it", "for ever", plain=_columns("kind value incident_id")
    ),
    "register_running": Kept(
        "deadlines and steps that run",
        "to show what is late",
        "until it is done",
        plain=_columns("incident_id kind code title due_at"),
    ),
    "reminder": Kept(
        "whom to remind of which step",
        "to remind them",
        "for ever; it holds the rules' words only",
        plain=_columns("id incident_id kind code title due_at next_at stage state"),
    ),
    "involved": Kept(
        "who takes part in an incident",
        "so that only they see what is restricted",
        "as long as the incident, without a name",
        ids=_columns("participant_id"),
        plain=_columns("incident_id since"),
    ),
    "participant": Kept(
        "who talked to the assistant: account and name",
        "to say who did what",
        PERSON,
        names=_columns("name"),
        ids=_columns("id"),
        plain=_columns("first_seen"),
    ),
    "official_account": Kept(
        "the official accounts: who answers for each, and when that was last confirmed",
        "to know whom to wake, and who holds keys",
        NOW,
        ids=_columns("checked_by"),
        plain=_columns(
            "id key platform handle called owner_id deputy_id two_factor checked_on next_at reminded revision"
        ),
    ),
    "account_person": Kept(
        "who owns an official account, stands in or holds its keys; whether they left or are away",
        "to reach them, and to take keys back",
        f"{NOW}, or {PERSON}",
        names=_columns("name"),
        ids=_columns("contact"),
        plain=_columns("id left_on away_until revision"),
    ),
    "account_key": Kept(
        "who can sign in to which account, as numbers", "to take keys back", NOW, plain=_columns("account_id person_id")
    ),
    "account_named": Kept(
        "who was woken for which account in an incident, as numbers",
        "so that nobody is woken twice",
        "as long as the incident, without a name",
        plain=_columns("incident_id account_id person_id how at"),
    ),
    "account_change": Kept(
        "what was changed in the register of accounts; people as numbers",
        "to answer for who holds keys",
        "for ever, without a name",
        ids=_columns("actor_id"),
        plain=_columns("id at account_id person_id label what details"),
    ),
    "inbound": Kept(
        "what came from Slack",
        "so that nothing is lost",
        TRANSPORT,
        words=_columns("payload"),
        ids=_columns("key lane"),
        plain=_columns("id kind received_at not_before claimed_until attempts last_error handled_at set_aside"),
    ),
    "outgoing": Kept(
        "what was sent to Slack",
        "so that nothing is lost or sent twice",
        TRANSPORT,
        words=_columns("body"),
        ids=_columns("key to slot"),
        plain=_columns(
            "id thread action draw then incident_id created_at not_before started_at attempts last_error sent_at ts "
            "dead_at"
        ),
    ),
    "posted": Kept(
        "the card that stands in Slack now",
        "to draw it again when something changes",
        INCIDENT,
        words=_columns("body"),
        ids=_columns("slot channel"),
        plain=_columns("ts thread updated_at"),
    ),
    "place": Kept(
        "in which channel a conversation takes place",
        "to answer there",
        "for ever, without a name",
        ids=_columns("conversation_id"),
        plain=_columns("team channel thread"),
    ),
    "draft_reading": Kept(
        "drafts that somebody wanted kept or read first, and what was answered",
        "to show them again, and so that whoever was asked can read them",
        "until whoever wrote it deletes it; at the latest `RETAIN_TALK_DAYS` after it was kept or answered",
        words=_columns("text account note"),
        ids=_columns("owner_id asked answered_by"),
        plain=_columns("id own level role kept_at answer answered_at seen_at"),
    ),
    "slack_user": Kept(
        "what Slack says of somebody: name, time zone, whether a guest",
        "to know who may come in",
        PERSON,
        names=_columns("name"),
        ids=_columns("id"),
        plain=_columns("team zone standing fetched_at"),
    ),
    "access_session": Kept(
        "who is signed in",
        "to let them in",
        "`RETAIN_SIGN_INS_DAYS` after it ended",
        names=_columns("name"),
        ids=_columns("participant_id"),
        plain=_columns("hash roles way begun_at seen_at ends_at"),
    ),
    "sign_in_link": Kept(
        "links that let somebody in once",
        "to let them in",
        "`RETAIN_SIGN_INS_DAYS` after it ended",
        names=_columns("name"),
        plain=_columns("hash roles made_at ends_at used_at"),
    ),
    "api_token": Kept(
        "keys of programs, and as whom they act",
        "to let them read",
        f"{NOW}; taken back when the person is erased",
        names=_columns("name person made_by"),
        ids=_columns("participant_id"),
        plain=_columns("id hash roles scopes made_at ends_at used_at revoked_at"),
    ),
    "access_audit": Kept(
        "who looked at what, took what out, came in, searched for what",
        "to answer for who sees the record",
        AUDIT,
        words=_columns("details"),
        names=_columns("name"),
        ids=_columns("participant_id"),
        plain=_columns("sequence roles what reference at previous_hash hash"),
    ),
    "practice": Kept(
        "who practised with which drill, and what came of it, as codes",
        "to show somebody their own practice, and leads all of it in sum",
        "as long as the incident, without a name",
        ids=_columns("conversation_id participant_id"),
        plain=_columns("id drill team began_at told cued incident_id ended_at outcome"),
    ),
    "saved_view": Kept(
        "a filter that somebody saved",
        "to come back to it",
        f"{NOW}, or {PERSON}",
        words=_columns("name query"),
        ids=_columns("owner_id"),
        plain=_columns("id saved_at"),
    ),
    "legal_hold": Kept(
        "what must not be erased, and why",
        "to be able to prove it later",
        "the reason with the incident's words, or until the person is erased",
        words=_columns("reason"),
        ids=_columns("participant_id placed_by lifted_by"),
        plain=_columns("id incident_id placed_at lifted_at"),
    ),
    "draft": Kept(
        "an edit of the rules that is not in use yet",
        "to edit them together",
        NOW,
        names=_columns("owner_name"),
        ids=_columns("owner_id"),
        plain=_columns("kind name text base revision at"),
    ),
    "publish_request": Kept(
        "who asked to publish which rules, and who agreed",
        "so that two look at it",
        f"{NOW}; names and notes {PERSON}",
        words=_columns("note reason"),
        names=_columns("owner_name decided_by_name"),
        ids=_columns("owner_id decided_by_id"),
        plain=_columns("id kind name text version base asked_at state decided_at"),
    ),
    "policy_trail": Kept(
        "who changed and published which rules",
        "to answer for the rules that advice rested on",
        FOR_EVER,
        words=_columns("note"),
        names=_columns("actor_name details"),
        ids=_columns("actor_id"),
        plain=_columns("sequence kind document_kind document_name version previous at previous_hash hash"),
    ),
    "flow_version": Kept(
        "the rules as they were", "to explain old advice", FOR_EVER, plain=_columns("hash flow_id source first_used_at")
    ),
    "clause_version": Kept(
        "clauses as they were", "to explain old advice", FOR_EVER, plain=_columns("hash clause_id body first_used_at")
    ),
    "document_version": Kept(
        "flows and policies as they were published",
        "to explain old advice",
        FOR_EVER,
        plain=_columns("kind name hash text first_published_at"),
    ),
    "reference_counter": Kept(
        "the last number of a year", "to number incidents", "for ever", plain=_columns("year last")
    ),
    "seal": Kept("seals over the chains", "to prove it", CHAIN, plain=_columns("number of entry key seal")),
    "record_check": Kept(
        "when the record was checked, and what was found",
        "to notice damage",
        "for ever",
        plain=_columns("day began_at ended_at entries number seal damage"),
    ),
    "hold": Kept(
        "which process is at work on what",
        "so that two do not do the same",
        "seconds",
        ids=_columns("name"),
        plain=_columns("holder until"),
    ),
}

STAYS = {
    ("access_audit", "details"),
    ("access_audit", "name"),
    ("policy_trail", "note"),
    ("policy_trail", "actor_name"),
    ("policy_trail", "details"),
    ("api_token", "name"),
}
"""Words and names that erasure leaves, because they stand in a chain or are a program's: `how_long` says until when."""


def as_markdown() -> Iterator[str]:
    """The map as lines of a table."""
    yield "| table | what it holds | why | how long | words | names | accounts |"
    yield "|---|---|---|---|---|---|---|"
    for table, kept in PLACES.items():
        parts = [kept.words, kept.names, kept.ids]
        shown = [", ".join(f"`{column}`" for column in part) for part in parts]
        yield f"| `{table}` | {kept.what} | {kept.why} | {kept.how_long} | {' | '.join(shown)} |"
