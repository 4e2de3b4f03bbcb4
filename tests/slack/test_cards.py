"""Every reply, card and view that the code can draw is one that Slack takes, and says in words what it shows."""

import json
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amends.conversation import replies as r
from amends.slack import blocks as kit
from amends.slack import cards, home_tab, lead_card, reminder_card, views
from tests.slack import generated
from tests.slack.generated import NASTY, NOW, REFERENCE
from tests.slack.manners import assert_good, assert_good_view, elements, values

ZONE = ZoneInfo("Europe/London")
STATE = "INC-2026-0042:7"
slow = settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)


def draw(reply, tell=()):
    return cards.draw(reply, zone=ZONE, now=NOW, tell=frozenset(tell))


def labels(message):
    return [e["text"]["text"] for e in elements(message["blocks"]) if e["type"] == "button"]


@given(generated.plain_replies)
@slow
def test_words_steps_clauses_drafts_and_lists_fit_and_say_all(reply):
    listed = [getattr(reply, name, ()) for name in ("steps", "clauses", "findings", "incidents", "sections")]
    only_words = not any(listed) and not reply.buttons and reply.type != "safe_steps"  # posted, and never updated
    assert_good(draw(reply), most=kit.LONGEST if only_words else kit.LONGEST_TEXT)


@given(generated.understood())
@slow
def test_what_was_understood_fits_and_can_always_be_confirmed(reply):
    message = draw(reply)
    assert_good(message, reply.state)
    assert reply.buttons[0].send in [value for _, value in values(message["blocks"])]


@given(generated.questions())
@slow
def test_a_question_fits_and_can_always_be_answered(reply):
    message = draw(reply)
    assert_good(message, reply.state)
    there = [value for _, value in values(message["blocks"])]
    options = [o["value"] for e in elements(message["blocks"]) for o in e.get("options", ())]
    for option in reply.options:
        assert option.code in options or r.press_answer(reply.question, option.code, reply.state) in there
    for button in reply.buttons:
        assert button.send in there or len(button.send) > 2_000


@given(generated.recommendations(), st.sets(generated.codes, max_size=3))
@slow
def test_the_advice_fits_and_its_next_step_can_always_be_done(reply, tell):
    people = {step.code for step in reply.steps if step.kind == "person"}
    message = draw(reply, tell | people)
    assert_good(message, reply.state)
    open_ = [step for step in reply.steps if step.done is None]
    must = [step for step in open_ if not step.optional] or open_
    if must:
        assert r.press_done(must[0].code, reply.state) in [value for _, value in values(message["blocks"])]
        assert message["blocks"][0]["text"]["text"].startswith("Now: ")


@given(generated.recommendations(most_steps=6), generated.short)
@slow
def test_the_advice_of_an_incident_that_ended_cannot_be_done_any_more(reply, ended):
    message = cards.advice(reply, zone=ZONE, now=NOW, tell=frozenset(), ended=ended)
    assert_good(message, reply.state)
    assert {action for action, _ in values(message["blocks"])} <= {"open_clauses"}


@given(generated.lead_cards, st.booleans())
@slow
def test_the_card_for_leads_fits(card, here):
    assert_good(lead_card.lead_card(card, zone=ZONE, now=NOW, here=here), card.state_id)


@given(generated.reminders)
@slow
def test_a_reminder_fits(model):
    assert_good(reminder_card.reminder(model, zone=ZONE, now=NOW))


@given(generated.digest_lines, generated.told)
@slow
def test_the_digest_and_what_a_role_is_told_fit(lines, model):
    assert_good(reminder_card.digest("Monday 2 March", lines, zone=ZONE, now=NOW))
    assert_good(reminder_card.told(model, zone=ZONE, now=NOW))


@given(generated.homes)
@slow
def test_the_home_tab_fits(model):
    assert_good_view(views.home(model, zone=ZONE, now=NOW), "home")


@given(generated.texts, generated.maybe, st.one_of(st.none(), generated.sends), generated.maybe)
@slow
def test_what_a_question_becomes_fits(question, answer, change, who):
    assert_good(cards.settled(question, answer, change, who))
    assert_good(cards.stands_below(REFERENCE))


