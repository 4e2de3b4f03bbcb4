"""What goes into the log: where something broke, never what somebody wrote."""

from __future__ import annotations

import logging
import traceback


def log_error(logger: logging.Logger, error: BaseException) -> None:
    """Say where something broke. An error's text can hold what somebody wrote, so it is left out."""
    places = traceback.extract_tb(error.__traceback__)
    ours = [each for each in places if "/amends/" in each.filename]
    where = f"{(ours or places)[-1].filename}, line {(ours or places)[-1].lineno}" if places else "an unknown place"
    logger.error("%s in %s", type(error).__name__, where)


def quiet(name: str) -> logging.Logger:
    """A logger for slack-bolt and slack-sdk: they log what people write, and tickets; what matters we say ourselves."""
    logger = logging.getLogger(name)
    logger.setLevel(logging.CRITICAL)
    return logger
