"""Buttons stay on the screen; only those of the current state do something. A message that comes twice is one."""


def test_a_stale_press_changes_nothing_and_the_question_is_drawn_again(chat):
    ada = chat()
    ada.says("I've just posted my night out photos on the uni account")
    ada.presses("All right")
    old = ada.button("slip")
    ada.presses("profanity")
    before, kinds = ada.answers(), ada.kinds()
    question = ada.asked
    ada.says(old)
    assert "That button is from earlier" in ada.said
    assert ada.asked == question
    assert ada.answers() == before
    assert ada.kinds() == kinds


def test_a_stale_press_after_the_advice_draws_the_advice_again(chat):
    ada = chat()
    ada.says("oops, I tweeted a typo from the official account")
    ada.presses("All right")
    old = ada.button(ada.shows("question").options[0].code)
    ada.goes_through(issue="slip")
    ada.says(old)
    assert "That button is from earlier" in ada.said
    assert ada.shows("recommendation")


def test_the_same_delivery_twice_has_one_effect_and_a_sensible_reply(chat):
    ada = chat()
    first = ada.says("I've just posted my night out photos on the uni account", key=f"{ada.id}-once")
    reference = ada.reference
    again = ada.says("I've just posted my night out photos on the uni account", key=f"{ada.id}-once")
    assert ada.reference == reference
    assert ada.kinds().count("reported") == 1
    assert first[0] == again[0]
    assert ada.shows("understood")


def test_the_same_press_twice_under_one_key_is_one_answer(chat):
    ada = chat()
    ada.says("I've just posted my night out photos on the uni account")
    ada.presses("All right")
    send = ada.button("slip")
    ada.says(send, key=f"{ada.id}-press")
    question = ada.asked
    ada.says(send, key=f"{ada.id}-press")
    assert ada.kinds().count("answered") == 1
    assert ada.asked == question


def test_a_step_marked_twice_is_done_once(chat):
    ada = chat()
    ada.says("oops, I tweeted a typo from the official account")
    advice = ada.goes_through(issue="slip", evidence="not_saved")
    press = f'/action_done{{"step": "preserve", "state": "{advice.state}"}}'
    ada.says(press)
    ada.says(press)
    assert "Already recorded" in ada.said
    assert ada.kinds().count("step_done") == 1


def test_many_options_are_pressed_at_once(chat):
    from amends.conversation.replies import press_answer

    ada = chat()
    ada.says("I've just posted my night out photos on the uni account")
    ada.presses("All right")
    ada.says(press_answer("issue", "insult,personal_data", ada.shows("question").state))
    assert ada.answers()["issue"] == ["insult", "personal_data"]


def test_many_options_are_typed_at_once(chat):
    ada = chat()
    ada.says("I've just posted my night out photos on the uni account")
    ada.presses("All right")
    ada.says("it's rude and it has her phone number")
    assert set(ada.answers()["issue"]) == {"insult", "personal_data"}
