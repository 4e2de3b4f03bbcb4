"""The encoder that remembers gives what the encoder gives."""

import numpy as np

from amends.conversation import remembering
from amends.conversation.remembering import RememberingEncoder


def test_the_vectors_are_those_of_the_encoder_whatever_is_remembered(encoder):
    mine = RememberingEncoder(encoder)
    texts = ["we posted a typo", "sorry", "we posted a typo", "a list of students went to the wrong people"]
    for chosen in (texts[:2], texts, texts[::-1], []):
        assert np.allclose(mine.encode(chosen), encoder.encode(chosen), atol=1e-6)


def test_a_text_is_encoded_once_and_what_is_old_is_forgotten(encoder, monkeypatch):
    asked = []

    class Counting:
        version = plain = None

        def encode(self, texts):
            asked.extend(texts)
            return encoder.encode(texts)

    monkeypatch.setattr(remembering, "REMEMBERED", 2)
    mine = RememberingEncoder(Counting())
    mine.encode(["a", "b"])
    mine.encode(["a", "b"])
    assert asked == ["a", "b"]
    mine.encode(["c"])
    mine.encode(["a"])
    assert asked == ["a", "b", "c", "a"]