@given(st.data())
@slow
def test_the_modals_fit(data):
    text, clauses = data.draw(generated.texts), data.draw(generated.some(generated.clauses, 60))
    findings = data.draw(
        generated.some(
            st.builds(
                r.Finding,
                sentence=generated.maybe,
                problem=generated.texts,
                instead=generated.texts,
                rule=generated.codes,
            ),
            120,
        )
    )
    options = data.draw(generated.choices(120, least=1))
    chosen = data.draw(st.sets(st.sampled_from([o.code for o in options]), max_size=3))
    for view in (
        views.start(text, "C1"),
        views.start(),
        views.draft(REFERENCE, "slack:T1:D1", text, STATE),
        views.checking(),
        views.draft_checked(r.DraftReply(text=text, findings=findings), text, REFERENCE, "slack:T1:D1"),
        views.draft_checked(r.DraftReply(text=text, findings=()), text, REFERENCE, "slack:T1:D1"),
        views.clauses(clauses),
        views.override(REFERENCE, options, tuple(chosen), STATE),
        views.note(REFERENCE, STATE),
        views.sign_off(REFERENCE, [text, text], STATE),
        views.sign_off(REFERENCE, state=STATE),
        views.restrict(REFERENCE, ["U1", "U2"], STATE, on=True),
        views.restrict(REFERENCE),
        views.refusal(text),
    ):
        assert_good_view(view)


def test_what_people_typed_is_not_read_as_markup():
    message = draw(r.TextReply(text=NASTY))
    assert "<!channel>" not in message["text"]
    assert "&lt;!channel&gt;" in message["text"]
    assert "&amp;amp;" in message["blocks"][0]["text"]["text"]
    assert message["blocks"][0]["text"]["verbatim"] is True


def question(count, kind="one", **more):
    options = tuple(r.Choice(code=f"o{n}", label=f"Option {n}") for n in range(count))
    return r.QuestionReply(text="Which?", question="q", kind=kind, options=options, state=STATE, why="Why", **more)


def test_five_options_are_buttons_and_six_a_menu():
    assert labels(draw(question(5))) == [f"Option {n}" for n in range(5)]
    message = draw(question(6, chosen=("o2",)))
    menu = next(elements(message["blocks"]))
    assert message["blocks"][1]["block_id"] == f"pick|q|{STATE}"
    assert (menu["type"], menu["action_id"]) == ("static_select", "pick")
    assert [o["value"] for o in menu["options"]] == [f"o{n}" for n in range(6)]
    assert menu["initial_option"]["value"] == "o2"
    assert "Option 5" in message["text"]


def test_many_answers_are_boxes_in_tens_with_what_was_ticked_before():
    message = draw(question(23, "many", chosen=("o1", "o12")))
    ids = [block["block_id"] for block in message["blocks"] if "block_id" in block]
    assert ids == [f"many|q|{STATE}", f"many2|q|{STATE}", f"many3|q|{STATE}"]
    ticked = [o["value"] for e in elements(message["blocks"]) for o in e.get("initial_options", ())]
    assert ticked == ["o1", "o12"]
    sent = dict(values(message["blocks"]))["submit_many"]
    assert json.loads(sent) == {"question": "q", "state": STATE}


def test_times_are_two_pickers_and_just_now():
    now = r.Button(label="Just now", send=r.press_answer("q", "now", STATE))
    message = draw(question(0, "times", buttons=(now,)))
    pickers = [(b["block_id"], b["elements"][0]["action_id"]) for b in message["blocks"] if "block_id" in b]
    assert pickers == [(f"posted|q|{STATE}", "posted"), (f"noticed|q|{STATE}", "noticed")]
    assert "Just now" in labels(message)
    assert "Send these times" in labels(message)


def test_an_option_longer_than_a_button_is_read_in_full_above_it():
    label = (
        "Yes, and it is sensitive: health, beliefs, crime, money, a home address, a child, or it could endanger them"
    )
    reply = question(1).model_copy(update={"options": (r.Choice(code="yes", label=label),)})
    message = draw(reply)
    assert label in message["blocks"][0]["text"]["text"]
    assert labels(message)[0].endswith(kit.ELLIPSIS)


def step(code, kind="response", **more):
    label = {"preserve": "Save the evidence", "dpo": "the data protection officer", "hr": "HR"}.get(code, code)
    return r.StepToDo(code=code, label=label, kind=kind, how=f"How to {code}.", **more)


