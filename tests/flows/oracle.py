"""The decision model in plain Python: a second, independent reading of the document.

It was written from the text of the decision model alone, section by section, and shares no code and no data
with the engine or the flow file. Two readings that agree on thousands of random answers are probably both
right; where they differ, somebody has to look at the text.

Codes are those of the document. Where the text leaves a choice, a comment starting with "Reading:" says
which one is taken here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

Answers = Mapping[str, str | list[str]]

HARM = ("none", "annoyance", "upset", "serious", "death")
SPREAD = ("unseen", "few", "shared", "press")

PEOPLE = ("legal", "dpo", "security", "safeguarding", "hr", "report_platform")
PUBLIC_RESPONSES = ("respond", "apologise", "make_light")
BEFORE_THE_PUBLIC_RESPONSES = ("legal", "dpo", "safeguarding", "security")

CONFIRMED = ("origin", "issue", "personal_data", "harm", "tragedy", "protected", "legal", "evidence")
"""The questions that the document marks `confirm: true`."""

# Section 3, "Asking": how a missing answer is read.
PROVISIONAL: dict[str, str | list[str]] = {
    "origin": "unknown",
    "issue": [],
    "personal_data": "unsure",
    "tragedy": "unsure",
    "protected": "unsure",
    "legal": ["unsure"],
    "harm": "upset",
    "control": "can_remove",
    "spread": "shared",
    "truth": "unknown",
    "fault": "disputed",
    "history": "clean",
    "target": "group",
    "mood": "mixed",
}

CONFIDENCE = {"high": 0.90, "medium": 0.75, "low": 0.60}
ROW_CONFIDENCE = {
    **dict.fromkeys(("P01", "P02", "P03", "P04", "P05", "P06", "P08", "P09", "P10", "P11"), "high"),
    **dict.fromkeys(("P20", "P14", "P16"), "high"),
    **dict.fromkeys(("P01b", "P07", "P08a", "P13a", "P12", "P13b", "P15"), "medium"),
    **dict.fromkeys(("P18a", "P18", "P18z", "P19a", "P19"), "medium"),
    **dict.fromkeys(("P17a", "P17b", "P17c", "P11b", "P21"), "low"),
}
ROWS = tuple(ROW_CONFIDENCE)


def oracle(
    answers: Answers, settings: AbstractSet[str] = frozenset(), inferred: AbstractSet[str] = frozenset()
) -> dict:
    """What the document advises for these answers.

    Args:
        answers: question -> option, or list of options for `issue` and `legal`. Any may be missing.
        settings: the organisation's yes/no settings that are on (only `public_body` matters here).
        inferred: the questions whose answers were understood and not confirmed.
    """
    f = Facts(answers)
    fired = gates(f)
    row, recommended = first_row(f)
    steps = add_gates(recommended, fired)
    steps = floors(f, steps)
    if humour_allowed(f, steps, settings):
        steps = [*steps, "make_light"]
    forbidden = forbidden_by_gates(fired) | forbidden_by_never_rules(f)
    steps = [code for code in steps if code not in forbidden]
    return {
        "row": row,
        "steps": steps,
        "responses": [code for code in steps if code not in PEOPLE],
        "people": [code for code in steps if code in PEOPLE],
        "forbidden": forbidden,
        "clear_first": clear_first(fired),
        "level": level(f, fired),
        "confidence": confidence(row, answers, inferred),
    }


# --- Answers ------------------------------------------------------------------------------------------


class Facts:
    """The answers as the rules read them, and the named conditions of the document."""

    def __init__(self, answers: Answers) -> None:
        read = {question: answers.get(question, missing) for question, missing in PROVISIONAL.items()}
        self.origin = read["origin"]
        self.issue = frozenset(read["issue"])
        self.personal_data = read["personal_data"]
        self.harm = read["harm"]
        self.tragedy = read["tragedy"]
        self.protected = read["protected"]
        self.legal = frozenset(read["legal"])
        self.control = read["control"]
        self.spread = read["spread"]
        self.truth = read["truth"]
        self.fault = read["fault"]
        self.history = read["history"]
        self.target = read["target"]
        self.mood = read["mood"]

        # `skip_when ... (set X)`: when the question was not answered, X follows.
        if "tragedy" not in answers and self.harm == "death":
            self.tragedy = "present"
        if "protected" not in answers and self.has("discriminatory"):
            self.protected = "present"
        if "control" not in answers and self.origin == "third_party":
            self.control = "cannot_remove"
        # Reading: "issue within X" is "issue only X", so that it holds when nothing is picked; no rule tells
        # truth `na` from `unknown` (only the wording guard does), so nothing hangs on it.
        if "truth" not in answers and self.only(
            "slip", "profanity", "bad_joke", "insensitive_timing", "sexual_or_graphic"
        ):
            self.truth = "na"
        if "mood" not in answers and self.spread == "unseen":
            self.mood = "quiet"

    def has(self, *issues: str) -> bool:
        """`issue has X/Y`: at least one is."""
        return any(issue in self.issue for issue in issues)

    def only(self, *issues: str) -> bool:
        """`issue only X/Y`: every issue picked is one of these; true when nothing is picked."""
        return all(issue in issues for issue in self.issue)

    def legal_has(self, *options: str) -> bool:
        return any(option in self.legal for option in options)

    def harm_at_least(self, option: str) -> bool:
        return HARM.index(self.harm) >= HARM.index(option)

    def harm_at_most(self, option: str) -> bool:
        return HARM.index(self.harm) <= HARM.index(option)

    def spread_at_least(self, option: str) -> bool:
        return SPREAD.index(self.spread) >= SPREAD.index(option)

    @property
    def ours(self) -> bool:
        if self.origin == "unknown":
            return self.control in ("can_remove", "already_gone")
        return self.origin in ("own_post", "wrong_account", "insider", "automation", "misdirected")

    @property
    def fault_is_ours(self) -> bool:
        return self.fault in ("ours_accident", "ours_avoidable")

    @property
    def abusive(self) -> bool:
        return self.has(
            "insult",
            "profanity",
            "discriminatory",
            "sexual_or_graphic",
            "personal_data",
            "confidential",
            "allegation",
            "bad_joke",
            "insensitive_timing",
            "fraud_or_malware",
        )

    @property
    def data(self) -> bool:
        """personal_data `unsure` counts as ordinary here, which is not none."""
        return self.personal_data != "none" or self.has("personal_data")

    @property
    def tragedy_not_absent(self) -> bool:
        return self.tragedy != "absent"

    @property
    def protected_not_absent(self) -> bool:
        return self.protected != "absent"


# --- B. Gates -----------------------------------------------------------------------------------------

GATE_ADDS = {
    "B1": ("preserve", "legal"),
    "B2": ("legal",),
    "B3": ("preserve", "dpo"),
    "B4": ("safeguarding",),
    "B5": ("legal",),
    "B6": ("legal",),
    "B7": ("legal",),
    "B8": ("legal",),
    "B9": ("hr",),
    "B11": ("security", "preserve"),
}
GATES_THAT_FORBID_HUMOUR = ("B2", "B3", "B4", "B5", "B7", "B8", "B11")
CLEAR_FIRST = {"B2": "legal", "B4": "safeguarding", "B5": "legal", "B8": "legal"}


def gates(f: Facts) -> list[str]:
    """All gates that match, in the document's order."""
    matches = {
        "B1": f.legal_has("info_request", "legal_hold", "complaint_letter", "regulator", "unsure"),
        "B2": f.legal_has("court_case", "police"),
        "B3": f.data,
        "B4": f.legal_has("safeguarding"),
        "B5": f.has("allegation"),
        "B6": f.has("commitment"),
        "B7": f.legal_has("election") or (f.has("political") and f.ours),
        "B8": f.legal_has("embargo_market"),
        "B9": f.origin == "staff_personal",
        "B11": f.origin == "hijack" or f.has("fraud_or_malware"),
    }
    return [gate for gate, match in matches.items() if match]


