"""A small conversation for the fake bot that draws every type of reply, in the order of a real one."""

import json
from datetime import UTC, datetime, timedelta

from amends.conversation.replies import (
    Button,
    Choice,
    ClauseCard,
    ClausesReply,
    Clock,
    DebriefReply,
    Done,
    DraftReply,
    Finding,
    IncidentLine,
    QuestionReply,
    RecommendationReply,
    Refusal,
    SafeStepsReply,
    Section,
    StatusReply,
    StepToDo,
    TextReply,
    Understood,
    UnderstoodReply,
    press,
)

REFERENCE = "INC-2026-0001"
CLAUSE = ClauseCard(
    id="DP-5.1",
    title="Tell the data protection officer at once",
    text="Whoever finds personal data in a public post tells the data protection officer at once.",
    owner="Data protection officer",
    legal="UK GDPR, Article 33",
    verified=False,
    note="The rule about personal data rests on it.",
)
NOT_SURE = Button(label="Not sure", send=press("not_sure"))
ORIGIN = ("own_post", "We posted it"), ("other_post", "Somebody else did"), ("hijack", "The account was taken over")
ISSUES = (
    *((f"issue{n}", f"Kind of problem number {n}") for n in range(1, 8)),
    ("rude", "It is rude, or swears"),
)
HARM = (("none", "Nobody"), ("upset", "People could be upset"), ("hurt", "Somebody could be hurt"))
TRUTH = tuple((f"truth{n}", f"Truth number {n}") for n in range(1, 7))


def choices(pairs):
    return tuple(Choice(code=code, label=label) for code, label in pairs)


def question(name, kind, ask, pairs=(), state="INC-2026-0001:3"):
    return QuestionReply(
        text=ask,
        state=state,
        question=name,
        kind=kind,
        options=choices(pairs),
        why="The advice depends on it.",
        buttons=(NOT_SURE, Button(label="Go back", send=press("go_back"))),
    )


def safe_steps():
    return SafeStepsReply(
        text="First: pause scheduled posts; take a screenshot.",
        reference=REFERENCE,
        steps=("Pause scheduled posts and bots.", "Take a screenshot with the address and the time."),
    )


def understood():
    return UnderstoodReply(
        text="I understood: posted on the wrong account.",
        state="INC-2026-0001:1",
        facts=(
            Understood(
                question="origin",
                ask="Where did this come from?",
                values=("own_post",),
                label="We posted it",
                words="I've just posted my night out photos",
            ),
        ),
        details=("the university's account", "just now"),
        buttons=(
            Button(label="All right", send=press("affirm"), style="primary"),
            Button(label="Change: Where did this come from?", send=press("correct_answer", question="origin")),
        ),
    )


def recommendation(done=()):
    now = datetime.now(UTC)
    steps = (
        ("preserve", "Keep evidence", "response", "Save the post with its address and time."),
        ("take_down", "Take it down", "response", "Hide it first, then delete."),
        ("apologise", "Apologise", "response", "Say what happened, in your own voice."),
        ("dpo", "Data protection officer", "person", "They decide whether it is a breach."),
    )
    return RecommendationReply(
        text="Take it down, then apologise.",
        reference=REFERENCE,
        state=f"INC-2026-0001:{9 + len(done)}",
        headline="Take it down now, then apologise",
        provisional=True,
        missing=("How people are reacting",),
        steps=tuple(
            StepToDo(
                code=code,
                label=label,
                kind=kind,
                how=how,
                optional=code == "apologise",
                clear_first=("Legal",) if code == "apologise" else (),
                contact="dpo@example.org" if code == "dpo" else "",
                done=Done(who="Ada", at=now) if code in done else None,
            )
            for code, label, kind, how in steps
        ),
        refusals=(Refusal(code="make_light", label="Make light of it", reason="Somebody could be hurt by it."),),
        do_not=("Do not delete anything for good.",),
        wording=("No jokes.", "Say sorry once, for what was done."),
        level=2,
        level_name="Serious",
        decider="Head of communications",
        first_public_line="within 30 minutes",
        look_again="in one hour",
        clocks=(
            Clock(
                id="ico",
                title="Tell the ICO",
                limit="72 hours",
                due=now + timedelta(hours=71),
                starts="",
                reference="UK GDPR, Article 33",
                verified=True,
            ),
            Clock(
                id="insurer",
                title="Tell the insurer",
                limit="promptly",
                due=None,
                starts="when a claim is made",
                reference="",
                verified=False,
            ),
        ),
        clauses=(CLAUSE,),
        confidence="medium",
        buttons=(
            Button(label="Why this advice?", send=press("ask_why")),
            Button(label="Help with the words", send=press("check_draft")),
        ),
    )


