"""Search in everything people wrote: what is found, what is marked, and what hostile strings do."""

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from amends.register.filters import Filter
from amends.register.inverted import highlighted
from amends.register.words import MOST_WORDS, fold, sought
from tests.register.conftest import GRACE, NOW, hours

TEXTS = {
    "picture": "We posted the wrong picture on the official account.",
    "apology": "Somebody apologised; nobody was posting about take-down_notices.",
    "cafe": "The Café's e-mail is press@example.org, see https://example.org/news/2026.",
    "not": "This is not our account, and it was no joke.",
}


@pytest.fixture
def four(records):
    return {name: records.report(text, at=NOW + hours(n)) for n, (name, text) in enumerate(TEXTS.items())}


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("picture", ["picture"]),
        ("PICTURES", ["picture"]),
        ("account", ["not", "picture"]),
        ("account wrong", ["picture"]),
        ('"wrong account"', []),
        ('"official account"', ["picture"]),
        ('"official accounts', ["picture"]),
        ("account -picture", ["not"]),
        ("post", ["apology", "picture"]),
        ("apologise*", ["apology"]),
        ("apol*", []),
        ("apologising", ["apology"]),
        ("take-down notice", ["apology"]),
        ("cafe", ["cafe"]),
        ("CAFÉ", ["cafe"]),
        ("example.org", ["cafe"]),
        ("press@example.org", ["cafe"]),
        ("https://example.org/news/2026", ["cafe"]),
        ("news", ["cafe"]),
        ("not", ["not"]),
        ("no joke", ["not"]),
        ("Ada Stone", ["not", "cafe", "apology", "picture"]),
        ("picture OR joke", []),
        ("near(wrong picture)", []),
        ("nothing of this", []),
        ("!!! ???", ["not", "cafe", "apology", "picture"]),
    ],
)
def test_what_is_found(records, four, typed, found):
    assert records.found(Filter(text=typed)) == [four[name] for name in found]


def test_an_incident_is_found_by_its_reference(records, four):
    assert records.found(Filter(text=four["cafe"])) == [four["cafe"]]


def test_words_of_several_people_in_one_incident_are_found_together(records):
    reference = records.report("A zebra")
    records.note(reference, "and a giraffe", who=GRACE, name="Grace Hall")
    assert records.found(Filter(text="giraffe zebra")) == [reference]
    assert records.found(Filter(text='"zebra giraffe"')) == []


@pytest.mark.parametrize("typed", ["account", "official account", '"official account"', "accounts -joke"])
def test_what_was_sought_is_marked_in_what_was_written(records, four, typed):
    with records.database.read() as session:
        found = records.page(session, Filter(text=typed))
        pieces = highlighted(session, found.places, sought(typed), "[", "]")
    piece = pieces[found.places[-1]]
    assert "[account]" in piece or "official account]" in piece
    assert piece.replace("[", "").replace("]", "") in TEXTS["picture"]
    assert four["picture"] == found.incidents[-1].reference


def test_markup_in_what_was_written_stays_as_it_is(records):
    records.report("<script>alert('zebra')</script> & more")
    with records.database.read() as session:
        found = records.page(session, Filter(text="zebra"))
        piece = highlighted(session, found.places, sought("zebra"), "\x02", "\x03")[found.places[0]]
    assert "\x02zebra\x03" in piece


def test_no_more_words_than_a_query_can_bear():
    assert sum(len(part.words) for part in sought("word " * 500)) == MOST_WORDS


@pytest.mark.parametrize(("text", "folded"), [("Ünïcode_Text", "unicode text"), ("a-b.c", "a b c"), ("\x00'\"", "")])
def test_folding(text, folded):
    assert fold(text) == folded


HOSTILE = st.text(max_size=60) | st.text(alphabet="\"'*-():^&|!<>\\%_;z0 AND\x00\x02{}", max_size=60)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=HOSTILE)
@example(typed="'; DROP TABLE incident; --")
@example(typed='" OR 1=1 NEAR(a b, 3) {words}: x*')
@example(typed='* ** -* "*" -""')
@example(typed="\ud800 ﬁ ½ İ ß ①")
@example(typed="marks : z1")
def test_whatever_is_typed_is_only_words(records, typed):
    with records.database.read() as session:
        found = records.page(session, Filter(text=typed))
        highlighted(session, found.places, sought(typed), "\x02", "\x03")
    assert found.incidents == []