def add_gates(recommended: list[str], fired: Iterable[str]) -> list[str]:
    """What the gates add stands after what the row recommends; four roles stand before public responses.

    Reading: `preserve` is the first step also when only a gate adds it ("before anything else", section 1).
    Reading: roles keep the order of the gates that add them; they stand directly before the first public
    response (respond, apologise), and last when there is none. `hold` is not a public response.
    """
    steps = list(recommended)
    for gate in fired:
        for code in GATE_ADDS[gate]:
            if code in steps:
                continue
            if code == "preserve":
                steps.insert(0, code)
            elif code in BEFORE_THE_PUBLIC_RESPONSES:
                steps.insert(before_public(steps), code)
            else:
                steps.append(code)
    return steps


def before_public(steps: list[str]) -> int:
    for place, code in enumerate(steps):
        if code in PUBLIC_RESPONSES:
            return place
    return len(steps)


def forbidden_by_gates(fired: list[str]) -> set[str]:
    """The response codes that gates forbid.

    Reading: what B1 (permanent deletion), B6 (deleting to escape a promise) and B9 (condemnation) forbid is a
    manner of doing a step, not a step.
    """
    return {"make_light"} if any(gate in GATES_THAT_FORBID_HUMOUR for gate in fired) else set()


def clear_first(fired: list[str]) -> set[str]:
    """The roles that clear the words before they are published."""
    return {CLEAR_FIRST[gate] for gate in fired if gate in CLEAR_FIRST}


