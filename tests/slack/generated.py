"""Replies and cards as Hypothesis makes them up: short ones, and those with the longest texts."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from amends.conversation import replies as r
from amends.slack import home_tab, lead_card, reminder_card

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
NASTY = "<!channel> <@U1> & *bold* _it_ ~no~ `code` > quote :smile: <https://example.org|here> &amp;"

words = st.text(st.characters(codec="ascii", min_codepoint=32), min_size=1, max_size=12).filter(lambda t: t.strip())
short = st.lists(words, min_size=1, max_size=6).map(" ".join)
long = st.builds(
    lambda word, between, count: between.join([word] * count)[:5_000],
    st.one_of(words, st.just(NASTY), st.just("&"), st.just("Donaudampfschifffahrt")),
    st.sampled_from([" ", "", "\n", ". "]),
    st.integers(1, 600),
).filter(lambda t: t.strip())
texts = st.one_of(short, long)
maybe = st.one_of(st.just(""), texts)
codes = st.from_regex(r"[a-z][a-z_]{0,30}", fullmatch=True)
states = st.integers(1, 999).map(lambda n: f"INC-2026-0042:{n}")
times = st.integers(-100_000, 100_000).map(lambda minutes: NOW + timedelta(minutes=minutes))
REFERENCE = "INC-2026-0042"


def some(of, most, least=0):
    return st.lists(of, min_size=least, max_size=most).map(tuple)


def choices(most, least=0):
    made = st.lists(codes, min_size=least, max_size=most, unique=True)
    return made.flatmap(lambda known: st.tuples(*(st.builds(r.Choice, code=st.just(c), label=texts) for c in known)))


sends = st.one_of(
    st.just("/check_draft"),
    st.just("/ask_why"),
    st.builds(r.press_answer, codes, codes, states),
    st.builds(lambda code: r.press("ask_alternative", code=code), codes),
    st.builds(lambda text: r.press("ask_policy", about=text), texts),
)
buttons = some(
    st.builds(r.Button, label=texts, send=sends, style=st.sampled_from(["plain", "primary", "danger"])), most=8
)
clauses = st.builds(
    r.ClauseCard, id=codes, title=texts, text=texts, owner=texts, legal=maybe, verified=st.booleans(), note=maybe
)
dones = st.one_of(st.none(), st.builds(r.Done, who=texts, at=times))


@st.composite
def understood(draw):
    state = draw(states)
    names = draw(st.lists(codes, max_size=40, unique=True))
    facts = [
        r.Understood(question=name, ask=draw(texts), values=("x",), label=draw(texts), words=draw(maybe))
        for name in names
    ]
    pressed = [r.Button(label="All right", send=r.press_answer("_understood", "yes", state))]
    pressed += [
        r.Button(label=f"Change: {draw(short)}", send=r.press("correct_answer", question=name, state=state))
        for name in names
    ]
    return r.UnderstoodReply(
        text=draw(texts),
        state=state,
        facts=tuple(facts),
        details=draw(some(texts, 6)),
        ticks=draw(choices(25)),
        buttons=tuple(pressed),
    )


@st.composite
def questions(draw):
    options = draw(choices(40))
    kind = draw(st.sampled_from(["one", "many", "scale", "times"]))
    if kind != "times" and not options:
        options = (r.Choice(code="yes", label="Yes"),)
    chosen = draw(st.sets(st.sampled_from([o.code for o in options]), max_size=3)) if options else set()
    return r.QuestionReply(
        text=draw(texts),
        buttons=draw(buttons),
        state=draw(states),
        question=draw(codes),
        kind=kind,
        options=options if kind != "times" else (),
        chosen=tuple(chosen),
        why=draw(texts),
    )


@st.composite
def recommendations(draw, most_steps=30):
    state = draw(states)
    names = draw(st.lists(codes, max_size=most_steps, unique=True))
    steps = tuple(
        r.StepToDo(
            code=name,
            label=draw(texts),
            kind=draw(st.sampled_from(["response", "person"])),
            how=draw(maybe),
            optional=draw(st.booleans()),
            clear_first=draw(some(short, 3)),
            contact=draw(maybe),
            done=draw(dones),
        )
        for name in names
    )
    return r.RecommendationReply(
        text=draw(texts),
        buttons=draw(buttons),
        reference=REFERENCE,
        state=state,
        headline=draw(texts),
        provisional=draw(st.booleans()),
        missing=draw(some(short, 8)),
        steps=steps,
        refusals=draw(some(st.builds(r.Refusal, code=codes, label=texts, reason=texts), 20)),
        do_not=draw(some(texts, 8)),
        wording=draw(some(texts, 20)),
        level=draw(st.integers(0, 3)),
        level_name=draw(short),
        decider=draw(texts),
        first_public_line=draw(texts),
        look_again=draw(texts),
        clocks=draw(
            some(
                st.builds(
                    r.Clock,
                    id=codes,
                    title=texts,
                    limit=texts,
                    due=st.one_of(st.none(), times),
                    starts=texts,
                    reference=texts,
                    verified=st.booleans(),
                ),
                20,
            )
        ),
        clauses=draw(some(clauses, 30)),
        confidence=draw(st.sampled_from(["high", "medium", "low"])),
        decided_by_lead=draw(maybe),
    )


plain_replies = st.one_of(
    st.builds(r.TextReply, text=st.one_of(texts, long.map(lambda t: (t * 9)[:10_000])), buttons=buttons),
    st.builds(r.FailureReply, text=texts, buttons=buttons),
    st.builds(r.SafeStepsReply, text=texts, reference=st.just(REFERENCE), steps=some(texts, 8)),
    st.builds(r.ClausesReply, text=texts, clauses=some(clauses, 30), buttons=buttons),
    st.builds(
        r.DraftReply,
        text=texts,
        findings=some(st.builds(r.Finding, sentence=maybe, problem=texts, instead=texts, rule=codes), 40),
    ),
    st.builds(
        r.DebriefReply,
        text=texts,
        title=texts,
        sections=some(st.builds(r.Section, title=short, lines=some(texts, 8)), 9),
        clauses=some(clauses, 8),
        buttons=buttons,
    ),
    st.builds(
        r.StatusReply,
        text=texts,
        buttons=buttons,
        incidents=some(
            st.builds(
                r.IncidentLine,
                reference=st.just(REFERENCE),
                state=st.sampled_from(["confirming", "asking", "advised"]),
                title=texts,
                next_step=maybe,
                due=st.one_of(st.none(), times),
                current=st.booleans(),
            ),
            10,
        ),
    ),
)
replies = st.one_of(plain_replies, understood(), questions(), recommendations())

lead_cards = st.builds(
    lead_card.LeadCard,
    reference=st.just(REFERENCE),
    state=st.sampled_from(["confirming", "asking", "advised", "closed", "abandoned"]),
    state_id=states,
    title=texts,
    reporter=texts,
    reported_at=times,
    place=st.sampled_from(["In a direct message", "Open the thread"]),
    level=st.one_of(st.none(), st.integers(0, 3)),
    level_name=st.one_of(st.just(""), short),
    lead=maybe,
    advised=some(texts, 6),
    decided=maybe,
    asked_for=some(texts, 3),
    signed_off_by=maybe,
    open_steps=some(texts, 20),
    deadline=texts,
    due=st.one_of(st.none(), times),
    evidence=st.integers(0, 3),
    link=st.sampled_from(["", "https://slack.com/app_redirect?team=T1&channel=C1&message_ts=1.2"]),
    restricted=st.booleans(),
    signed_off_at=st.one_of(st.none(), times),
)
reminders = st.builds(
    reminder_card.ReminderModel,
    id=st.integers(1, 10**9),
    kind=st.sampled_from(["deadline", "step"]),
    code=codes,
    title=texts,
    due=times,
    reference=st.just(REFERENCE),
    incident_title=texts,
    level=st.one_of(st.none(), st.integers(0, 3)),
    how=maybe,
    state_id=st.one_of(st.just(""), states),
    again=st.one_of(st.none(), times),
    settled=st.booleans(),
    here=st.booleans(),
    restricted=st.booleans(),
)
digest_lines = some(
    st.builds(
        reminder_card.DigestLine,
        reference=st.just(REFERENCE),
        title=texts,
        state=st.sampled_from(["confirming", "asking", "advised", "closed"]),
        level=st.one_of(st.none(), st.integers(0, 3)),
        next_step=maybe,
        due=st.one_of(st.none(), times),
        deadline=maybe,
        lead=maybe,
        restricted=st.booleans(),
        card=st.booleans(),
    ),
    30,
    least=1,
)
told = st.builds(
    reminder_card.ToldModel,
    reference=st.just(REFERENCE),
    title=texts,
    level=st.one_of(st.none(), st.integers(0, 3)),
    level_name=short,
    role=texts,
    how=maybe,
    by=texts,
    deadlines=some(st.tuples(times, texts), 15),
    link=st.sampled_from(["", "https://slack.com/app_redirect?team=T1&channel=C1&message_ts=1.2"]),
    restricted=st.booleans(),
)
homes = st.builds(
    home_tab.HomeModel,
    incidents=some(
        st.builds(
            home_tab.HomeIncident,
            reference=st.just(REFERENCE),
            title=texts,
            state=st.sampled_from(["confirming", "asking", "advised"]),
            next_step=maybe,
            due=st.one_of(st.none(), times),
            deadline=maybe,
        ),
        40,
    ),
    dead=some(st.builds(home_tab.DeadLetter, id=st.integers(1, 999), what=texts, reason=maybe, at=times), 30),
    contact=maybe,
    aside=st.integers(0, 3),
)