def recommendation(*steps, **more):
    what = {
        "text": "text",
        "reference": REFERENCE,
        "state": STATE,
        "headline": f"{REFERENCE}, level 2 (serious). Do this, in this order: x.",
        "provisional": False,
        "missing": (),
        "refusals": (r.Refusal(code="make_light", label="Make light of it", reason="Somebody is hurt."),),
        "wording": ("No names.",),
        "level": 2,
        "level_name": "serious",
        "decider": "Head of communications.",
        "first_public_line": "In 60 minutes.",
        "look_again": "in 2 hours",
        "clocks": (
            r.Clock(
                id="ico",
                title="Tell the regulator",
                limit="72 hours",
                due=NOW.replace(hour=17, minute=5),
                starts="x",
                reference="Art 33",
                verified=True,
            ),
        ),
        "clauses": (
            r.ClauseCard(id="C1", title="t", text="x", owner="o", legal="", verified=True),
            r.ClauseCard(id="C2", title="t", text="x", owner="o", legal="", verified=True),
        ),
        "confidence": "high",
        "buttons": (
            r.Button(label="Done: save the evidence", send=r.press_done("preserve", STATE), style="primary"),
            r.Button(label="Why?", send=r.press("ask_why", about="advice")),
            r.Button(label="Check my words", send=r.press("check_draft")),
            r.Button(label="A human, please", send=r.press("handover")),
            r.Button(label="That's everything", send=r.press_answer("_close", "yes", STATE)),
        ),
    }
    return r.RecommendationReply(steps=steps, **{**what, **more})


DONE = r.Done(who="Ada", at=NOW)


def test_the_advice_begins_with_what_to_do_now_and_how():
    message = draw(recommendation(step("preserve"), step("dpo", "person"), step("apologise")))
    lines = message["text"].split("\n")
    assert lines[0] == "Now: save the evidence"
    assert lines[1] == "How to preserve."
    assert lines[2] == "2. Bring in the data protection officer"


def test_the_advice_says_nothing_twice():
    lines = draw(recommendation(step("preserve"), step("dpo", "person"), step("apologise")))["text"].split("\n")[:-1]
    assert len(lines) == len(set(lines))
    assert sum("save the evidence" in line.lower() for line in lines) == 1
    assert sum("level 2" in line for line in lines) == 1


def test_a_step_that_is_done_says_by_whom_and_the_next_one_comes_first():
    message = draw(recommendation(step("preserve", done=DONE), step("dpo", "person"), step("apologise")))
    assert message["text"].startswith("Now: bring in the data protection officer")
    assert "1. Save the evidence: 09:30, Ada" in message["text"]
    assert r.press_done("preserve", STATE) not in [value for _, value in values(message["blocks"])]


def test_when_all_is_done_the_advice_says_so():
    assert draw(recommendation(step("preserve", done=DONE)))["text"].startswith("All steps are done")


def test_a_role_that_can_be_told_has_a_button_for_it_and_the_others_only_done():
    message = draw(recommendation(step("preserve"), step("dpo", "person"), step("hr", "person")), {"dpo"})
    told = [(action, json.loads(value)) for action, value in values(message["blocks"]) if action.startswith("tell:")]
    assert told == [("tell:dpo", {"incident": REFERENCE, "role": "dpo", "state": STATE})]
    done = [value for action, value in values(message["blocks"]) if "action_done" in value]
    assert done == [r.press_done(code, STATE) for code in ("preserve", "dpo", "hr")]


def test_a_role_that_was_told_has_no_button_any_more():
    message = draw(recommendation(step("dpo", "person", done=DONE)), {"dpo"})
    assert not [action for action, _ in values(message["blocks"]) if action.startswith("tell:")]


def test_below_the_steps_come_the_clock_what_not_to_do_and_then_what_can_be_asked():
    message = draw(recommendation(step("preserve")))
    text = message["text"]
    order = [
        "By 17:05: Tell the regulator",
        "Make light of it: Somebody is hurt.",
        "No names.",
        "Who decides",
        "I am sure",
    ]
    assert [text.index(part) for part in order] == sorted(text.index(part) for part in order)
    assert labels(message)[1:] == [
        "Why?",
        "The clauses behind it (2)",
        "Check my words",
        "A human, please",
        "That's everything",
    ]


def test_advice_that_is_provisional_or_unsure_says_so_at_once():
    text = draw(recommendation(step("preserve"), missing=("the mood", "the truth"), confidence="low"))["text"]
    assert text.index("some answers are missing: the mood and the truth") < text.index("Clock")
    assert text.index("a person must decide") < text.index("Clock")
    assert text.count("Head of communications") == 1


