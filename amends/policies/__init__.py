"""The clauses of the organisation's policies: loaded, found for a decision, searched. Pure."""

from amends.policies.library import Cited, Clause, Library, PolicyError, load_library, parse_library
from amends.policies.search import Found, Hit, PolicySearch

__all__ = ["Cited", "Clause", "Found", "Hit", "Library", "PolicyError", "PolicySearch", "load_library", "parse_library"]
