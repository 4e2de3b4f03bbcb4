"""The lint of drafts: sentence by sentence, with the rule that each flaw breaks."""

import pytest

from amends.drafts.reply import FRAMES, check_reply, reading_ease

HARD = (
    "We sincerely apologise: institutional accountability necessitates comprehensive organisational "
    "reconsideration of communications governance responsibilities."
)


def rules(draft, *, apology=True, repeated=()):
    return [flaw.rule for flaw in check_reply(draft, apology=apology, repeated=repeated)]


@pytest.mark.parametrize(
    ("draft", "rule"),
    [
        ("We are sorry if anyone was hurt.", "N11"),
        ("We are sorry for any offence caused.", "N11"),
        ("Sorry, it may have seemed rude.", "N11"),
        ("We are sorry that our joke was misunderstood.", "N11"),
        ("Sorry to those who saw it.", "N11"),
        ("We are sorry that you feel upset.", "N11"),
        ("Mistakes were made. We are sorry.", "passive"),
        ("The post was deleted. We are sorry.", "passive"),
        ("Sorry, our intern wrote it.", "N10"),
        ("Sorry, our account was hacked.", "N10"),
        ("Sorry. The person has been sacked.", "N16"),
        ("Sorry. We will refund everybody.", "N16"),
        ("We are sorry. Please forgive us.", "apology"),
        ("Sorry, but calm down.", "N14"),
        ("Sorry, write to jo.smith@example.ac.uk now.", "N12"),
        ("Sorry. Her number is 07700 900123.", "N12"),
        ("We have taken it down today.", "apology"),
        ("We are sorry. " + "We took the post down and we will check each post from now on. " * 6, "length"),
        (HARD, "reading"),
    ],
)
def test_what_is_wrong_is_found(draft, rule):
    assert rule in rules(draft)


@pytest.mark.parametrize(
    "draft",
    [
        "We got this wrong and we are sorry. We have taken the joke down, and two people now read each post.",
        "We are sorry. We posted a picture of a patient. We took it down at 9:40 and rang her.",
        "We are sorry for the hurt we caused. We removed the post.",
    ],
)
def test_a_good_apology_has_nothing_wrong_with_it(draft):
    assert rules(draft) == []


def test_a_plain_if_is_no_hedge():
    assert rules("We are sorry. If the link does not work, ring 101.") == []


def test_hedges_are_for_apologies_alone():
    assert "N11" not in rules("The library seemed closed, but it is open.", apology=False)


def test_what_must_not_be_repeated_is_found_in_any_case():
    assert "N12" in rules("We are sorry. Professor Plum is not a thief.", repeated=["a THIEF"])


def test_each_flaw_names_its_sentence_and_says_what_to_write_instead():
    flaws = check_reply("We got it wrong. Sorry if you were offended. Our intern did it.", apology=True)
    assert [flaw.sentence for flaw in flaws] == ["Sorry if you were offended.", "Our intern did it."]
    assert all(flaw.problem and flaw.instead for flaw in flaws)


@pytest.mark.parametrize("draft", ["", "   ", "\U0001f600", "?!?!", "a" * 10_000, "sorry " * 3000])
def test_strange_drafts_do_no_harm(draft):
    check_reply(draft, apology=True)


def test_reading_ease_knows_easy_from_hard():
    easy = "We put it right. We are sorry. It will not happen again."
    hard = "Institutional accountability necessitates comprehensive organisational reconsideration."
    assert reading_ease(easy) > 80
    assert reading_ease(hard) < 0
    assert reading_ease("The cat sat on the mat.") == pytest.approx(116.1, abs=0.1)  # Flesch's own arithmetic


def test_the_frames_break_none_of_their_own_rules():
    for code in ("apologise", "take_down"):
        found = [
            flaw for flaw in check_reply(FRAMES[code].replace("___", "it"), apology=False) if flaw.rule != "length"
        ]
        assert [flaw.rule for flaw in found] == []
