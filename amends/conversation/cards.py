"""Replies drawn from an incident: what was understood, the current question, the advice."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from amends.conversation import after_card, choosing, drill_words, wording
from amends.conversation.replies import (
    Button,
    Choice,
    ClauseCard,
    Clock,
    Done,
    QuestionReply,
    RecommendationReply,
    Refusal,
    SafeStepsReply,
    StepToDo,
    TextReply,
    Understood,
    UnderstoodReply,
    press,
    press_answer,
    press_done,
)
from amends.flows import Answer, Times, answers_json, otherwise, recommend
from amends.flows.problems import either
from amends.incidents import record

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from amends.conversation.case import Case
    from amends.flows import Decision, Flow
    from amends.policies import Cited, Clause

UNDERSTOOD = "_understood"
"""The question that the confirmation card's button answers; such names belong to no flow."""
NONE_TICKED = "none"
"""Its value when what was understood is right and no box fits."""
PENDING = "_pending"
INCIDENT = "_incident"
CLOSE = "_close"
ADVISE = "_advise"
SHOW = "_show"
LEFT_AS_IT_IS = "_keep"
FLOW = "_flow"
LETTERS = "_letters"

PUBLIC_WORDS = ("respond", "apologise", "make_light", "hold")


def values_of(answer: Answer) -> tuple[str, ...]:
    """An answer as option codes; times have none."""
    if isinstance(answer.value, Times):
        return ()
    return (answer.value,) if isinstance(answer.value, str) else answer.value


def label_of(case: Case, question: str, answer: Answer) -> str:
    """An answer as people read it."""
    return label(case.flow, question, answer, case.look.tools.settings.zone, case.look.at)


def label(flow: Flow, question: str, answer: Answer, zone: ZoneInfo, now: datetime) -> str:
    """An answer as people read it, times in `zone`."""
    value = answer.value
    if isinstance(value, Times):
        parts = [
            f"{name} {wording.clock(time, now, zone)}"
            for name, time in (("posted", value.posted), ("noticed", value.noticed))
            if time
        ]
        return either(parts, "and") or "not known"
    options = flow.questions[question].options
    return either([options[code].label for code in values_of(answer)], "and")


def safe_steps(case: Case, steps: tuple[str, ...], intro: str) -> SafeStepsReply:
    """What to do in the first minute."""
    return SafeStepsReply(text=wording.safe_steps(intro, steps), reference=case.incident.reference, steps=steps)


def something_else(case: Case) -> list[Button]:
    """The tap by which an incident is said to be about something else; none when there is nothing to choose."""
    if len(choosing.among(case)) < 2:
        return []
    return [Button(label=wording.LABEL_OTHER_FLOW, send=press_answer(FLOW, "?", case.state_id))]


def understood(case: Case) -> UnderstoodReply:
    """What was understood, to be confirmed with one tap; a button to change each."""
    facts = []
    for question, answer in case.offered.items():
        facts.append(
            Understood(
                question=question,
                ask=case.flow.questions[question].ask,
                values=values_of(answer),
                label=label_of(case, question, answer),
                words=str(case.understood[question].get("words", "")),
            )
        )
    details = tuple(case.understood.get("", {}).get("details", ()))
    topics = [(case.flow.questions[fact.question].topic, fact.label) for fact in facts]
    boxes = ticks(case)
    style: Literal["plain", "primary"] = "plain" if boxes else "primary"
    buttons = [Button(label=wording.LABEL_YES_ALL, send=press_answer(UNDERSTOOD, "yes", case.state_id), style=style)]
    if boxes:
        none = press_answer(UNDERSTOOD, NONE_TICKED, case.state_id)
        buttons.append(Button(label=wording.LABEL_YES_AND_NONE, send=none))
    for fact in facts:
        label = f"Change: {case.flow.questions[fact.question].topic}"
        buttons.append(Button(label=label, send=change(fact.question, case)))
    buttons += something_else(case)
    return UnderstoodReply(
        text=wording.understood(topics, details, [box.label for box in boxes]),
        buttons=tuple(buttons),
        state=case.state_id,
        facts=tuple(facts),
        details=details,
        ticks=boxes,
    )


def ticks(case: Case) -> tuple[Choice, ...]:
    """The questions that can be settled by a box: nothing was said of them, and they can change the advice."""
    known = {**case.answers, **case.offered}
    missing = recommend(case.flow, known, case.settings).missing
    return tuple(
        Choice(code=name, label=box.says)
        for name, question in case.flow.questions.items()
        if (box := question.tick) is not None and name in missing
    )


