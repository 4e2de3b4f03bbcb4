"""How people answer the four questions after a public reply in their own words."""

import pytest

from amends.conversation.finishing_words import option_said, says_given
from amends.incidents import completion
from tests.incidents.test_completion import NOW, incident, promise


@pytest.mark.parametrize(
    ("question", "words", "option"),
    [
        ("unanswered", "all of them are answered", "none"),
        ("unanswered", "everybody has had an answer", "none"),
        ("unanswered", "no open ones", "none"),
        ("unanswered", "two are left", "some"),
        ("unanswered", "a few questions on Facebook", "some"),
        ("unanswered", "there are still some", "some"),
        ("quiet", "it has died down", "yes"),
        ("quiet", "nobody talks about it", "yes"),
        ("quiet", "it hasn't died down", "no"),
        ("quiet", "not quite", "no"),
        ("quiet", "it is getting worse", "no"),
        ("pinned", "pinned it an hour ago", "pinned"),
        ("pinned", "not pinned yet", "open"),
        ("pinned", "we haven't pinned it", "open"),
        ("pinned", "there is nothing to pin", "none"),
        ("pinned", "not needed", "none"),
        ("update", "it went out at three", "given"),
        ("update", "we have posted it", "given"),
        ("update", "we have not posted it", "open"),
        ("update", "not yet", "open"),
        ("update", "we didn't promise one", "none"),
        ("update", "nothing was promised", "none"),
    ],
)
def test_words_give_an_answer(question, words, option):
    assert option_said(question, words, yes=None) == option


@pytest.mark.parametrize(
    ("question", "if_yes", "if_no"),
    [
        ("unanswered", "some", "none"),
        ("quiet", "yes", "no"),
        ("pinned", "open", "none"),
        ("update", "given", "open"),
    ],
)
def test_yes_and_no_answer_the_question_as_it_is_asked(question, if_yes, if_no):
    assert option_said(question, "yes", yes=True) == if_yes
    assert option_said(question, "no", yes=False) == if_no


@pytest.mark.parametrize("words", ["why do you ask", "what does the policy say", "the dean has just rung me about it"])
@pytest.mark.parametrize("question", ["unanswered", "quiet", "pinned"])
def test_what_says_neither_is_no_answer(question, words):
    assert option_said(question, words, yes=None) is None


def test_a_long_text_is_no_answer():
    assert (
        option_said("quiet", "it is quiet now but I have to tell you something else about the second post", yes=None)
        is None
    )


@pytest.mark.parametrize(
    ("words", "given"),
    [
        ("the update is out", True),
        ("the promised update has been posted", True),
        ("we gave the update", True),
        ("I've published the promised update", True),
        ("the update is not out", False),
        ("the update is late", False),
        ("when is the next update", False),
    ],
)
def test_that_the_update_is_out_is_understood_while_one_is_open(words, given):
    assert says_given(words, completion.of(incident(promises=[promise(1, NOW)]))) is given
    assert says_given(words, completion.of(incident())) is False
