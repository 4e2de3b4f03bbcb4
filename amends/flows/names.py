"""The names of flows, where one is needed and nobody gave it."""

USUAL = "problem_post"
"""The flow of a conversation until its first message chose another, and of commands that name none.

The public cases in `data/cases` are told in its questions.
"""
