"""Drafts: what could go wrong with words before they are posted. Pure."""

from amends.drafts.check import MOST_CHARACTERS, Draft, Knowledge, check
from amends.drafts.finding import Finding, Report
from amends.drafts.kinds import DraftsError, Organisation
from amends.drafts.loading import load_knowledge

__all__ = [
    "MOST_CHARACTERS",
    "Draft",
    "DraftsError",
    "Finding",
    "Knowledge",
    "Organisation",
    "Report",
    "check",
    "load_knowledge",
]
