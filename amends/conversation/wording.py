"""Everything the assistant says of its own accord, in one place, so that it can be read aloud.

Questions, advice and reasons come from the flow; here is what stands around them. Short, calm, no blame.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from amends.flows.problems import either

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from amends.accounts.waking import Woken

PURPOSE = (
    "I help when a post, a message or an event has gone wrong: what to do first, whether to take it down, "
    "respond or apologise, whom to tell, and by when."
)
OUT_OF_SCOPE = f"That is not something I can help with. {PURPOSE} For anything else, ask {{contact}}."
TELL_ME = "Tell me in your own words what happened."
HELLO = f"Hello. {PURPOSE} {TELL_ME}"
HELP = (
    f"{PURPOSE} I also check words before you post them. You can type or press a button. At any time you can ask why, "
    "ask what the policy says, change an answer, go back, add a note, ask for a human, or stop. I advise; a named "
    "person acts, and nothing is ever published by me."
)
THANKS = "You're welcome."
GOODBYE = "Goodbye. Come back whenever you need to."
DRAFT_LATER = (
    "First the questions, so that I know what the words have to do. Then I check your draft sentence by sentence."
)
NOTHING_OPEN = f"There is nothing open just now. {TELL_ME}"
NOT_READABLE = "I could not read any words in that."
CUT = "That was very long. I kept the first 10,000 characters."
NOT_ENGLISH = "I only understand English well. If that is hard just now, ring {contact}."
NOT_UNDERSTOOD = "I could not match that to an answer. Press one of the answers, or put it another way."
TIMES_UNFIT = "Those times do not fit together. Neither can lie ahead, and it cannot be noticed before it was posted."
TIME_AGAIN = "For example: 'twenty past nine this morning', 'last night' or 'just now'."
BUTTON_OLD = "That button is from earlier, so nothing was changed. This is where we are."
BUTTON_UNKNOWN = "I do not know that button, so nothing was changed."
WHICH_WISH = "Did you mean one of these? If not, put it another way."
WISHES = {
    "report_problem": "Tell of something that went wrong",
    "check_draft": "Have words looked at",
    "ask_policy": "See what the policy says",
    "ask_why": "Know why",
    "ask_alternative": "Do something else instead",
    "ask_status": "See where things stand",
    "ask_help": "See what I can do",
    "add_note": "Add a note to the record",
    "handover": "Talk to a person",
    "practise": "Practise",
}
"""What people may have meant, as a button says it; by intent."""
TICKS = "Of these you said nothing. If none is in play, say so, and I need not ask:"
CONFIRM_HELP = "Say yes if all of it is right, or tell me what is not."
WHICH_WRONG = "Which of these is not right? Press it, or tell me what is right."
THEN_CHANGE = "All right. What is the right answer?"
NOTHING_TO_CHANGE = "There is no answer to change yet."
WHICH_TO_CHANGE = "Which answer should be changed?"
AT_THE_BEGINNING = "This is the beginning; there is nothing to go back to."
KEPT_TOO = "I kept what else you said, and will ask you to confirm it."
STILL_NOT_SURE = "This answer decides a lot, so pick the one that is nearest. If none is, talk to a person: {contact}."
CAUTIOUS = "Then I take the cautious answer for now: {label}."
NOT_SURE_OF_TIME = "Then I take the time of your first message as when it was noticed. You can change it later."
WHY_CONFIRM = "What you tell me decides the advice, so I check that I understood it before I go on. Nothing is assumed."
WHY_NOTHING = "There is no question or advice yet that I could explain."
NOTE_KEPT = "The note is in the record of {reference}."
ASK_NOTE = "What should the note say? Your next message goes into the record as it stands."
ASK_DRAFT = "Paste what you want to say. Nothing is posted anywhere."
ASK_POLICY = "What do you want to know? For example: pictures of children."
NO_INCIDENT_FOR_NOTE = f"A note needs an incident. {TELL_ME}"
MORE_REASONS = "And {count} more reasons."
SO_FAR = "With what I know so far:"
WHY_NOT_WHAT = "Why not what?"
NO_SUCH_STEP = "That is not one of the steps, so I kept it as a note."
WHICH_STEP = "Which step is done?"
STEPS_LATER = "Thank you, that is noted in the record. The steps come after the questions."
ALL_DONE = "That was the last step."
CLOSE_ASK = "Close {reference}?"
STOPPED = "{reference} is closed as abandoned. Everything you told me is kept in the record."
CLOSED = "{reference} is closed. Thank you; everything is in the record."
GO_ON = "Then we go on."
STARTED_OVER = "We begin again, still as {reference}. What was said before stays in the record."
STILL_OPEN = "You still have {references} open."
SAVE_HOW = (
    "Take a screenshot that shows the whole post, its address, the date and the time, and the replies. Save the "
    "link too. On a phone, screenshot and then scroll to the replies and do it again."
)
SAVE_LATE = (
    "Then save what is still there now: the hidden copy, notifications, e-mails about it, and ask those who saw "
    "it. Do not delete any copy for good."
)
DRAFT_CLEAN = "I found nothing wrong with it. That is not a promise. Let a second person read it before it goes out."
DRAFT_EMPTY = "There are no words in it that I could check."
DRAFT_FOR = "For {account}:"
OFFICIAL_ACCOUNT = "an official account"
OWN_ACCOUNT = "your own account"
ASK_DRAFT_ACCOUNT = "Which account is it for? Say its name, or press one."
DRAFT_NEXT = "Nothing is posted. Your words are kept only if you say so; else they go with your next message."
DRAFT_KEPT = "Kept for you. Your drafts are listed at {where}, where you can delete them."
DRAFT_ASKED = (
    "I am asking {who} to read it first, with your name. The answer comes to you. Your draft is kept for that; it is "
    "listed at {where}, where you can delete it."
)
DRAFT_OR_REPORT = "Are these words a draft, too, or did this happen?"
DRAFT_DROPPED = "All right. Your words were not kept."
READ_FINE = "{name} has read your draft that begins '{beginning}': fine as it is."
READ_CHANGE = "{name} has read your draft that begins '{beginning}', and asks you to change it: {note}"
SAID_NOT_KEPT = "(a draft, or what was said about one; not kept)"
FOUND_NOT_KEPT = "What I found in it was not kept either."
POINTS_ONLY = "Use these as points. A person writes the words, and a person sends them."
MODELS_FOR = "A frame for it:"
ADVICE_STANDS = "We are at {reference}, and the advice stands. What would you like to do?"
OVERRULED = (
    "The rules would have advised something that is never advised ({title}). It was left out. "
    "Please tell the people who own these rules."
)
ADVICE_SAME = "The advice stays the same."
BACK_TO = "Back to {reference}: {title}."
WELCOME_BACK = "Welcome back. We are at {reference}: {title}."
SAFE_STEPS = "First, safe steps:"
LOW_CONFIDENCE = "I am not sure enough of this: a person must decide. It is for: {decider}."
RESTRICTED = (
    "{reference} is restricted: only those who are named go on with it. Nothing was added to it. "
    "To report something else, tell me."
)
RESTRICTED_HERE = (
    "{reference} is restricted, and others read along here. Nothing was added to it. "
    "Those who are named go on in a direct message with me."
)
RULES_SAY = "What the rules say:"
WHICH_FLOW = "What is this about? Press the nearest."
FLOW_STAYS = "Then it stays as it is: {title}."
DECIDED_STAYS = "{name} has decided on this, so it stays as it is. Ask them, or report it as something new."
NO_LETTER = "There is nothing prepared for what is advised here. I can check your own words."
WHICH_LETTER = "What do you want to write? These are points to begin from; a person fills them in and sends them."
PROVISIONAL = "This is provisional, because some answers are missing: {missing}."
SAME_OR_NEW = "Is this about {reference} ({title}), or is it something new?"

EMERGENCY = (
    "If anyone is in danger now, ring 999 first. For somebody who may hurt themselves, Samaritans answer on 116 "
    "123, day and night. Then ring {contact}. I have noted that a person must take over."
)
IN_DANGER = "If anyone could be in danger now, ring 999 first, then {contact}. If nobody is, go on."
EMERGENCY_UNRECORDED = (
    "If anyone is in danger now, ring 999 first. For somebody who may hurt themselves, Samaritans answer on 116 "
    "123, day and night. Then ring {contact}."
)
FAILED = (
    "This was NOT recorded. {reason} Until it works again: pause scheduled posts, take a screenshot with the "
    "address and the time, do not reply and do not delete, and ring {contact}."
)
FAILED_INSIDE = "Something went wrong on our side."

LABEL_YES_ALL = "All right"
LABEL_YES_AND_NONE = "All right, and none of these"
LABEL_STOP = "Stop and close"
LABEL_GO_ON = "Go on"
LABEL_ADVISE_NOW = "Advise me now"
LABEL_CLOSE = "Close it"
LABEL_KEEP_OPEN = "Keep it open"
LABEL_START_OVER = "Start over"
LABEL_SAME = "The same one"
LABEL_NEW = "Something new"
LABEL_SAVED = "Yes, it is saved"
LABEL_NOT_SAVED = "No"
LABEL_WHY = "Why?"
LABEL_WHY_NOT = "Why not something else?"
LABEL_CHECK_WORDS = "Check my words"
LABEL_OFFICIAL = "An official account"
LABEL_OTHER_OFFICIAL = "Another official account"
LABEL_OWN = "My own account"
LABEL_NEVER_MIND = "Never mind"
LABEL_ASK = "Ask {who} to read it first"
LABEL_KEEP_DRAFT = "Keep it for me"
LABEL_CHECK_TOO = "Check it as a draft"
LABEL_HAPPENED = "It happened"
LABEL_DRAFT_DONE = "That's all"
LABEL_CHANGE = "Change an answer"
LABEL_HUMAN = "A human, please"
LABEL_FINISH = "That's everything"
LABEL_JUST_NOW = "Just now"
LABEL_NOT_SURE = "Not sure"
LABEL_BACK = "Go back"
LABEL_ADVICE = "Show the advice"
LABEL_NEW_REPORT = "Report something"
LABEL_OTHER_FLOW = "This is about something else"
LABEL_LEAVE = "Leave it"
LABEL_LETTERS = "Words to begin from"


def reported(reference: str, taken: str) -> str:
    """After the first message was recorded; with what it is taken to be about."""
    thanks = f"Thank you for telling me; it can be put right. It is recorded as {reference}."
    return " ".join(part for part in (thanks, taken, SAFE_STEPS) if part)


def woken(who: Woken) -> str:
    """Whom an account that was named belongs to, and that they hear of it."""
    if who.written:
        return f"I am letting {who.name} know, who looks after {who.account}."
    return f"{who.name} looks after {who.account}: ring them, because I cannot write to them."


def taken_for(title: str) -> str:
    """What a first message is taken to be about."""
    return f"I take it as: {_low(title)}."


def flow_changed(reference: str, title: str) -> str:
    """It is about something else than it was taken for."""
    return f"Then I take it as: {_low(title)}. What you said is kept in {reference}. {SAFE_STEPS}"


def about(title: str) -> str:
    """What an incident is about, in the list of what can be changed."""
    return f"What this is about: {_low(title)}"


def safe_steps(intro: str, steps: Sequence[str]) -> str:
    """The safe steps, numbered."""
    return "\n".join([intro, *(f"{n}. {step}" for n, step in enumerate(steps, start=1))])


def understood(facts: Sequence[tuple[str, str]], details: Sequence[str], ticks: Sequence[str]) -> str:
    """What was understood, for confirmation."""
    lines = ["This is what I understood:", *(f"- {_cap(topic)}: {label}" for topic, label in facts)]
    lines += [f"- {detail}" for detail in details]
    if ticks:
        lines += [TICKS, *(f"- {tick}" for tick in ticks)]
    return "\n".join([*lines, "Is that all right?"])


def taken_as(topic: str, label: str) -> str:
    """How a typed answer was understood."""
    return f"Taken as: {label} ({topic})."


def changed(topic: str, before: str, after: str) -> str:
    """An answer was corrected."""
    return f"Changed, {topic}: {after}. It was: {before}."


def becomes(labels: Sequence[str]) -> str:
    """What the advice becomes with a corrected answer, while questions are open."""
    return f"With what I know so far the advice would be: {either([_low(x) for x in labels], 'and')}."


def decides(decider: str, clear_first: Sequence[str]) -> str:
    """Who decides, and who clears the words before."""
    cleared = f" The words are cleared first by: {', '.join(clear_first)}." if clear_first else ""
    return f"Who decides: {decider.rstrip('. ')}.{cleared}"


def pace(first_public_line: str, look_again: str) -> str:
    """How fast the first words go out, and when to look again."""
    return f"First public line: {first_public_line.rstrip('. ')}. Look again: {look_again.rstrip('. ')}."


def decided_by_lead(name: str, labels: Sequence[str], reason: str, against: Sequence[str]) -> str:
    """What a comms lead decided instead of the flow; what it goes against is never left out."""
    text = f"Decided by {name}, comms lead: {either([_low(x) for x in labels], 'and')}. Reason: {reason.rstrip('. ')}."
    return f"{text} This goes against the rules: {' '.join(against)}" if against else text


def human(role: str, contact: str, reference: str) -> str:
    """Whom to talk to now."""
    kept = f" Your request is recorded in {reference}." if reference else ""
    return f"A person can take over: {role}, {contact}.{kept}"


def step_done(label: str, who: str, at: str) -> str:
    """A step was recorded as done."""
    return f"Recorded: {_low(label)}, done at {at} by {who}."


def next_step(label: str, how: str) -> str:
    """The first step that is still open."""
    return f"Next: {_low(label)}. {how}"


def still_to_do(labels: Sequence[str]) -> str:
    """Steps that were not marked done when somebody wants to close."""
    return f"Not marked as done: {either([_low(x) for x in labels], 'and')}. Close it all the same?"


def clock(time: datetime, now: datetime, zone: ZoneInfo) -> str:
    """A time as people here say it: 14:05, or with its day when that is another one."""
    local, today = time.astimezone(zone), now.astimezone(zone)
    if local.date() == today.date():
        return f"{local:%H:%M}"
    return f"{local:%H:%M} on {local:%A} {local.day} {local:%B}"


def labelled(label: str) -> str:
    """A label at the beginning of a line."""
    return f"{label[:1].upper()}{label[1:]}"


def low(label: str) -> str:
    """A label in the middle of a sentence; abbreviations such as HR keep their capitals."""
    return label if label[1:2].isupper() else f"{label[:1].lower()}{label[1:]}"


def no_clause(owner: str) -> str:
    """Nothing was found in the policies."""
    return f"I found no clause about that. Ask: {owner}."


def clauses_found(lines: Sequence[tuple[str, str, str]]) -> str:
    """Clauses in words: id, title and text of each."""
    return "\n".join(f"{id_} {title}: {text}" for id_, title, text in lines)


def _cap(text: str) -> str:
    return text[:1].upper() + text[1:]


def _low(text: str) -> str:
    """A label in the middle of a sentence; abbreviations such as HR keep their capitals."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
