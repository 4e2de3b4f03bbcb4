"""A whole drill with the real assistant, by typing and pressing."""


def test_a_drill_from_the_wish_to_the_look_back(chat):
    ada = chat()
    ada.says("can we do a drill")
    ada.presses("1. The beer tasting")
    assert "This is practice. Only you see how it goes." in ada.said
    ada.says("Our official account just posted an invitation to a beer tasting, it was the wrong account")
    assert "DRILL-" in ada.said
    reference = ada.reference
    advice = ada.goes_through(issue="slip", harm="annoyance", fault="ours_accident", spread="shared")
    assert advice.drill
    told = [entry.payload["clock"] for entry in ada.trail(reference) if entry.kind == "drill_told"]
    assert told == ["18:40", "18:46"]
    ada.says("the evidence is saved and we have deleted the post")
    assert "Drill, 19:15" in ada.said
    ada.says("that's everything")
    ada.presses("Close it")
    look_back = ada.shows("debrief")
    assert [section.title for section in look_back.sections][:2] == ["Time", "What you did"]
    assert "Police Essen" in look_back.text
    assert ada.incident(reference).state == "closed"


def test_something_real_can_be_told_in_the_middle_of_a_drill(chat):
    ada = chat()
    ada.says("I want to practise")
    ada.presses("6. Before dawn")
    text = "Somebody has got into our Instagram account and is posting swear words to everybody"
    ada.says(text)
    drill = ada.reference
    ada.presses("This is real, no drill")
    assert ada.reference.startswith("INC-")
    assert ada.trail()[0].payload["text"] == text
    assert ada.incident(drill).state == "abandoned"


def test_a_drill_can_be_asked_for_in_words_and_left_again(chat):
    ada = chat()
    ada.says("Drill time")
    assert "Which one?" in ada.said
    ada.presses("10. The alert that was a test")
    ada.says("stop")
    assert "The drill has ended. Nothing of it is counted." in ada.said
