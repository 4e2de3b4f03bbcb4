"""What comes to the bot's channel: read and tamed, or refused with a sentence."""

import json

from hypothesis import given
from hypothesis import strategies as st

from amends.rasa.bodies import is_press, read_body
from tests.fuzz.made_up import changed, texts, values
from tests.fuzz.trying import often, one

RIGHT = {
    "sender": "web:ada",
    "message": '/press{"question": "harm", "value": "upset", "state": "INC-2026-0001:3"}',
    "metadata": {"key": "k1", "actor_id": "web:ada", "actor_name": "Ada", "said_at": "", "source": "web"},
}
SENTENCES = ("The message is too long.", "The body is not ", "'sender' has ", "'message' has ", "'metadata' has ")
bodies = st.one_of(
    st.binary(max_size=60),
    values.map(lambda value: json.dumps(value).encode()),
    changed(st.just(RIGHT)).map(lambda value: json.dumps(value).encode()),
    texts.map(lambda text: json.dumps(RIGHT | {"message": text}).encode()),
    texts.map(lambda text: json.dumps(RIGHT | {"message": f"/press{{{text}}}"}).encode()),
)


@often(20, short=150)
@given(body=bodies)
def test_a_body_is_tamed_or_refused_with_a_sentence(body):
    with one("bodies to the channel"):
        try:
            sender, text, metadata = read_body(body)
        except ValueError as error:
            if str(error).startswith(SENTENCES):
                return
            raise
    assert text.strip()
    assert not text.startswith("/") or is_press(text)
    assert set(metadata) <= {"key", "actor_id", "actor_name", "said_at", "source", "cut"}
    for each in (sender, text, *metadata.values()):
        assert "\x00" not in each.encode().decode()