# --- C. Rows ------------------------------------------------------------------------------------------


def first_row(f: Facts) -> tuple[str, list[str]]:  # noqa: C901, PLR0912 - one branch a row, as in the table
    """The first row that matches, and what it recommends in order."""
    slight = f.harm_at_most("annoyance")
    upset = f.harm_at_least("upset")

    if f.origin == "hijack":
        sorry = upset and (f.has("fraud_or_malware") or f.fault != "not_ours")
        return "P01", ["security", "take_down", "respond", *plus("apologise", sorry)]

    if f.origin == "insider" and not f.has(
        "personal_data", "discriminatory", "sexual_or_graphic", "allegation", "copyright"
    ):
        # Reading: "alone" drops the apology too.
        if f.only("confidential", "criticism") and f.truth == "accurate":
            return "P01b", ["security", "hr", "respond"]
        return "P01b", ["security", "hr", "respond", "take_down", *plus("apologise", upset)]

    if f.ours and f.data:
        return "P02", ["take_down", "dpo", "apologise", "respond"]
    if (f.ours or f.origin == "event") and f.has("safety_misinfo"):
        return "P03", ["respond", "apologise", "take_down"]
    if f.ours and f.legal_has("court_case", "police") and f.has("allegation", "confidential"):
        return "P04", ["take_down", "legal", "hold"]
    if f.ours and f.has("allegation") and f.truth != "accurate":
        return "P05", ["take_down", "legal", "apologise"]
    if f.ours and f.has("copyright"):
        return "P06", ["take_down", "legal", "apologise"]
    if f.ours and f.has("commitment"):
        return "P07", ["take_down", "legal", "respond", "apologise"]
    if (
        f.ours
        and f.origin == "own_post"
        and f.has("criticism")
        and slight
        and f.fault in ("not_ours", "disputed")
        and not f.legal_has("election")
    ):
        return "P08a", ["respond"]
    if f.ours and (f.has("political") or f.legal_has("election")):
        return "P08", ["take_down", "apologise", "respond"]
    if f.ours and f.has("discriminatory", "sexual_or_graphic", "fraud_or_malware"):
        return "P09", ["take_down", "apologise", "respond"]
    if f.ours and f.tragedy_not_absent and not (f.only("slip", "wrong_fact") and slight):
        return "P10", ["take_down", "apologise"]
    if f.has("campaign_backfire") and f.has("criticism") and f.origin != "automation":
        return "P13a", ["respond"]
    if (
        f.ours
        and upset
        and f.has(
            "insult",
            "bad_joke",
            "insensitive_timing",
            "misleading_claim",
            "ai_content",
            "confidential",
            "campaign_backfire",
        )
    ):
        return "P11", ["take_down", "apologise", "respond"]
    if f.ours and f.protected_not_absent:
        return "P12", ["take_down", "apologise", "respond"]
    if f.has("campaign_backfire"):
        if upset or f.has("misleading_claim"):
            return "P13b", ["take_down", "apologise"]
        return "P13b", ["respond"]
    if f.origin == "misdirected" and slight and f.only("slip", "wrong_fact"):
        return "P20", ["respond", "apologise"]
    if f.ours and slight and f.only("slip", "wrong_fact", "profanity", "ai_content", "service_failure"):
        if f.spread == "unseen":
            return "P14", ["take_down"]
        sorry = f.harm == "annoyance" or (f.has("profanity") and f.target not in ("us", "nobody"))
        return "P14", ["take_down", "respond", *plus("apologise", sorry)]

    page_down = plus("take_down", f.control == "can_remove" and not f.has("criticism"))
    if f.origin == "event" and upset:
        words = ["apologise", "respond"] if f.fault_is_ours else ["respond", "hold"]
        return "P15", [*words, *page_down]
    if f.origin == "event":
        return "P16", ["respond", *plus("apologise", f.fault_is_ours), *page_down]

    if f.origin == "staff_personal" and f.spread_at_least("shared") and upset:
        return "P17a", ["hr", "respond", "apologise", *plus("take_down", f.abusive)]
    if f.origin == "staff_personal" and f.spread_at_least("shared"):
        return "P17b", ["hr", "respond"]
    if f.origin == "staff_personal":
        return "P17c", ["hr", "hold", *plus("take_down", upset and f.abusive)]

    if f.origin == "third_party" and f.fault_is_ours and f.harm_at_least("annoyance"):
        return "P18a", ["respond", "apologise"]
    if f.origin == "third_party" and (f.spread_at_least("shared") or upset):
        report = f.truth == "inaccurate" and not f.only("criticism")
        return "P18", ["respond", *plus("report_platform", report)]
    if f.origin == "third_party":
        return "P18z", ["hold"]

    if f.origin == "on_our_page" and f.fault_is_ours:
        return "P19a", ["respond", "apologise"]
    if f.origin == "on_our_page":
        hide = f.has("allegation", "discriminatory", "sexual_or_graphic", "personal_data", "fraud_or_malware") or (
            f.has("insult") and upset
        )
        return "P19", ["respond", *plus("take_down", hide)]

    if f.ours:
        return "P11b", ["take_down", "apologise"]
    return "P21", ["hold"]


