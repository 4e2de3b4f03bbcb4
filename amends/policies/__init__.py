"""The clauses of the organisation's policies: loaded, found for a decision, searched. Pure."""

from amends.policies.library import Cited, Clause, Library, PolicyError, clauses_of, load_library, parse_library
from amends.policies.search import Found, Hit, PolicySearch

__all__ = [
    "Cited",
    "Clause",
    "Found",
    "Hit",
    "Library",
    "PolicyError",
    "PolicySearch",
    "clauses_of",
    "load_library",
    "parse_library",
]
