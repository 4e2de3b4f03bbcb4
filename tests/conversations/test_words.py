"""Help with the words, and honest sentences about what is not there yet."""


def advised(chat):
    ada = chat()
    ada.says("We tweeted a joke about students from the official account and they are upset")
    ada.goes_through(issue="bad_joke", harm="upset")
    return ada


def test_a_frame_is_shown_and_then_a_draft_is_checked_sentence_by_sentence(chat):
    ada = advised(chat)
    ada.presses("Check my words")
    assert "A frame for it:" in ada.said
    ada.says("We are sorry if anyone was offended. It was posted by an intern. Please stop calling us.")
    rules = {(f.rule, f.sentence) for f in ada.shows("draft").findings}
    assert ("N11", "We are sorry if anyone was offended.") in rules
    assert ("N10", "It was posted by an intern.") in rules
    entry = ada.trail()[-1]
    assert entry.kind == "draft_checked"
    assert entry.payload["draft"].startswith("We are sorry")


def test_a_draft_in_the_request_is_checked_at_once(chat):
    ada = advised(chat)
    ada.says("can you check this apology: We got this wrong and we are sorry. We have taken the joke down today.")
    assert ada.shows("draft")
    assert ada.shows("draft").findings == ()


def test_never_mind_leaves_it(chat):
    ada = advised(chat)
    ada.presses("Check my words")
    ada.says("never mind")
    assert "draft_checked" not in ada.kinds()


def test_outside_an_incident_there_is_one_honest_sentence_each(chat):
    ada = chat()
    ada.says("I want to practise")
    assert "Practice: a real case, told as it unfolded" in ada.said
    ada.says("what's the weather like today?")
    assert "not something I can help with" in ada.said
    assert "Grace Hopper" in ada.said


def test_with_nothing_open_words_are_checked_before_they_are_posted(chat):
    ada = chat()
    ada.says("check my draft please")
    assert "Paste what you want to say" in ada.said
    ada.says("Eve Marlow is a thief and nobody should buy from her.")
    assert "Which account is it for?" in ada.said
    ada.presses("An official account")
    [finding] = ada.shows("draft").findings
    assert finding.rule == "An accusation"
    ada.says("check this for my own account: Our twitter account was hacked and someone posts scams, vote Green!")
    assert "For your own account:" in ada.said
    assert ada.shows("draft").findings == ()