def question(case: Case) -> QuestionReply:
    """The current question."""
    asked = case.flow.questions[case.incident.asked or ""]
    before = case.answers.get(asked.id)
    buttons = []
    if asked.kind == "times":
        buttons.append(Button(label=wording.LABEL_JUST_NOW, send=press_answer(asked.id, "now", case.state_id)))
    if not {"unsure", "unknown"} & set(asked.options):
        buttons.append(Button(label=wording.LABEL_NOT_SURE, send=press_answer(asked.id, "?", case.state_id)))
    if before is not None:
        keep = press_answer(LEFT_AS_IT_IS, asked.id, case.state_id)
        buttons.append(Button(label=f"{wording.LABEL_LEAVE}: {label_of(case, asked.id, before)}", send=keep))
    buttons.append(Button(label=wording.LABEL_WHY, send=press("ask_why")))
    if case.history:
        buttons.append(Button(label=wording.LABEL_BACK, send=press("go_back")))
    else:
        buttons += something_else(case)
    return QuestionReply(
        text=asked.ask,
        buttons=tuple(buttons),
        state=case.state_id,
        question=asked.id,
        kind=asked.kind,
        options=tuple(Choice(code=o.code, label=o.label) for o in asked.options.values()),
        chosen=values_of(before) if before else (),
        why=asked.why,
    )


def change(question_id: str, case: Case) -> str:
    """The press that changes an answer."""
    return press("correct_answer", question=question_id, state=case.state_id)


def decision_of(case: Case) -> Decision:
    """The decision for the answers there are, as it is shown: with what a lead decided instead of the flow."""
    decision = flow_decision(case)
    if case.override is None:
        return decision
    return otherwise(case.flow, case.answers, case.settings, decision, case.override["responses"]).decision


def flow_decision(case: Case) -> Decision:
    """What the flow decides for the answers there are."""
    return recommend(case.flow, case.answers, case.settings)


def cited(case: Case, decision: Decision) -> tuple[Cited, ...]:
    """The clauses that a decision rests on, remembered as they are shown."""
    library = case.look.tools.shelf.clauses()
    answers = {q: values_of(a) for q, a in case.answers.items()}
    found = library.for_decision(decision.cites, answers, decision.responses)
    if case.look.speaking:
        remember(case, [one.clause for one in found])
    return found


def remember(case: Case, clauses: Sequence[Clause]) -> list[str]:
    """Keep clauses as they are shown for ever; their names for the trail."""
    kept = [(clause.id, clause.version, clause.body()) for clause in clauses]
    record.remember_clauses(case.look.session, kept, case.look.at)
    return [f"{clause.id}@{clause.version}" for clause in clauses]


def clause_card(clause: Clause, note: str = "") -> ClauseCard:
    """A clause as it is shown."""
    note = note or ("" if clause.verified else f"{clause.note[:1].upper()}{clause.note[1:]}.")
    return ClauseCard(
        id=clause.id,
        title=clause.title,
        text=clause.text,
        owner=clause.owner,
        legal=clause.legal,
        verified=clause.verified,
        note=note,
    )


def steps(case: Case, decision: Decision) -> tuple[StepToDo, ...]:
    """The steps, each with who did it."""
    labels = {code: role.label for code, role in case.flow.codes.items()}
    drawn = []
    for step in decision.steps:
        done = case.done.get(step.code)
        drawn.append(
            StepToDo(
                code=step.code,
                label=labels[step.code],
                kind=step.kind,
                how=step.how,
                optional=step.optional,
                clear_first=tuple(labels[role] for role in step.clear_first),
                contact=(
                    case.look.tools.settings.contact_of(step.code)
                    if step.kind == "person" and step.code != "report_platform"
                    else ""
                ),
                done=Done(who=done["who"], at=datetime.fromisoformat(done["at"])) if done else None,
            )
        )
    return tuple(drawn)


def open_steps(case: Case, decision: Decision) -> list[StepToDo]:
    """The steps that are neither done nor optional."""
    return [step for step in steps(case, decision) if step.done is None and not step.optional]


