"""A strict fake Slack: it refuses what Slack refuses, and sends what Slack sends.

`with FakeSlack() as slack:` runs it in a thread; `RemoteSlack.launch()` in a process of its own. The desk is pointed
at `slack.api_url` with `slack.bot_token`, `slack.app_token` and `slack.signing_secret`. At the end of a test
`slack.refused == []` says that nothing was done that Slack would not have taken.
"""

from tests.slack.fake.running import FakeSlack, RemoteSlack
from tests.slack.fake.seen import Ack, Call, File, Message, NotPossible, Refused, View

__all__ = ["Ack", "Call", "FakeSlack", "File", "Message", "NotPossible", "Refused", "RemoteSlack", "View"]
