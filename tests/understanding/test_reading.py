"""Facts are read from people's own words; what is not said is not put into their mouth."""

from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from amends.flows import Times
from amends.settings import CACHE, ROOT
from amends.understanding import Understanding, load_examples
from amends.understanding.encoder import DIMENSIONS, EncoderError, load_encoder
from tests.flows.small import shipped

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 3, 4, 10, 30, tzinfo=LONDON)


@pytest.fixture(scope="module")
def encoder():
    return load_encoder(CACHE)


@pytest.fixture(scope="module")
def understanding(encoder):
    return Understanding(shipped(), encoder, load_examples(ROOT / "data"), CACHE)


def facts(understanding, text):
    return {name: fact.value for name, fact in understanding.facts(text, NOW, LONDON).facts.items()}


def test_vectors_have_length_one_and_do_not_depend_on_their_company(encoder):
    alone = encoder.encode(["I tweeted from the wrong account"])
    among = encoder.encode(["no", "I tweeted from the wrong account", "a much longer sentence than the others here"])
    assert alone.shape == (1, DIMENSIONS)
    assert np.allclose(np.linalg.norm(among, axis=1), 1, atol=1e-5)
    assert np.allclose(alone[0], among[1], atol=1e-5)


def test_what_means_the_same_is_near(encoder):
    a, b, c = encoder.encode(["our account was hacked", "somebody broke into our profile", "the soup is too salty"])
    assert a @ b > 0.4 > a @ c


def test_a_damaged_cache_is_computed_again(tmp_path):
    mine = load_encoder(tmp_path)
    first = mine.encode_fixed(["one", "two"])
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(b"broken")
    assert np.array_equal(load_encoder(tmp_path).encode_fixed(["one", "two"]), first)


def test_weights_that_were_not_checked_are_refused(monkeypatch):
    monkeypatch.setattr("amends.understanding.encoder.SHA256", "0" * 64)
    with pytest.raises(EncoderError, match="not the published ones"):
        load_encoder()


def test_a_first_message_says_several_things(understanding):
    text = (
        "omg just tweeted my drunk selfie from @uni_library, 40 RTs already "
        "and someone's screenshotted it, deleting now??"
    )
    reading = understanding.facts(text, NOW, LONDON)
    found = {name: fact.value for name, fact in reading.facts.items()}
    assert found == {
        "origin": "wrong_account",
        "control": "can_remove",
        "spread": "shared",
        "noticed_at": Times(posted=NOW),
    }
    assert reading.platforms == ("Twitter / X",)
    assert reading.accounts == ("uni_library",)
    assert "40 RTs" in reading.counts


def test_negation_is_heard(understanding):
    assert facts(understanding, "nobody's noticed yet")["spread"] == "unseen"
    assert "origin" not in facts(understanding, "not hacked, just stupid")


@pytest.mark.parametrize("text", ["no", "Yes", "nope", "yes please", "ok"])
def test_a_bare_yes_or_no_is_no_fact(understanding, text):
    assert facts(understanding, text) == {}


def test_a_time_is_that_of_the_post_only_when_the_post_is_spoken_of(understanding):
    assert "noticed_at" not in facts(understanding, "I told security five minutes ago")
    assert "noticed_at" in facts(understanding, "it was posted five minutes ago")


def test_the_bad_posts_own_words_are_not_the_reporters(understanding):
    assert "issue" not in facts(understanding, 'we tweeted "all students are racist idiots" from the main account')


@pytest.mark.parametrize(
    ("question", "text", "value"),
    [
        ("origin", "it was the scheduler", "automation"),
        ("origin", "dunno", "unknown"),
        ("issue", "it's rude and it has her phone number", ("insult", "personal_data")),
        ("harm", "nobody", "none"),
        ("harm", "just embarrassing for us", "annoyance"),
        ("personal_data", "no", "none"),
        ("tragedy", "no", "absent"),
        ("tragedy", "not sure", "unsure"),
        ("legal", "nope", ("none",)),
        ("legal", "the police are involved and we got a solicitor's letter", ("complaint_letter", "police")),
        ("spread", "500 retweets", "shared"),
        ("spread", "3", "shared"),
        ("control", "I deleted it", "already_gone"),
        ("fault", "honest mistake", "ours_accident"),
        ("mood", "people are laughing", "amused"),
        ("target", "only us", "us"),
    ],
)
def test_a_typed_answer_is_read_against_its_question(understanding, question, text, value):
    assert understanding.answer(question, text, NOW, LONDON).value == value


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("origin", "bananas are yellow"),
        ("personal_data", "yes"),
        ("spread", "the police are involved"),
        ("harm", ""),
        ("harm", "\U0001f600\U0001f600"),
        ("noticed_at", "tomorrow"),
    ],
)
def test_what_does_not_answer_is_no_answer(understanding, question, text):
    assert understanding.answer(question, text, NOW, LONDON).value is None


def test_two_times_in_one_answer(understanding):
    answer = understanding.answer("noticed_at", "posted at 9, spotted at half past nine", NOW, LONDON)
    assert answer.value == Times(NOW.replace(hour=9, minute=0), NOW.replace(hour=9, minute=30))
    wrong = understanding.answer("noticed_at", "posted at 10, spotted at 9", NOW, LONDON)
    assert wrong.value is None
    assert "before it was posted" in wrong.problem


def test_a_correction_finds_the_answer_it_means(understanding):
    answered = ["origin", "issue", "harm", "spread"]
    question, answer = understanding.correction("no wait, it was the scheduler", answered, NOW, LONDON)
    assert (question, answer.value) == ("origin", "automation")
    question, answer = understanding.correction("actually nobody has seen it", answered, NOW, LONDON)
    assert (question, answer.value) == ("spread", "unseen")
    assert understanding.correction("the soup is too salty", answered, NOW, LONDON) is None
    assert understanding.correction("not sure", [*answered, "personal_data"], NOW, LONDON) is None


@pytest.mark.parametrize(
    ("text", "said"), [("yes", True), ("Yep!", True), ("no", False), ("nah", False), ("cat", None)]
)
def test_yes_and_no(understanding, text, said):
    assert understanding.yes_no(text) is said


@pytest.mark.parametrize(
    "text",
    [
        "a student says she will kill herself because of our post",
        "he wrote that he doesn't want to live any more",
        "someone commented that they have taken an overdose",
        "we got a bomb threat in our replies",
        "I want to hurt myself",
    ],
)
def test_a_threat_to_life_is_recognised(understanding, text):
    assert understanding.facts(text, NOW, LONDON).emergency


@pytest.mark.parametrize(
    "text",
    ["my boss will kill me", "I could die of shame", "that's career suicide", "people are dying of laughter", "help!!"],
)
def test_a_figure_of_speech_is_no_emergency(understanding, text):
    assert not understanding.facts(text, NOW, LONDON).emergency


@pytest.mark.parametrize(
    "text",
    ["", "\U0001f600" * 50, "\x00\x07\u202e", "<script>alert(1)</script>", "'; DROP TABLE incident; --", "a" * 40_000],
)
def test_strange_texts_say_nothing_and_break_nothing(understanding, text):
    assert "origin" not in facts(understanding, text)


def test_a_long_message_is_cut_and_says_so(understanding):
    assert understanding.facts("word " * 8000, NOW, LONDON).cut


def test_another_language_is_noticed(understanding):
    reading = understanding.facts("Hola, hemos publicado una foto equivocada en nuestra cuenta", NOW, LONDON)
    assert not reading.english
    assert reading.facts == {}
