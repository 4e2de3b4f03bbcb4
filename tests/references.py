"""References as the desk gives them out today: they carry the year in which the report came."""

from datetime import datetime
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def reference(number=1, kind="INC"):
    """That of the year's first report, or of a later one."""
    return f"{kind}-{datetime.now(LONDON).year}-{number:04}"
