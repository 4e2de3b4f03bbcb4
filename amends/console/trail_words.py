"""What the entries of an incident's trail are called, and what they hold."""

from amends.console.words import plain

TITLES = {
    "reported": "Reported",
    "safe_steps_shown": "First steps shown",
    "understood": "Understood from the words",
    "confirmed": "Confirmed",
    "asked": "Asked",
    "answered": "Answered",
    "corrected": "Corrected",
    "went_back": "Went back",
    "flow_chosen": "What it is about",
    "note_added": "Note",
    "clause_shown": "Policy shown",
    "recommended": "Advice given",
    "explained": "Explained",
    "draft_checked": "Draft checked",
    "step_done": "Step done",
    "account_named": "An official account was named",
    "handover_requested": "A human was asked for",
    "overridden": "Advice overridden",
    "abandoned": "Stopped",
    "resumed": "Taken up again",
    "closed": "Closed",
    "evidence_kept": "Evidence kept",
    "evidence_refused": "Evidence not kept",
    "told": "Somebody was told",
    "taken_over": "Taken over by a comms lead",
    "lead_decided": "Decided by a comms lead",
    "restricted": "Who may see it",
    "signed_off": "Signed off",
    "reminded": "Reminded",
    "snoozed": "Reminder put off",
    "reopened": "Opened again",
    "drill_marked": "Drill or real",
    "drill_told": "Told in the drill",
    "drill_ended": "The drill ended",
    "reviewed": "Review written",
    "follow_up_set": "Follow-up agreed",
    "follow_up_done": "Follow-up done",
    "looked_again": "Looked again",
    "promised": "Promised in public",
    "promise_kept": "Promise kept",
    "promise_withdrawn": "Promise taken out",
    "left_unfinished": "Not finished, and why",
    "held": "Held: nothing may be erased",
    "released": "Hold lifted",
    "erased": "Words erased",
}
LABELS = {
    "after_sign_off": "It was signed off before",
    "against": "Goes against",
    "asked": "Question",
    "at": "Done at",
    "decided_by_lead": "Decided by a comms lead",
    "due_before": "Date before",
    "head": "Hash of the last entry that was accepted",
    "head_sequence": "Accepted up to entry",
    "instead_of": "Instead of",
    "label": "Step",
    "led_before": "Led before by",
    "led_by": "Led from now on by",
    "missing": "Missing, and why",
    "media_type": "Type",
    "now": "From now on",
    "open_steps": "Steps still open",
    "responses": "Decided",
    "sha256": "SHA-256",
    "size": "Size in bytes",
    "statement": "Words",
    "text": "Words",
    "who": "Done by",
    "words": "In the words",
}
UNSAID = frozenset(["ask", "code", "confidence", "named_ids", "settings", "stage", "state", "step", "what"])
"""Parts of a payload that say nothing to a reader, or that another part says in words."""
OF_CODES = frozenset(["decided_by_lead", "instead_of", "open_steps", "responses"])
"""Parts that hold codes of steps, which have labels."""
OF_KIND = {
    "flow_chosen": {"flow": "", "title": "Now", "was": "Taken before for", "was_flow": ""},
    "account_named": {"told": "Woken for it", "as": "As its"},
    "told": {"label": "Role", "role": "", "told": "Told"},
    "drill_told": {"clock": "Time of the story"},
    "drill_ended": {"judged": "", "otherwise": "", "steps": "", "seconds": "Seconds", "stopped": "", "as_judged": ""},
    "follow_up_set": {"follow_up": "What", "due": "By"},
    "follow_up_done": {"follow_up": "What"},
    "evidence_kept": {"name": "File"},
    "evidence_refused": {"name": "File"},
    "abandoned": {"asked": "Question left open", "unfinished": ""},
    "clause_shown": {"asked": "Asked"},
    "erased": {"entries": "Entries whose words are gone", "files": "SHA-256 of files that are gone", "what": "Whose"},
    "reminded": {"kind": "", "title": "Of", "due": "Due", "told": "Sent to"},
    "snoozed": {"kind": "", "title": "Of", "until": "Until"},
    "looked_again": {"about": "Question", "chosen": "", "settled": ""},
    "promised": {"due": "By", "promise": "Number", "found_in": "Found in"},
    "promise_kept": {"due": "It was due", "promise": "Number"},
    "promise_withdrawn": {"due": "It was due", "promise": "Number"},
    "left_unfinished": {"left": "Not finished"},
    "closed": {"unfinished": ""},
}
"""Labels that are other than usual in an entry of a kind; an empty one is not shown."""
GROUPS = {
    "said": (
        "What was said and asked",
        (
            "reported",
            "understood",
            "confirmed",
            "asked",
            "answered",
            "corrected",
            "went_back",
            "flow_chosen",
            "resumed",
        ),
    ),
    "advice": (
        "Advice and decisions",
        (
            *("safe_steps_shown", "recommended", "explained", "clause_shown", "draft_checked"),
            *("overridden", "lead_decided"),
        ),
    ),
    "steps": ("Steps and people", ("step_done", "told", "account_named", "handover_requested", "reminded", "snoozed")),
    "after": (
        "After the reply",
        ("looked_again", "promised", "promise_kept", "promise_withdrawn", "left_unfinished"),
    ),
    "evidence": ("Evidence", ("evidence_kept", "evidence_refused")),
    "notes": ("Notes", ("note_added",)),
    "handling": (
        "Handling and review",
        (
            *("taken_over", "restricted", "closed", "abandoned", "reopened", "signed_off"),
            *("drill_marked", "drill_told", "drill_ended"),
            *("reviewed", "follow_up_set", "follow_up_done"),
            *("held", "released", "erased"),
        ),
    ),
}
"""The kinds of entries that a trail is filtered by: a name for the address -> what it is called, and its kinds."""
SOURCES = {"web": "in the browser", "terminal": "in the terminal", "slack": "in Slack", "outbox": "on its own"}


def label(kind: str, part: str) -> str:
    """What a part of an entry's payload is called; nothing when it is not shown."""
    named = OF_KIND.get(kind, {}).get(part)
    if named is None and part in UNSAID:
        return ""
    return LABELS.get(part, plain(part)) if named is None else named
