"""The encoder that remembers gives what the encoder gives."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from amends.conversation import remembering
from amends.conversation.remembering import RememberingEncoder
from tests.waiting import LONGEST


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


def test_what_is_being_encoded_in_another_thread_is_waited_for_and_not_encoded_again(encoder):
    begun, go_on, calls = threading.Event(), threading.Event(), []

    class Slow:
        version, plain = encoder.version, encoder.plain

        def encode(self, texts):
            calls.append(list(texts))
            begun.set()
            assert go_on.wait(LONGEST)
            return encoder.encode(texts)

    remembering = RememberingEncoder(Slow())
    with ThreadPoolExecutor(2) as pool:
        ahead = pool.submit(remembering.encode, ["we tweeted the wrong date"])
        assert begun.wait(LONGEST)
        turn = pool.submit(remembering.encode, ["we tweeted the wrong date"])
        go_on.set()
        assert np.array_equal(ahead.result(LONGEST), turn.result(LONGEST))
    assert calls == [["we tweeted the wrong date"]]


def test_an_encoding_that_failed_is_tried_again(encoder):
    class Failing:
        version, plain = encoder.version, encoder.plain
        fails = True

        def encode(self, texts):
            if self.fails:
                raise MemoryError
            return encoder.encode(texts)

    inside = Failing()
    remembering = RememberingEncoder(inside)
    with pytest.raises(MemoryError):
        remembering.encode(["a text"])
    inside.fails = False
    assert np.array_equal(remembering.encode(["a text"]), encoder.encode(["a text"]))
