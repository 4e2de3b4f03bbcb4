"""Setting up, training, and running the three processes."""

from __future__ import annotations


class CannotRun(Exception):  # noqa: N818 - it reads as what it says
    """Something keeps Amends from running. The message is for the operator: what is wrong, what to do."""
