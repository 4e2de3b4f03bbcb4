"""Every handler of Slack, with made-up values in what it gets: it does something or says why not; nothing breaks."""

import json
import logging

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from amends.incidents.asked_after import QUESTIONS
from amends.outbox.tables import Inbound
from amends.slack.registry import HANDLERS
from tests.fuzz.made_up import changed, texts
from tests.fuzz.trying import often, one
from tests.slack import sent
from tests.slack.conftest import office, office_with  # noqa: F401 - fixtures

REFERENCE = "INC-2026-0001"
ENTRIES = [
    each for each in HANDLERS.entries() if each.kind in {"press", "submission", "shortcut", "command", "message"}
]
CARRIED = {
    "incident": REFERENCE,
    "reference": REFERENCE,
    "state": f"{REFERENCE}:3",
    "question": "harm",
    "value": "upset",
    "role": "legal",
    "outgoing": 1,
    "reminder": 1,
    "minutes": 60,
    "reading": 1,
    "accounts": [[1, 1]],
}
carried = st.one_of(
    texts,
    st.just(REFERENCE),
    st.just(json.dumps(CARRIED)),
    changed(st.just(CARRIED)).map(json.dumps),
    st.sampled_from(("/affirm", '/press{"question": "harm", "value": "upset", "state": "INC-2026-0001:3"}')),
)
number = st.integers(0, 10**9)
WINDOWS = ("what", "draft", "whose", "account", "reason", "text", "statement", "note", "drill")
CHOOSING = ("responses", "restricted", "named")
typed = st.fixed_dictionaries({"value": texts})
fields = st.dictionaries(
    st.sampled_from((*WINDOWS, *CHOOSING, *QUESTIONS)),
    st.one_of(
        typed,
        st.fixed_dictionaries({"selected_option": typed}),
        st.fixed_dictionaries({"selected_options": st.lists(typed, max_size=3)}),
        st.fixed_dictionaries({"selected_users": st.lists(texts, max_size=3)}),
    ).map(lambda element: {"value": element}),
    max_size=6,
)
"""What stands in a window that was sent, by the names that windows have for their fields."""


@st.composite
def payloads(draw, lena):
    """A payload for one of the handlers, of somebody who is a lead."""
    entry = draw(st.sampled_from(ENTRIES))
    id_ = entry.id + (draw(st.sampled_from(("0", "legal", "x"))) if entry.id.endswith((":", "|")) else "")
    trigger = f"{draw(number)}.{draw(number)}"
    if entry.kind == "press":
        body = sent.press(id_, draw(carried), trigger=trigger, state={"values": {}}, user={"id": lena, "team_id": "T1"})
    elif entry.kind == "submission":
        more = {"state": {"values": draw(fields)}, "view_id": f"V{draw(number)}", "hash_": trigger}
        body = sent.submission(id_, draw(carried), **more) | {"user": {"id": lena}}
    elif entry.kind == "command":
        body = sent.command(draw(texts), trigger=trigger, user_id=lena)
    elif entry.kind == "shortcut":
        message = {"ts": "1700000000.000300", "text": draw(texts), "user": lena}
        body = sent.shortcut(id_, trigger=trigger, message=message, channel={"id": "C1"}) | {"user": {"id": lena}}
    else:
        ts = f"{1_700_000_000 + draw(st.integers(0, 10**6))}.{draw(st.integers(0, 999_999)):06}"
        body = sent.message(draw(texts), ts=ts, user=lena)
    if not draw(st.booleans()):
        return body
    broken = draw(changed(st.just(body), most=2))
    return json.loads(json.dumps(broken))


def open_in(office):  # noqa: F811
    """What is not handled yet; files of a message wait until somebody has said whether it is the same incident."""
    waits = select(Inbound.id).where(Inbound.handled_at.is_(None), Inbound.kind != "file")
    with office.database.read() as session:
        return list(session.scalars(waits))


@often(1, short=12)
@given(data=st.data())
def test_each_handler_does_something_or_says_why_not(office, caplog, data):  # noqa: F811
    caplog.set_level(logging.ERROR)
    if not office.incidents():
        office.says(office.lena, "I posted the open day with the wrong date, and people are asking")
    body = data.draw(payloads(office.lena))
    with one("payloads to the handlers of Slack"):
        office.run(office.service._receiver.over_socket(body))
        office.until(lambda: not open_in(office))
    with office.database.read() as session:
        aside = [(row.kind, row.last_error) for row in session.scalars(select(Inbound)) if row.set_aside]
    assert aside == [], caplog.text
