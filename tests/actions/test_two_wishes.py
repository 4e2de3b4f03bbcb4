"""What may mean two things is asked about with two buttons, and what was typed is not typed again."""


def test_two_close_wishes_are_offered_and_the_words_are_kept(ada, the_record):
    ada.says("somebody should see this, our tweet about the flood", "check_draft", rival="report_problem")
    assert ada.last[-1].text.startswith("Did you mean")
    assert [button.label for button in ada.last[-1].buttons] == [
        "Have words looked at",
        "Tell of something that went wrong",
    ]
    ada.presses("Tell of something that went wrong")
    reported = next(e for e in the_record.trail() if e.kind == "reported")
    assert reported.payload["text"] == "somebody should see this, our tweet about the flood"


def test_saying_it_another_way_is_taken_as_it_stands(ada, the_record):
    ada.says("about the photo", "ask_policy", rival="ask_help")
    ada.says("I tweeted it from the wrong account", "report_problem")
    assert "reported" in the_record.kinds()


def test_a_sure_intent_or_an_open_question_is_not_asked_about(ada):
    ada.says("I tweeted it from the wrong account", "report_problem")
    assert not ada.last[-1].text.startswith("Did you mean")
    ada.says("what does the policy say", "ask_policy", rival="ask_help")
    assert not any(reply.text.startswith("Did you mean") for reply in ada.last)