def plus(code: str, condition: object) -> list[str]:
    """`+ code if condition`."""
    return [code] if condition else []


# --- D. Floors ----------------------------------------------------------------------------------------


def floors(f: Facts, steps: list[str]) -> list[str]:
    """D1 to D4, in order, over what the row and the gates recommend."""
    steps = list(steps)

    # D1
    if "take_down" in steps and f.control != "can_remove" and f.origin not in ("hijack", "staff_personal"):
        place = steps.index("take_down")
        steps.remove("take_down")
        if f.control == "cannot_remove" and "report_platform" not in steps:
            steps.insert(place, "report_platform")

    # D2. history `unsure` counts as clean. (The text says so of D4, which does not ask about history; D2 is
    # the only floor that does.)
    if (
        f.history == "repeat"
        and f.fault_is_ours
        and f.origin not in ("third_party", "hijack", "staff_personal")
        and "respond" in steps
        and "apologise" not in steps
    ):
        steps.insert(steps.index("respond") + 1, "apologise")

    # D3
    if "take_down" in steps or "report_platform" in steps:
        steps = ["preserve", *(code for code in steps if code != "preserve")]

    # D4. Reading: report_platform is a person to bring in, not a response, so that asking a host to remove
    # what nobody saw leaves "no response" as well. The hold is added as the last step.
    if not any(code in steps for code in ("take_down", "respond", "apologise", "make_light", "hold")):
        steps.append("hold")
    return steps


