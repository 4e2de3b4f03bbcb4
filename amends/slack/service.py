"""Slack, put together."""

from __future__ import annotations

from amends.slack.desk import Desk

__all__ = ["Desk"]