def clauses():
    return ClausesReply(text="This is what the policy says.", clauses=(CLAUSE,))


def draft():
    return DraftReply(
        text="Two things to change.",
        findings=(
            Finding(
                sentence="Sorry if anybody was offended.", problem="It hedges.", instead="Say whom it hurt.", rule="N11"
            ),
        ),
    )


def debrief():
    return DebriefReply(
        text="The drill is over.",
        title="The drill is over: The beer tasting",
        sections=(
            Section(title="Time", lines=("You took 7 minutes; the aim was 10.",)),
            Section(title="What you did", lines=("Take it down, after 2 minutes.", "Apologise, after 5 minutes.")),
        ),
        clauses=(CLAUSE,),
        buttons=(Button(label="Another drill", send=press("practise")),),
    )


def status():
    return StatusReply(
        text="You have one open incident.",
        incidents=(
            IncidentLine(
                reference=REFERENCE,
                state="advised",
                title="Night out photos",
                next_step="Take it down.",
                due=datetime.now(UTC) + timedelta(hours=3),
                current=True,
            ),
        ),
    )


EVERY_TYPE = {
    "text": lambda: TextReply(text="Hello.", buttons=(Button(label="Help", send=press("ask_help"), style="danger"),)),
    "safe_steps": safe_steps,
    "understood": understood,
    "question with buttons": lambda: question("origin", "one", "Where did this come from?", ORIGIN),
    "question with radios": lambda: question("truth", "one", "Is what it says true?", TRUTH),
    "question with boxes": lambda: question("issue", "many", "What is wrong with it?", ISSUES),
    "scale": lambda: question("harm", "scale", "Who could be hurt by it?", HARM),
    "times": lambda: question("noticed_at", "times", "When was it posted, and when noticed?"),
    "recommendation": lambda: recommendation(("preserve",)),
    "clause": clauses,
    "draft": draft,
    "status": status,
    "debrief": debrief,
}


class Triage:
    """Answers as the bot would: one question after the other, then the advice, then steps marked as done."""

    def __init__(self):
        self.done = []

    def __call__(self, body):
        text = body["message"]
        intent, brace, rest = text.lstrip("/").partition("{")
        carried = json.loads(brace + rest) if text.startswith("/") and brace else {}
        if text in EVERY_TYPE:
            return [EVERY_TYPE[text]()]
        if intent == "affirm":
            return [EVERY_TYPE["scale"]()]
        if intent == "action_done":
            self.done.append(carried["step"])
            return [recommendation(tuple(self.done))]
        if intent == "ask_why":
            return [TextReply(text="Because somebody could be hurt.")]
        if carried.get("question") == "harm":
            return [EVERY_TYPE["question with boxes"]()]
        if carried.get("question") == "issue":
            return [TextReply(text=f"Noted: {carried['value']}."), EVERY_TYPE["question with radios"]()]
        if carried.get("question") == "truth":
            return [EVERY_TYPE["times"]()]
        if carried.get("question") == "noticed_at":
            return [recommendation()]
        return [safe_steps(), understood()]
