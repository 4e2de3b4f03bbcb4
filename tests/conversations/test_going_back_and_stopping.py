"""Go back, stop, start over, close: nothing that was said is lost."""


def asking(chat):
    ada = chat()
    ada.says("I've just posted my night out photos on the uni account")
    ada.presses("All right")
    ada.presses("slip")
    assert ada.asked == "personal_data"
    return ada


def test_going_back_asks_the_last_question_again_and_the_answer_is_gone(chat):
    ada = asking(chat)
    ada.says("go back")
    assert ada.asked == "issue"
    assert "issue" not in ada.answers()
    assert "went_back" in ada.kinds()
    ada.presses("profanity")
    assert ada.answers()["issue"] == ["profanity"]


def test_going_back_at_the_beginning_says_so(chat):
    ada = chat()
    ada.says("I've just posted my night out photos on the uni account")
    ada.says("go back")
    assert "This is the beginning" in ada.said
    assert ada.shows("understood")


def test_going_back_from_the_advice_opens_the_last_question(chat):
    ada = chat()
    ada.says("oops, I tweeted a typo from the official account")
    ada.goes_through(issue="slip")
    ada.says("go back")
    assert ada.asked
    assert ada.incident().state == "asking"


def test_stop_asks_first_and_no_goes_on(chat):
    ada = asking(chat)
    ada.says("stop")
    assert "closed as abandoned" in ada.said
    ada.says("no")
    assert ada.asked == "personal_data"
    assert ada.incident().state == "asking"


def test_stop_and_yes_closes_as_abandoned_with_everything_kept(chat):
    ada = asking(chat)
    reference = ada.reference
    ada.says("stop")
    ada.says("yes")
    assert ada.incident(reference).state == "abandoned"
    assert ada.answers(reference)["issue"] == ["slip"]
    assert ada.kinds(reference)[-1] == "abandoned"
    ada.says("hello")
    assert "Tell me in your own words" in ada.said


def test_an_answer_instead_of_yes_or_no_is_an_answer(chat):
    ada = asking(chat)
    ada.says("stop")
    ada.says("ordinary details, a name")
    assert "personal_data" in ada.answers()
    assert ada.incident().state == "asking"


def test_stop_can_give_the_advice_with_what_is_known(chat):
    ada = asking(chat)
    ada.says("stop")
    ada.presses("Advise me now")
    advice = ada.shows("recommendation")
    assert advice.provisional
    assert advice.missing
    assert "provisional" in advice.text


def test_start_over_asks_first_and_keeps_the_record(chat):
    ada = asking(chat)
    reference = ada.reference
    ada.says("start over")
    ada.says("yes")
    assert ada.reference == reference
    assert ada.answers() == {}
    assert ada.asked == "origin"
    assert "went_back" in ada.kinds()


def test_closing_with_open_steps_names_them_first(chat):
    ada = chat()
    ada.says("oops, I tweeted a typo from the official account")
    ada.goes_through(issue="slip", evidence="not_saved", control="can_remove")
    reference = ada.reference
    ada.says("that's everything")
    assert "Not marked as done" in ada.said
    ada.says("yes")
    assert ada.incident(reference).state == "closed"
    assert "preserve" in ada.trail(reference)[-1].payload["open_steps"]


def test_taking_down_before_saving_asks_for_the_evidence(chat):
    ada = chat()
    ada.says("oops, I tweeted a typo from the official account")
    ada.goes_through(issue="slip", evidence="not_saved", control="can_remove")
    ada.says("I've deleted it")
    assert "saved before that" in ada.said
    assert "step_done" not in ada.kinds()
    ada.presses("Yes, it is saved")
    assert [e.payload["step"] for e in ada.trail() if e.kind == "step_done"] == ["preserve", "take_down"]