def recommendation(case: Case, remark: str = "") -> RecommendationReply:
    """The advice, as it stands now."""
    decision = decision_of(case)
    flow = case.flow
    todo = steps(case, decision)
    refusals = _refusals(flow, decision)
    clocks = tuple(
        Clock(
            id=d.id,
            title=d.title,
            limit=d.limit,
            due=d.due,
            starts=d.starts,
            reference=d.reference,
            verified=d.verified,
        )
        for d in decision.deadlines
    )
    clauses = tuple(clause_card(one.clause, one.note) for one in cited(case, decision))
    missing = tuple(flow.questions[q].topic for q in decision.missing)
    headline = _headline(case, decision, missing)
    decided = decided_by_lead(case)
    lines = [line for line in (decided, remark, headline) if line]
    lines += [*_step_lines(case, todo), *clock_lines(case, decision)]
    lines += [f"Do not: {refusal.label}. {refusal.reason}" for refusal in refusals]
    lines += [f"{text}" for text in decision.do_not]
    lines += [f"In what you say: {text}" for text in decision.wording]
    lines.append(wording.decides(decision.decider, ()))
    lines.append(wording.pace(decision.first_public_line, decision.look_again))
    unfinished = after_card.unfinished(case)
    lines += [unfinished] if unfinished else []
    return RecommendationReply(
        text="\n".join(lines),
        buttons=tuple(_advice_buttons(case, decision)),
        reference=case.incident.reference,
        state=case.state_id,
        headline=f"{remark} {headline}".strip(),
        provisional=decision.provisional,
        missing=missing,
        steps=todo,
        refusals=refusals,
        do_not=decision.do_not,
        wording=tuple(decision.wording),
        level=decision.level,
        level_name=decision.level_name,
        decider=decision.decider,
        first_public_line=decision.first_public_line,
        look_again=decision.look_again,
        clocks=(*clocks, *after_card.clocks(case)),
        clauses=clauses,
        confidence=decision.confidence.label,
        decided_by_lead=decided,
        drill=case.incident.drill,
        unfinished=unfinished,
    )


def decided_by_lead(case: Case) -> str:
    """Who decided instead of the flow, on what, why, and what of the flow it goes against."""
    override = case.override
    if override is None:
        return ""
    labels = [case.flow.codes[code].label for code in override["responses"]]
    return wording.decided_by_lead(override["by"], labels, override["reason"], override["against"])


def _bare(text: str) -> str:
    """A text without the full stop that the sentence around it brings."""
    return text.rstrip(". ")


def _headline(case: Case, decision: Decision, missing: Sequence[str]) -> str:
    first = [case.flow.codes[step.code].label for step in decision.steps if not step.optional]
    lines = [f"{case.incident.reference}, level {decision.level} ({decision.level_name}). Do this, in this order: "]
    lines[0] += f"{'; '.join(first)}."
    if case.incident.drill:
        lines.insert(0, drill_words.PRACTICE)
    if missing:
        lines.append(wording.PROVISIONAL.format(missing=either(list(missing), "and")))
    if decision.confidence.label == "low" and case.override is None:
        lines.append(wording.LOW_CONFIDENCE.format(decider=decision.decider))
    return " ".join(lines)


def _step_lines(case: Case, todo: Sequence[StepToDo]) -> list[str]:
    zone, now = case.look.tools.settings.zone, case.look.at
    lines = []
    for n, step in enumerate(todo, start=1):
        line = f"{n}. {step.label[:1].upper()}{step.label[1:]}{' (if you like)' if step.optional else ''}: {step.how}"
        if step.contact:
            line += f" ({step.contact})"
        if step.clear_first:
            line += f" First cleared by {either(list(step.clear_first), 'and')}."
        if step.done:
            line += f" Done at {wording.clock(step.done.at, now, zone)} by {step.done.who}."
        lines.append(line)
    return lines


def clock_lines(case: Case, decision: Decision) -> list[str]:
    """The deadlines in words: a clock time where the start is known, else from when it counts."""
    zone, now = case.look.tools.settings.zone, case.look.at
    lines = []
    for one in decision.deadlines:
        due = f"By {wording.clock(one.due, now, zone)}." if one.due else f"It counts from: {_bare(one.starts)}."
        unverified = "" if one.verified else "; not verified"
        lines.append(f"Clock: {one.title}. {due} {_bare(one.limit)} ({one.reference}{unverified}).")
    return [*lines, *after_card.clock_lines(case)]


def _refusals(flow: Flow, decision: Decision) -> tuple[Refusal, ...]:
    return tuple(
        Refusal(code=code, label=flow.codes[code].label, reason=reason) for code, reason in decision.forbidden.items()
    )


