"""A conversation through each flow, from the first message to the advice and its letters; and from one to another."""

BREACH = "I sent an email with the names and diagnoses of 200 patients to the wrong people"
RUMOUR = (
    "A newspaper has printed that our hospital closes its maternity ward, which is not true. It is all over the net"
)
BULLIED = "I am a student here and somebody on my course sends me horrible messages every night"
TYPO = "oops, I tweeted a typo from the official account"
POST, OUTSIDE = "A post has gone wrong", "Somebody outside says something about us"


def codes(advice):
    return [step.code for step in advice.steps]


def test_a_breach_goes_from_the_first_message_to_the_clock_and_the_letters(chat):
    ada = chat()
    first = ada.says(BREACH)
    assert ada.incident().flow_id == "breach"
    assert "Tell the data protection officer now" in first[0].text
    advice = ada.goes_through(
        certain="yes", personal_data="sensitive", contained="no", readable="yes", risk="high", ico_told="no"
    )
    assert codes(advice)[0] == "preserve"
    assert {"contain", "dpo", "tell_people", "tell_ico", "record"} <= set(codes(advice))
    clock = next(each for each in advice.clocks if each.id == "ico_72h")
    assert clock.due is not None
    ada.presses("Words to begin from")
    ada.presses("The report to the Information Commissioner")
    assert "What happened, when, and when we became aware" in ada.said
    ada.says("I have told the ICO")
    done = ada.trail()[-1]
    assert (done.kind, done.payload["step"]) == ("step_done", "tell_ico")
    ada.says("I have recalled the message")
    assert "Was the evidence saved before that" in ada.said


def test_what_an_outsider_says_begins_on_the_lowest_rung(chat):
    ada = chat()
    ada.says(RUMOUR)
    assert ada.incident().flow_id == "third_party"
    advice = ada.goes_through(
        content="false_claim", truth="inaccurate", fault="not_ours", harm="upset", spread="press", stopped="no"
    )
    assert codes(advice)[:2] == ["preserve", "respond"]
    assert not {"notify_operator", "legal_letter", "court"} & set(codes(advice))
    ada.says("why can't we go to court?")
    assert "General counsel has not agreed to it" in ada.said
    ada.last = [advice]
    ada.presses("Words to begin from")
    ada.presses("A correction where the readers are")
    assert "The source that anybody can check" in ada.said


def test_somebody_to_whom_it_was_done_gets_support_first(chat):
    ada = chat()
    ada.says(BULLIED)
    assert ada.incident().flow_id == "personal_use"
    advice = ada.goes_through(asking="victim", what="harassment", harm="upset", wish="stop")
    assert codes(advice)[0] == "support"
    assert not {"respond", "apologise", "talk", "ask_remove"} & set(codes(advice))
    assert "you decide what happens next" in "\n".join(reply.text for reply in ada.says("why?"))


def test_answers_can_be_typed_in_the_words_of_the_flow(chat):
    ada = chat()
    ada.says("We have lost a laptop with the files of our patients on it")
    assert ada.incident().flow_id == "breach"
    for _ in range(20):
        if ada.shows("recommendation"):
            break
        if ada.shows("understood"):
            ada.says("yes, all right")
            continue
        said = {
            "happened": "it was lost on the train",
            "certain": "there is no doubt",
            "personal_data": "it has health records on it",
            "whose": "patients",
            "number": "about three hundred",
            "contained": "we will never get it back",
            "readable": "it was encrypted",
            "risk": "hardly any risk",
            "legal": "nothing like that",
            "ico_told": "nobody has told them",
            "people_told": "they do not know yet",
            "spread": "nobody outside knows",
            "noticed_at": "an hour ago",
        }[ada.asked]
        ada.says(said)
        if "Did you mean" in ada.said:
            ada.says("yes")
    answers = ada.answers()
    assert answers["happened"] == "lost"
    assert answers["readable"] == "no"
    assert answers["risk"] == "unlikely"
    assert ada.shows("recommendation") is not None


def test_a_typed_word_changes_the_flow_and_keeps_what_was_said(chat):
    ada = chat()
    ada.says(TYPO)
    ada.goes_through(issue="slip", harm="annoyance")
    reference = ada.reference
    ada.says("this is about something else")
    assert "What is this about?" in ada.said
    ada.presses(OUTSIDE)
    assert ada.reference == reference
    assert ada.incident().flow_id == "third_party"
    offered = {fact.question: fact.values for fact in ada.shows("understood").facts}
    assert offered["harm"] == ("annoyance",)
    assert ada.trail()[0].payload["text"] == TYPO
    ada.presses("This is about something else")
    ada.presses(POST)
    assert {"issue", "harm"} <= {fact.question for fact in ada.shows("understood").facts}


def test_what_does_not_say_it_is_asked_about_and_answered_by_typing(chat):
    ada = chat()
    ada.says('/report_problem{"about": "something bad happened"}')
    assert "What is this about?" in ada.said
    ada.says("a list with the bank details of all our members has been stolen")
    assert ada.incident().flow_id == "breach"
    assert "note_added" in ada.kinds()
    assert "What is this about?" not in ada.said