# --- E. Humour test -----------------------------------------------------------------------------------


def humour_allowed(f: Facts, steps: list[str], settings: AbstractSet[str]) -> bool:
    """Every line of H1 to H8 holds (H9 is a task, not a question)."""
    kind_moods = ("amused",) if "public_body" in settings else ("amused", "mixed")
    return all(
        (
            f.harm in ("none", "annoyance"),  # H1
            not f.data and not f.protected_not_absent and not f.tragedy_not_absent,  # H2
            f.legal == {"none"},  # H3
            f.only(  # H4
                "slip",
                "wrong_fact",
                "profanity",
                "service_failure",
                "campaign_backfire",
                "false_rumour",
                "criticism",
            ),
            f.target in ("us", "nobody"),  # H5
            f.mood in kind_moods,  # H6
            f.history == "clean" and f.origin not in ("hijack", "insider", "staff_personal"),  # H7
            f.fault != "ours_avoidable" or "apologise" in steps or f.has("campaign_backfire"),  # H8
            "respond" in steps or "apologise" in steps,  # H8, second half
        )
    )


# --- F. Level, and confidence -------------------------------------------------------------------------


def level(f: Facts, fired: list[str]) -> int:
    """The highest level that matches. personal_data `unsure` counts as sensitive here."""
    if (
        f.harm_at_least("serious")
        or f.personal_data in ("sensitive", "unsure")
        or f.origin == "hijack"
        or "B2" in fired
        or "B4" in fired
    ):
        return 3
    if (
        f.harm == "upset"
        or f.spread == "press"
        or f.protected_not_absent
        or f.tragedy_not_absent
        or any(gate in fired for gate in ("B1", "B3", "B5", "B6", "B7", "B8"))
    ):
        return 2
    return 1 if f.harm == "annoyance" or f.spread_at_least("shared") else 0


def confidence(row: str, answers: Answers, inferred: AbstractSet[str]) -> float:
    """From the row's start, less what is inferred and what is unsure.

    Reading: "each `unsure` among them" is each `unsure` given to a `confirm: true` question, inferred or not;
    an answer that is missing is not an `unsure` answer, though it may be read as one. Never below nothing.
    """
    value = CONFIDENCE[ROW_CONFIDENCE[row]]
    for question in CONFIRMED:
        if question not in answers:
            continue
        if question in inferred:
            value -= 0.10
        if answers[question] == "unsure" or "unsure" in as_list(answers[question]):
            value -= 0.15
    return max(0.0, round(value, 2))


def as_list(answer: str | list[str]) -> list[str]:
    return [answer] if isinstance(answer, str) else answer


# --- Section 4. Never-rules ---------------------------------------------------------------------------


def forbidden_by_never_rules(f: Facts) -> set[str]:
    """The response codes that N1 to N4 and N8 rule out (N6 and N7 ask for company, and forbid no code)."""
    forbidden = set()
    # Reading of N4: any legal but none = something other than `none` is picked.
    if f.harm_at_least("upset") or f.tragedy_not_absent or f.protected_not_absent or f.data or f.legal - {"none"}:
        forbidden.add("make_light")
    if f.only("criticism") and f.origin in ("third_party", "on_our_page", "staff_personal"):
        forbidden |= {"take_down", "report_platform"}
    return forbidden