def _advice_buttons(case: Case, decision: Decision) -> list[Button]:
    buttons = []
    todo = open_steps(case, decision)
    if todo:
        label = f"Done: {todo[0].label[:1].lower()}{todo[0].label[1:]}"
        buttons.append(Button(label=label, send=press_done(todo[0].code, case.state_id), style="primary"))
    buttons.append(Button(label=wording.LABEL_WHY, send=press("ask_why", about="advice")))
    buttons.append(Button(label=wording.LABEL_WHY_NOT, send=press("ask_alternative")))
    if set(decision.responses) & {"respond", "apologise", "make_light", "take_down", "hold"}:
        buttons.append(Button(label=wording.LABEL_CHECK_WORDS, send=press("check_draft")))
    if case.flow.letters_for([step.code for step in decision.steps]):
        buttons.append(Button(label=wording.LABEL_LETTERS, send=press_answer(LETTERS, "?", case.state_id)))
    buttons.append(Button(label=wording.LABEL_CHANGE, send=press("correct_answer")))
    buttons.append(Button(label=wording.LABEL_HUMAN, send=press("handover")))
    buttons.append(Button(label=wording.LABEL_FINISH, send=press_answer(CLOSE, "yes", case.state_id)))
    return buttons


def pending(case: Case | None, kind: str, wait: dict[str, Any]) -> TextReply:
    """A question that was asked beside the triage."""
    state = case.state_id if case else "-"
    reference = case.incident.reference if case else ""
    title = case.incident.title if case else ""

    def button(label: str, value: str, style: Any = "plain") -> Button:
        return Button(label=label, send=press_answer(PENDING, value, f"{kind}@{state}"), style=style)

    if kind == "stop":
        text = f"Stop here? {reference} is then closed as abandoned. Nothing you told me is lost."
        return TextReply(
            text=text,
            buttons=(
                button(wording.LABEL_STOP, "yes", "danger"),
                button(wording.LABEL_GO_ON, "no", "primary"),
                button(wording.LABEL_ADVISE_NOW, "advise"),
            ),
        )
    if kind == "start_over":
        text = f"Begin the questions of {reference} again from the first? What you said so far stays in the record."
        return TextReply(
            text=text, buttons=(button(wording.LABEL_START_OVER, "yes"), button(wording.LABEL_GO_ON, "no", "primary"))
        )
    if kind == "new_or_same" and case is not None and case.incident.drill:
        return TextReply(
            text=drill_words.PRACTICE_OR_REAL.format(reference=reference),
            buttons=(button(drill_words.LABEL_PRACTICE, "same"), button(drill_words.LABEL_REAL, "new", "primary")),
        )
    if kind == "new_or_same":
        return TextReply(
            text=wording.SAME_OR_NEW.format(reference=reference, title=title),
            buttons=(button(wording.LABEL_SAME, "same", "primary"), button(wording.LABEL_NEW, "new")),
        )
    if kind == "close":
        labels = wait.get("open", [])
        text = wording.still_to_do(labels) if labels else wording.CLOSE_ASK.format(reference=reference)
        return TextReply(
            text=text, buttons=(button(wording.LABEL_CLOSE, "yes"), button(wording.LABEL_KEEP_OPEN, "no", "primary"))
        )
    if kind == "preserve_first":
        return TextReply(
            text="Was the evidence saved before that: a screenshot with the address and the time?",
            buttons=(button(wording.LABEL_SAVED, "yes", "primary"), button(wording.LABEL_NOT_SAVED, "no")),
        )
    if kind == "wish":
        wishes = [button(wording.WISHES[wish], wish) for wish in wait["wishes"]]
        return TextReply(text=wording.WHICH_WISH, buttons=tuple(wishes))
    if kind == "which_flow" and case is not None:
        flows = case.look.tools.shelf.beginnings()
        titles = [(id_, flows[id_].title) for id_ in wait["flows"] if id_ in flows]
        leave = f"{wording.LABEL_LEAVE}: {wording.low(case.flow.title)}" if wait.get("changing") else case.flow.title
        drawn = [button(leave if id_ == case.flow.id else title, id_) for id_, title in titles]
        drawn += [button(wording.LABEL_NEW, "new")] if wait.get("changing") else []
        return TextReply(text=wording.WHICH_FLOW, buttons=tuple(drawn))
    if kind in ("after", "promised") and case is not None:
        return after_card.asked(case, kind, wait, button)
    if kind == "did_you_mean":
        return TextReply(
            text=f"Did you mean: {wait.get('label', '')}?",
            buttons=(button("Yes", "yes", "primary"), button("No", "no")),
        )
    text = {"draft": wording.ASK_DRAFT, "note": wording.ASK_NOTE, "policy": wording.ASK_POLICY}[kind]
    return TextReply(text=text, buttons=(button("Never mind", "no"),))


def raw(answer: Answer, question_id: str) -> Any:
    """An answer as JSON."""
    return answers_json({question_id: answer})[question_id]


def decision_json(decision: Decision) -> str:
    """A decision as the record keeps it."""
    return json.dumps(decision.as_json(), ensure_ascii=False)
