"""Real incidents with the shipped flow: every card on the way is one that Slack takes, and its text is enough."""

from zoneinfo import ZoneInfo

import pytest

from amends.conversation import wording
from amends.conversation.replies import press_answer, press_done
from amends.slack import blocks as kit
from amends.slack import cards
from tests.actions.conftest import ada, assistant, clock, encoder, settings  # noqa: F401 - fixtures
from tests.slack.manners import assert_good, values

ZONE = ZoneInfo("Europe/London")
TELL = frozenset({"legal", "dpo", "security", "safeguarding", "hr", "comms"})
LEAST = 20
"""So much of each line is in a text that had to be shortened."""
SLIP = "There is a typo in our newsletter"
GRAVE = (
    "I posted a photo of a <student> & teacher on our Instagram from the company account, with her name and health "
    "details. Lawyers have written & people say it is *bad*"
)


def everything(question):
    """Every option that says that something is the case."""
    codes = [o.code for o in question.options if o.code not in ("none", "unsure", "unknown")]
    return ",".join(codes) if question.kind == "many" else codes[-1]


def first(question):
    return question.options[0].code


def unsure(question):
    return "?" if any(b.label == "Not sure" for b in question.buttons) else question.options[-1].code


def goes_on(person, replies, answers, seen):
    """Answer until the advice is there; every reply on the way is kept. What is asked again gets its first answer."""
    asked = set()
    for _ in range(40):
        seen += replies
        last = replies[-1]
        if last.type == "recommendation":
            return last
        if last.type == "understood":
            replies = person.sends(last.buttons[0].send)
        elif last.type == "question":
            answer = first if last.question in asked else answers
            value = "now" if last.kind == "times" else answer(last)
            asked.add(last.question)
            replies = person.sends(press_answer(last.question, value, last.state))
        else:
            replies = person.sends(last.buttons[0].send)
    raise AssertionError("There was no advice.")


@pytest.fixture(params=[(SLIP, first), (GRAVE, everything), (GRAVE, unsure)], ids=["a slip", "all of it", "not sure"])
def incident(request, ada):  # noqa: F811
    text, answers = request.param
    seen = []
    return goes_on(ada, ada.says(text, "report_problem"), answers, seen), seen, ada


def test_every_card_of_a_real_incident_is_taken_and_says_all(incident, clock):  # noqa: F811
    advice, seen, person = incident
    asked = ["/ask_status", "/ask_alternative", "/ask_help", "/handover", "/check_draft", "/correct_answer"]
    for send in ('/ask_why{"about": "advice"}', *asked, "/stop"):
        seen += person.sends(send)
    seen += person.says("We are sorry if anyone was offended. It was an intern.", "check_draft")
    seen += person.says("what is the policy on photos of students?", "ask_policy")
    assert {"safe_steps", "recommendation", "text", "status"} <= {reply.type for reply in seen}
    for reply in seen:
        message = cards.draw(reply, zone=ZONE, now=clock(), tell=TELL)
        most = kit.LONGEST_TEXT
        if reply.type in ("text", "clause", "draft") and len(message["text"]) > most:
            most = kit.LONGEST
        assert_good(message, getattr(reply, "state", None), most)
    assert advice in seen


def test_the_text_of_the_advice_is_enough_for_a_screen_reader(incident, clock):  # noqa: F811
    advice, _, _ = incident
    text = cards.draw(advice, zone=ZONE, now=clock(), tell=TELL)["text"]
    must = [step for step in advice.steps if step.done is None and not step.optional]
    assert text.lower().startswith(("now: ", "all steps"))
    whole = [f"level {advice.level} ({advice.level_name})", advice.decider.rstrip("."), advice.look_again.rstrip(".")]
    for step in advice.steps:
        whole += [step.label] if step.done else [step.how, *step.clear_first, step.contact]
    whole += [must[0].label if must else "", *advice.missing]
    whole += [one.title for one in advice.clocks]
    whole += [wording.clock(one.due, clock(), ZONE) for one in advice.clocks if one.due]
    lines = [*(refusal.reason for refusal in advice.refusals), *advice.do_not, *advice.wording]
    shortened = kit.ELLIPSIS in text
    if not shortened:
        whole += [one.reference for one in advice.clocks]
        whole += [one.starts.rstrip(".") for one in advice.clocks if not one.due]
    for part in [*whole, *(line[:LEAST] if shortened else line for line in lines)]:
        assert kit.escape(part).lower() in text.lower()


def test_the_advice_says_no_line_twice(incident, clock):  # noqa: F811
    advice, _, _ = incident
    lines = cards.draw(advice, zone=ZONE, now=clock(), tell=TELL)["text"].split("\n")
    assert len(lines) == len(set(lines))


def test_every_step_can_be_done_from_the_card_and_the_next_one_moves_up(incident, clock):  # noqa: F811
    advice, _, person = incident
    for _ in range(20):
        message = cards.draw(advice, zone=ZONE, now=clock(), tell=TELL)
        must = [step for step in advice.steps if step.done is None and not step.optional]
        if not must:
            break
        send = press_done(must[0].code, advice.state)
        assert send in [value for _, value in values(message["blocks"])]
        person.sends(send)
        advice = person.sends(press_answer("_show", "yes", advice.state))[-1]
    assert message["text"].startswith(("All steps are done", "Now: "))
    assert not must
    assert message["text"].count("09:30, Ada") >= 1
