"""A draft in, findings out: the kind, and the words that it is about."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amends.drafts import MOST_CHARACTERS, Draft, Organisation, check

NOW = datetime(2026, 8, 19, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("Ask bob.smith@example.com today.", "personal_data", "bob.smith@example.com"),
        ("Ring her on 07700 900123 now.", "personal_data", "07700 900123"),
        ("The number is 943 476 5919.", "personal_data", "943 476 5919"),
        ("The card is 4111 1111 1111 1111.", "personal_data", "4111 1111 1111 1111"),
        ("Pay into GB33BUKB20201555555555.", "personal_data", "GB33BUKB20201555555555"),
        ("Insurance number: AB 12 34 56 C.", "personal_data", "AB 12 34 56 C"),
        ("Sort code 12-34-56, account 12345678.", "personal_data", "Sort code 12-34-56, account 12345678"),
        ("Our nurse Eve Marlow was diagnosed with cancer.", "personal_data", "Eve Marlow was diagnosed"),
        ("Eve Marlow lives at the old mill.", "personal_data", "Eve Marlow lives at the old mill."),
        ("The password: Sesame99", "secret", "password: Sesame99"),
        ("Eve Marlow is a thief.", "accusation", "Eve Marlow is a thief"),
        ("We guarantee that you pass.", "promise", "We guarantee"),
        ("Vote Labour today.", "political", "Vote Labour"),
        ("After the earthquake: 20% off all tents.", "tragedy", "earthquake"),
        ("Women cannot park.", "protected", "Women cannot"),
        ("Holy cr*p, it works.", "swearing", "cr*p"),
        ("Calm down, it is a timetable.", "insult", "Calm down"),
        ("Sorry if we hurt you.", "apology", "if"),
        ("A picture from Instagram that we like.", "others_work", "picture from"),
        ("Embargoed until noon.", "embargo", "Embargoed"),
        ("Come at [time] to the hall.", "leftover", "[time]"),
        ("See https://www.exmaple.ac.uk for more.", "link", "https://www.exmaple.ac.uk"),
        ("See http:/example.com for more.", "link", "http:/example.com"),
        ("Thanks, @ example!", "link", "@ example!"),
        ("My boyfriend made soup.", "account", "My boyfriend"),
        ("New today [poster]", "alt_text", "[poster]"),
        ("Come to our #openday", "hashtag", "#openday"),
    ],
)
def test_each_kind_is_found_with_its_words(found, text, kind, words):
    assert (kind, words.rstrip("!") if kind == "link" else words) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "Eve Marlow opens the new hall on Monday.",
        "Ring us on 0113 496 0000 or write to press@example.ac.uk.",
        "We meet at 12 High Street, LS1 3AB.",
        "The order number is 943 476 5918.",
        "Tickets are £8.",
        "The service for the victims of the earthquake begins at noon.",
        "LGBT+ History Month begins today.",
        "The Labour and the Conservative candidate are both invited.",
        "See https://www.example.ac.uk/news and https://example.co.uk.",
        "New today [poster] Alt: a red bus.",
        "Come to our #OpenDay in #Whitby",
    ],
)
def test_no_rule_takes_for_a_finding_what_belongs_in_a_post(knowledge, text):
    findings = check(Draft(text), knowledge, NOW).findings
    assert [each.words for each in findings if not each.what.startswith("perhaps, by")] == []


def test_what_no_rule_foresees_is_found_by_what_it_means_and_says_perhaps(knowledge):
    report = check(Draft("The door is open. You lot complain about everything."), knowledge, NOW)
    [finding] = report.findings
    assert (finding.kind, finding.what) == ("insult", "perhaps, by what it means")
    assert finding.words == "You lot complain about everything."


def test_every_finding_points_at_its_place_and_says_what_to_do(knowledge):
    text = "\U0001f600 Ask bob.smith@example.com.\n\nEve Marlow is a thief. #openday"
    report = check(Draft(text), knowledge, NOW)
    assert {finding.kind for finding in report.findings} >= {"personal_data", "accusation", "hashtag"}
    for finding in report.findings:
        assert text[finding.start : finding.end] == finding.words
        assert finding.could
        assert finding.instead
        assert finding.clauses


def test_from_level_two_on_somebody_reads_it_first(knowledge):
    report = check(Draft("Eve Marlow is a thief. Ask bob.smith@example.com."), knowledge, NOW)
    assert report.level == 2
    assert set(report.read_first) == {"legal", "dpo"}
    low = check(Draft("Come to our #openday"), knowledge, NOW)
    assert (low.level, low.read_first) == (0, ())


def test_the_gravest_comes_first_and_a_kind_stays_together(found):
    kinds = [
        kind for kind, _ in found("#openday Holy cr*p! Ask bob.smith@example.com or 07700 900123. Piss off. #bigday")
    ]
    assert kinds == ["personal_data", "personal_data", "swearing", "swearing", "hashtag", "hashtag"]


def test_lawful_speech_on_an_account_of_ones_own_is_no_finding(found):
    text = "Vote Labour today! I love my dog."
    assert found(text, official=False) == []
    assert ("personal_data", "07700 900123") in found("Ring her on 07700 900123.", official=False)


def test_a_picture_needs_words(found):
    assert found("Our library is open.", picture=True) == [("alt_text", "")]
    assert found("Our library is open. Alt text: a door.", picture=True) == []


def test_a_private_tone_in_somebodys_quotation_is_theirs(found):
    assert found('"My dad taught me to bake," says our baker, Tom.') == []


ELECTION = Organisation.model_validate({"elections": [{"from": "2026-08-01", "to": "2026-08-20", "name": "the poll"}]})


def test_politics_in_an_election_period(found):
    text = "The minister visits our laboratory."
    assert ("election", "minister") in found(text, own=ELECTION)
    assert found(text) == []
    assert found(text, own=ELECTION, now=datetime(2026, 8, 21, tzinfo=UTC)) == []
    assert found("Register to vote: the candidates are listed by the council.", own=ELECTION) == []


@pytest.mark.parametrize(("day", "near"), [(10, False), (11, True), (14, True), (17, True), (18, False)])
def test_words_that_hurt_near_an_anniversary(found, day, near):
    own = Organisation.model_validate({"anniversaries": [{"day": "06-14", "name": "the fire"}]})
    kinds = found("Our chillies are on fire.", own=own, now=datetime(2026, 6, day, 9, tzinfo=UTC))
    assert (("anniversary", "on fire") in kinds) is near


@pytest.mark.parametrize(
    ("when", "near"), [(datetime(2026, 12, 31, tzinfo=UTC), True), (datetime(2027, 1, 6, tzinfo=UTC), False)]
)
def test_an_anniversary_is_near_across_the_new_year(found, when, near):
    own = Organisation.model_validate({"anniversaries": [{"day": "01-02", "name": "the day"}]})
    assert (("anniversary", "bomb") in found("A bath bomb for you.", own=own, now=when)) is near


def test_words_are_held_back_until_their_time(found):
    own = Organisation.model_validate(
        {"embargoes": [{"until": "2026-08-19 12:30", "words": ["new campus"], "name": "the campus"}]}
    )
    text = "We are building a new campus in Hull."
    assert ("embargo", "new campus") in found(text, own=own)
    assert ("embargo", "new campus") not in found(text, own=own, now=datetime(2026, 8, 19, 12, 30, tzinfo=UTC))


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.sampled_from("aB1 .@#[]'\"/:*_\n-%\U0001f602\u00e9\u202e") | st.characters(), max_size=300))
def test_whatever_is_typed_the_places_are_right(knowledge, text):
    for finding in check(Draft(text), knowledge, NOW).findings:
        assert text[finding.start : finding.end] == finding.words


@pytest.mark.parametrize(
    "piece", ["a", "a ", "@", "#a", "A B ", "1 ", "sorry if ", "f*", "(", "www.", "\n", " ", ".", "Eve Marlow is "]
)
def test_a_long_draft_is_read_to_its_bound(knowledge, piece):
    text = piece * MOST_CHARACTERS
    assert all(finding.end <= MOST_CHARACTERS for finding in check(Draft(text), knowledge, NOW).findings)


def test_two_sentences_that_are_harmless_alone_are_seen_together(knowledge):
    death, offer = "The flood took forty houses.", "Our boots are half price."
    assert [check(Draft(each), knowledge, NOW).findings for each in (death, offer)] == [(), ()]
    [finding] = check(Draft(f"{death} {offer}"), knowledge, NOW).findings
    assert (finding.kind, finding.words) == ("tragedy", f"{death} {offer}")