def test_what_a_lead_decided_stands_before_the_other_steps():
    decided = "Decided by Grace, comms lead: respond. Reason: seen it."
    message = draw(recommendation(step("preserve"), step("respond"), decided_by_lead=decided, confidence="low"))
    assert message["text"].index(decided) < message["text"].index("2. Respond")
    assert "a person must decide" not in message["text"]


CARD = lead_card.LeadCard(
    reference=REFERENCE,
    state="advised",
    state_id=STATE,
    title="A photo of a student",
    reporter="Ada",
    reported_at=NOW,
    place="In a direct message",
    level=3,
    level_name="crisis",
    advised=("Take it down",),
    open_steps=("Take it down", "HR"),
    deadline="Tell the regulator",
    due=NOW.replace(hour=17, minute=0),
    evidence=2,
)


def shown(card, **more):
    return lead_card.lead_card(card, zone=ZONE, now=NOW, **more)


def test_the_card_for_leads_says_how_it_stands():
    text = shown(CARD)["text"]
    for part in (
        "INC-2026-0042, level 3 (crisis): A photo of a student",
        "By 17:00: Tell the regulator",
        "Open: take it down and HR.",
        "Advice given. Nobody leads it yet.",
        "Advised: take it down.",
        "Reported by Ada at 09:30.",
        "2 files kept as evidence.",
        "In a direct message",
    ):
        assert part in text
    assert "<!here>" not in text
    assert "<!here>" in shown(CARD, here=True)["text"]


def test_a_time_that_has_passed_is_not_called_due():
    past = NOW.replace(hour=8, minute=0)
    assert "The time passed at 08:00: Tell the regulator" in shown(replace(CARD, due=past))["text"]
    model = home_tab.HomeModel(incidents=(home_tab.HomeIncident(REFERENCE, "A photo", "advised", "", past),))
    assert "The time passed at 08:00." in kit.spoken(views.home(model, zone=ZONE, now=NOW)["blocks"])


def test_a_deadline_that_nobody_verified_says_so_however_little_room_there_is():
    clocks = tuple(
        r.Clock(id="x", title=f"Tell {n}", limit="l " * 400, due=None, starts="s", reference="r", verified=n > 0)
        for n in range(12)
    )
    message = draw(recommendation(step("preserve"), clocks=clocks))
    assert message["text"].count("(not verified)") == 1
    assert json.dumps(message["blocks"]).count("(not verified)") == 1


def test_a_list_with_room_is_not_cut_and_without_it_the_longest_lines_give_way():
    assert kit.ELLIPSIS not in kit.bullets(["x" * 600, "y" * 600, *["z"] * 10], 2_900)
    cut = kit.bullets(["x " * 2_000, "y" * 600], 2_900)
    assert "y" * 600 in cut
    assert len(cut) <= 2_700


@pytest.mark.parametrize(
    ("card", "buttons"),
    [
        (CARD, ["Take over", "Override", "Add note", "Restrict", "Drill", "Close"]),
        (replace(CARD, state="asking"), ["Take over", "Add note", "Restrict", "Drill", "Close"]),
        (replace(CARD, state="closed"), ["Add note", "Restrict", "Drill", "Sign off", "Open again"]),
        (replace(CARD, state="abandoned"), ["Add note", "Restrict", "Drill", "Sign off", "Open again"]),
        (replace(CARD, state="closed", signed_off_at=NOW), ["Open again"]),
    ],
    ids=["advised", "open", "closed", "abandoned", "signed off"],
)
def test_a_lead_is_offered_what_the_state_allows(card, buttons):
    message = shown(card)
    assert labels(message) == buttons
    for action, value in values(message["blocks"]):
        more = {"lead": ""} if action == "lead:take_over" else {}
        assert json.loads(value) == {"incident": REFERENCE, "state": STATE, **more}


@pytest.mark.parametrize("state", ["asking", "advised", "closed"])
def test_the_card_of_a_restricted_incident_gives_nothing_away(state):
    card = replace(CARD, state=state, restricted=True, lead="Grace", decided="Secret", link="https://example.org/x")
    message = shown(card)
    said = message["text"].split("\n")[:2]
    assert said == ["INC-2026-0042, level 3 (crisis): restricted", "Led by Grace."]
    assert message == shown(replace(card, state="abandoned"))
    for secret in ("photo", "Ada", "Take it down", "Secret", "regulator", "example.org"):
        assert secret not in json.dumps(message)


