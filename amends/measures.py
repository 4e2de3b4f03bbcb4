"""What the processes measure while they work, for Prometheus. Names of routes and parts, never of people."""

from __future__ import annotations

from prometheus_client import Histogram

QUICK = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Seconds."""

REQUEST = Histogram(
    "amends_request_seconds", "How long a request to the desk took.", ["method", "route", "status"], buckets=QUICK
)
ANSWER = Histogram(
    "amends_answer_seconds",
    "From when a message came in until its answer was kept.",
    ["source"],
    buckets=(*QUICK, 60.0, 300.0, 3600.0),
)
ACKNOWLEDGEMENT = Histogram(
    "amends_slack_ack_seconds", "How long what Slack sent took to be kept.", ["kept"], buckets=QUICK
)
ACTION = Histogram("amends_action_seconds", "How long an action took.", ["outcome"], buckets=QUICK)
