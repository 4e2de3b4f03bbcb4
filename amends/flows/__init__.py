"""Decision flows: files that policy owners edit, and what they decide. Pure: no database, no clock."""

from amends.flows.answers import answers_json, parse_answers
from amends.flows.ask import next_question, recommend
from amends.flows.decide import decide
from amends.flows.decision import Confidence, Deadline, Decision, Step, Traced
from amends.flows.explain import WhyNot, why, why_not
from amends.flows.model import Answer, Flow, Question, Times
from amends.flows.names import USUAL
from amends.flows.otherwise import Otherwise, otherwise
from amends.flows.problems import AnswerError, FlowError, Problem
from amends.flows.read import load_flow, parse_flow
from amends.flows.safe import safe_steps

__all__ = [
    "USUAL",
    "Answer",
    "AnswerError",
    "Confidence",
    "Deadline",
    "Decision",
    "Flow",
    "FlowError",
    "Otherwise",
    "Problem",
    "Question",
    "Step",
    "Times",
    "Traced",
    "WhyNot",
    "answers_json",
    "decide",
    "load_flow",
    "next_question",
    "otherwise",
    "parse_answers",
    "parse_flow",
    "recommend",
    "safe_steps",
    "why",
    "why_not",
]
