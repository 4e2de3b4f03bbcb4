"""Copies of the record, made while it runs, checked, and put back."""

from __future__ import annotations


class CannotBackUp(Exception):  # noqa: N818 - it reads as what it says
    """A backup cannot be made, checked or put back. The message is a sentence for the operator."""