def reminder(**more):
    what = {
        "id": 5,
        "kind": "step",
        "code": "take_down",
        "title": "Take it down",
        "due": NOW,
        "reference": REFERENCE,
        "incident_title": "A photo",
        "level": 2,
        "how": "Hide it first.",
        "state_id": STATE,
    }
    return reminder_card.reminder(reminder_card.ReminderModel(**{**what, **more}), zone=ZONE, now=NOW)


def test_a_reminder_of_a_step_says_what_to_do_and_offers_done_and_later():
    message = reminder(again=NOW.replace(hour=10, minute=0))
    assert message["text"].startswith("Still open: take it down\nHide it first.")
    assert "The next reminder comes at 10:00." in message["text"]
    pressed = list(values(message["blocks"]))
    assert pressed[0] == ("say:0", r.press_done("take_down", STATE))
    assert [json.loads(v)["minutes"] for action, v in pressed if action == "snooze"] == [30, 60, 240, 1440]


def test_a_reminder_of_a_deadline_says_when_it_ends_or_that_it_has_passed():
    due = NOW.replace(hour=17, minute=0)
    assert reminder(kind="deadline", title="Tell the regulator", due=due)["text"].startswith(
        "Due by 17:00: Tell the regulator"
    )
    passed = reminder(kind="deadline", title="Tell the regulator", due=NOW.replace(hour=8, minute=0))["text"]
    assert passed.startswith("The time for this has passed: Tell the regulator\nIt was due by 08:00.")


def test_a_reminder_of_what_is_done_only_says_so():
    message = reminder(settled=True)
    assert message["text"] == f"No longer open: take it down ({REFERENCE})."
    assert not list(values(message["blocks"]))


def test_a_role_is_told_of_a_restricted_incident_without_what_happened():
    model = reminder_card.ToldModel(REFERENCE, "A secret", 3, "crisis", "HR", "Talk to them.", "Ada", restricted=True)
    text = reminder_card.told(model, zone=ZONE, now=NOW)["text"]
    assert text.startswith("You are needed as HR\nAda was advised: bring in HR. Talk to them.")
    assert "A secret" not in text
    assert "Ask Ada" in text


def test_the_home_tab_has_one_button_to_begin_and_one_for_each_incident():
    model = home_tab.HomeModel(
        incidents=(
            home_tab.HomeIncident(
                REFERENCE, "A photo", "advised", "Next: Take it down.", NOW, about="A post has gone wrong"
            ),
        )
    )
    view = views.home(model, zone=ZONE, now=NOW)
    assert list(values(view["blocks"])) == [("home:start", "start"), ("home:go_on", REFERENCE)]
    text = kit.spoken(view["blocks"])
    assert "A post has gone wrong" in text
    assert "Advice given. Next: Take it down. Due by 09:30." in text
    assert "Could not be sent" not in text
    assert home_tab.WHAT_IT_IS.count(". ") == 1


def test_a_lead_sees_what_could_not_be_sent_and_can_send_it_again():
    letter = home_tab.DeadLetter(17, f"A message about {REFERENCE}", "Slack said: channel not found.", NOW)
    view = views.home(home_tab.HomeModel(dead=(letter,), aside=1), zone=ZONE, now=NOW)
    assert ("lead:resend", json.dumps({"outgoing": 17})) in list(values(view["blocks"]))
    text = kit.spoken(view["blocks"])
    assert "Slack said: channel not found. Given up at 09:30." in text
    assert "1 message from Slack could not be handled." in text


@given(generated.texts, st.integers(2, 200))
@slow
def test_a_text_is_cut_between_words(text, most):
    cut = kit.clip(text, most)
    assert len(cut) <= most
    if cut != text.strip():
        assert cut.endswith(kit.ELLIPSIS)
        assert text.strip().startswith(cut[:-1])


@given(generated.texts, st.integers(10, 500))
@slow
def test_the_parts_of_a_long_text_are_the_whole_text(text, most):
    parts = kit.paragraphs(text, most)
    assert "".join("".join(parts).split()) == "".join(text.split())
    assert all(len(kit.escape(part)) <= most for part in parts)
