"""Details of real people in a text: numbers that have a check sum, addresses, and what is said of somebody named. Pure.

Phone numbers are found by phonenumbers, NHS, bank and card numbers are checked with python-stdnum, so that a number
that only looks like one is let pass. What belongs to an organisation is no finding: a landline, a role's e-mail
address, the postcode of a venue.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import phonenumbers
from stdnum import iban, luhn
from stdnum.gb import nhs

from amends.drafts.finding import Mark
from amends.drafts.persons import named
from amends.drafts.sentences import spans

if TYPE_CHECKING:
    from collections.abc import Iterator

COUNTRY = "GB"
"""Where a phone number without a country code is from."""

_email = re.compile(r"(?<![\w.+-])([\w.+-]+)@([\w-]+(?:\.[\w-]+)+)")
_person_in_address = re.compile(r"^(?:[a-z]{1,20}[._][a-z'-]{2,}|[a-z]{1,4}\d{2,}[a-z]?\d*)$", re.IGNORECASE)
_role = re.compile(
    r"(?:info|press|news|help|support|service|team|office|admissions?|library|events?|no.?reply|enquir|contact|desk|"
    r"clinic|centre|jobs|careers|media|hello|bookings?|feedback|accounts?|data|privacy|web|social|comms)",
    re.IGNORECASE,
)
_digits = re.compile(r"(?<![\w-])\d(?:[ -]?\d){7,22}(?![\w-])")
_iban = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
_insurance = re.compile(r"\b(?!GB|NK|TN|ZZ)[A-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b")
_bank = re.compile(
    r"(?:\bsort code\b.{0,12}?)?\b\d{2}[- ]\d{2}[- ]\d{2}\b.{0,30}?\b\d{8}\b|\bsort code\b.{0,12}\d{2}[- ]?\d{2}[- ]?\d{2}",
    re.IGNORECASE,
)
_labelled = re.compile(
    r"\b(?:passport|visa|licen[cs]e|student (?:id|number|no)|staff (?:id|number|no)|candidate (?:number|no)|"
    r"case (?:number|no)|registration|reg|number ?plate|id (?:number|no)?)\b[\s:#.]*(?:number|no\.?|id)?[\s:#]*"
    r"(?=[A-Z0-9 ]{0,40}\d{2})[A-Z0-9]{2,}(?: ?[A-Z0-9]{2,})*",
    re.IGNORECASE,
)
_birth = re.compile(
    r"\b(?:born|dob|date of birth)\b[\s:]*(?:on )?(?:the )?\d{1,2}(?:[./-]\d{1,2}[./-]\d{2,4}|(?:st|nd|rd|th)? [A-Z][a-z]+ \d{4})",
    re.IGNORECASE,
)
_home = re.compile(
    r"\b(?:(?:lives|living|who live|i live|we live|they live) (?:at|in|on|near|with|alone)|home address|home is|outside (?:his|her|their) (?:house|home|flat)|"
    r"(?:his|her|their|my) (?:house|home|flat|address))\b(?:.{0,20}?\b(?:at|in|is|on)\b)?.{0,40}",
    re.IGNORECASE,
)
_street = re.compile(
    r"\b(?:flat \d+\w?,? )?\d{1,4}[a-z]? (?:[A-Z][a-z]+ ){1,3}(?:Street|St|Road|Rd|Lane|Ln|Avenue|Ave|Close|Way|Drive|"
    r"Crescent|Terrace|Place|Gardens|Court|Grove)\b",
)
_secret = re.compile(r"\b(?:pass ?word|pass ?code|pin|log ?in code|api key)\b\s*(?:is|:|=)\s*\S{4,}", re.IGNORECASE)

_condition = (
    r"(?:cancer|leuk(?:a)?emia|a tumou?r|an? stroke|heart attack|hiv|aids|chlamydia|an? sti|std|covid|diabet\w+|epilep\w+|"
    r"depress\w+|anxiety|bipolar|schizophreni\w+|autis\w+|adhd|dyslexi\w+|dementia|alzheimer\w*|an eating disorder|"
    r"anorexi\w+|bulimi\w+|an addiction|alcoholi\w+|a miscarriage|an abortion|ptsd|a breakdown|an? overdose)"
)
_details = re.compile(
    rf"\b(?:diagnos\w+|(?:has|have|had|having|with|from|after|suffer\w*|fight\w*|battl\w+|treated for|tested positive for|"
    rf"is|was|aged \d+,) (?:been )?{_condition}|{_condition} (?:patient|victim|survivor|diagnosis)|"
    r"(?:is|was|are|were|went) (?:back )?in(?:to)? (?:hospital|intensive care|rehab|prison|jail)|"
    r"(?:maternity|paternity|sick|compassionate) leave|off sick|signed off|pregnan\w+|mental health (?:problem|issue|crisis)\w*|"
    r"extenuating circumstances|(?:failed|failing) (?:all )?(?:his|her|their|the) (?:exam|course|year|test|degree)\w*|"
    r"(?:was|were|been|being|is|got) (?:disciplined|suspended|dismissed|sacked|fired|expelled|made redundant|arrested|"
    r"charged|convicted|cautioned|bullied|harassed|assaulted|raped|evicted|sectioned)|"
    r"(?:his|her|their) (?:salary|debts?|divorce|mother died|father died|sexuality|religion|immigration status|"
    r"diagnosis|marks?|grades?|criminal record)|earns? £|(?:is|was|came out as|,) (?:gay|lesbian|bisexual|transgender|"
    r"heterosexual|undocumented|homeless|bankrupt|autistic|disabled|illiterate)\b|heterosexual|asylum seeker|aged \d{1,2}\b(?=.{0,40}\d))",
    re.IGNORECASE,
)


def personal_marks(text: str) -> Iterator[Mark]:
    """Details of people, and passwords."""
    for match in _email.finditer(text):
        if _person_in_address.match(match[1]) and not _role.search(match[1]):
            yield _mark(match, "an e-mail address of a person")
    yield from _phones(text)
    yield from _numbers(text)
    for match in _secret.finditer(text):
        yield Mark("secret", match.start(), match.end(), "a password or key")
    for match in _birth.finditer(text):
        yield _mark(match, "a date of birth")
    for start, end in spans(text):
        yield from _said_of_somebody(text, start, end)


def _said_of_somebody(text: str, start: int, end: int) -> Iterator[Mark]:
    """In one sentence: somebody named, and something that is theirs to tell."""
    people = [each for each in named(text[start:end]) if not each.name.startswith("@")]
    if not people:
        return
    sentence = text[start:end]
    for pattern, what in (
        (_details, "{} with a private detail"),
        (_home, "where {} lives"),
        (_street, "{} with an address"),
    ):
        for match in pattern.finditer(sentence):
            first = min(people[0].start, match.start())
            yield Mark("personal_data", start + first, start + match.end(), what.format(people[0].name))
            break


def _phones(text: str) -> Iterator[Mark]:
    """Mobile numbers; those that are kept for examples and films count, too."""
    for match in phonenumbers.PhoneNumberMatcher(text, COUNTRY, leniency=phonenumbers.Leniency.POSSIBLE):
        number = match.number
        kept_for_films = (
            number.country_code == 44
            and len(str(number.national_number)) == 10
            and (str(number.national_number).startswith("7"))
        )
        if kept_for_films or phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE:
            yield Mark("personal_data", match.start, match.end, "a mobile number")


def _numbers(text: str) -> Iterator[Mark]:
    for match in _digits.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        if len(digits) == 10 and nhs.is_valid(digits) and not digits.startswith("0"):
            yield _mark(match, "an NHS number")
        elif 13 <= len(digits) <= 19 and luhn.is_valid(digits):
            yield _mark(match, "a card number")
    for match in _iban.finditer(text):
        if iban.is_valid(match[0]):
            yield _mark(match, "a bank account")
    for pattern, what in (
        (_insurance, "a National Insurance number"),
        (_bank, "a bank account"),
        (_labelled, "a number that stands for one person or thing"),
    ):
        for match in pattern.finditer(text):
            yield _mark(match, what)


def _mark(match: re.Match[str], what: str) -> Mark:
    return Mark("personal_data", match.start(), match.end(), what)
