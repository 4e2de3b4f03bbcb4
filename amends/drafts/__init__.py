"""Drafts: what could go wrong with words before they are posted. Pure."""

from amends.drafts.check import MOST_CHARACTERS, Draft, check
from amends.drafts.finding import Finding, Report
from amends.drafts.kinds import DraftsError, Kind, Organisation, load_kinds, load_organisation

__all__ = [
    "MOST_CHARACTERS",
    "Draft",
    "DraftsError",
    "Finding",
    "Kind",
    "Organisation",
    "Report",
    "check",
    "load_kinds",
    "load_organisation",
]
