"""From the first message to a closed record, as most triages go."""


def test_a_report_becomes_a_recorded_recommendation(chat):
    ada = chat()
    first = ada.says("I've just posted my night out photos on the uni account")
    assert first[0].type == "safe_steps"
    assert "screenshot" in first[0].text
    assert first[0].reference in first[0].text
    assert ada.shows("understood")
    ada.presses("All right")
    advice = ada.goes_through(
        issue="slip",
        personal_data="none",
        harm="none",
        tragedy="absent",
        protected="absent",
        legal="none",
        control="can_remove",
        evidence="not_saved",
        spread="few",
    )
    assert [step.code for step in advice.steps][:2] == ["preserve", "take_down"]
    assert not advice.provisional
    kinds = ada.kinds()
    assert kinds[:4] == ["reported", "understood", "safe_steps_shown", "confirmed"]
    assert kinds[-1] == "recommended"
    assert ada.trail()[-1].payload["decision"]["responses"] == [s.code for s in advice.steps if s.kind == "response"]


def test_every_button_of_the_advice_works(chat):
    ada = chat()
    ada.says("oops, I tweeted a typo from the official account")
    advice = ada.goes_through(issue="slip")
    reference = ada.reference
    for button in advice.buttons[:-1]:
        ada.last = [advice]
        replies = ada.presses(button.label)
        assert replies, button.label
        assert not any("do not know that button" in reply.text for reply in replies), button.label
    assert ada.incident(reference).state == "advised"


def test_the_steps_are_done_one_by_one_and_it_is_closed(chat):
    ada = chat()
    ada.says("oops, I tweeted a typo from the official account")
    advice = ada.goes_through(issue="slip", spread="few", control="can_remove", evidence="not_saved")
    reference = ada.reference
    ada.says("I took the screenshot 5 minutes ago")
    entry = ada.trail(reference)[-1]
    assert entry.kind == "step_done"
    assert entry.payload["step"] == "preserve"
    assert entry.payload["who"] == "Ada"
    for step in advice.steps:
        if step.code != "preserve":
            ada.says(f'/action_done{{"step": "{step.code}", "state": "{advice.state}"}}')
            assert ada.trail(reference)[-1].payload["step"] == step.code
    ada.presses("That's everything")
    assert ada.incident(reference).state == "advised", "The public has had a reply: four questions come first."
    ada.says("no, everybody got an answer")
    ada.says("it has calmed down")
    ada.says("no")
    ada.presses("None was promised")
    assert ada.incident(reference).state == "closed"
    assert ada.kinds(reference)[-1] == "closed"


def test_a_promise_in_the_reply_is_a_deadline_and_keeps_it_open(chat):
    ada = chat()
    ada.says("oops, I tweeted a typo from the official account")
    advice = ada.goes_through(issue="slip", spread="few", evidence="saved", control="can_remove")
    reference = ada.reference
    assert "respond" in [step.code for step in advice.steps]
    ada.says('I have posted the reply: "We got that wrong, and have taken it down. Next update tomorrow at 10am."')
    assert "I keep that as a promise" in ada.said
    ada.says("that's everything")
    assert "Before it closes" in ada.said
    assert ada.incident(reference).state == "advised"
    ada.says("the promised update is out")
    assert {"promised", "promise_kept"} <= set(ada.kinds(reference))
