"""Another incident while one is open, and the way back."""


def test_a_second_report_asks_whether_it_is_new_and_both_stay_open(chat):
    ada = chat()
    ada.says("oops, I tweeted a typo from the official account")
    ada.goes_through(issue="slip")
    first = ada.reference
    ada.says("I also sent the exam results of the students to the wrong mailing list")
    assert "is it something new" in ada.said
    ada.presses("Something new")
    second = ada.reference
    assert second != first
    assert ada.incident(first).state == "advised"
    ada.says("what is the status of my incidents?")
    assert {line.reference for line in ada.shows("status").incidents} == {first, second}
    ada.presses(f"Go on with {first}")
    assert ada.reference == first
    assert ada.shows("recommendation")
    ada.says(second)
    assert ada.reference == second
    assert ada.shows("understood") or ada.asked


def test_the_same_incident_keeps_the_words_as_a_note(chat):
    ada = chat()
    ada.says("oops, I tweeted a typo from the official account")
    ada.goes_through(issue="slip")
    reference = ada.reference
    ada.says("I also sent the exam results of the students to the wrong mailing list")
    ada.says("it's the same one")
    assert ada.reference == reference
    assert [e.payload["text"] for e in ada.trail() if e.kind == "note_added"] == [
        "I also sent the exam results of the students to the wrong mailing list"
    ]


def test_somebody_else_cannot_go_on_with_my_incident(chat):
    ada = chat()
    ada.says("oops, I tweeted a typo from the official account")
    reference = ada.reference
    eve = chat("Eve")
    eve.says(f'/press{{"question":"_incident","value":"{reference}","state":"-"}}')
    assert "no incident" in eve.said
    eve.says(reference)
    assert "no incident" in eve.said
    assert "typo" not in eve.said
