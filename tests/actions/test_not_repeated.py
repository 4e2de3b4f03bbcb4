"""A draft that repeats the allegation is told so (N12)."""

from .talking import Person
from .test_actions import advised


def rules(person, draft):
    person.says(f"check my draft: {draft}", "check_draft")
    return [finding.rule for reply in person.last if reply.type == "draft" for finding in reply.findings]


def test_words_of_the_bad_post_are_not_repeated_in_the_reply(assistant, clock):  # noqa: ARG001 - the actions find it
    ada = Person("Ada", "web:ada", clock)
    advice = advised(ada, "a tweet of ours has to be looked at", issue="allegation", truth="inaccurate")
    assert "legal" in [step.code for step in advice.steps]
    ada.says('note: the post said "Smith stole the charity money"', "add_note")
    repeats = "We are sorry that we wrote that Smith stole the charity money, and we have removed the post."
    assert "N12" in rules(ada, repeats)
    assert "N12" not in rules(ada, "We removed a post that should not have gone out. We are sorry, and we were wrong.")


def test_a_harmless_slip_may_be_quoted(assistant, clock):  # noqa: ARG001 - the actions find it
    ada = Person("Ada", "web:ada", clock)
    advised(ada)
    ada.says('note: the post said "Good mourning to everyone"', "add_note")
    assert "N12" not in rules(ada, "Yes, we did write Good mourning to everyone. We are sorry and have put it right.")
