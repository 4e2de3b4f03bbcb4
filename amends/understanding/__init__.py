"""What people mean: facts out of free text, answers, corrections, times. Pure, offline, no language model."""

from amends.understanding.reading import AnswerReading, Fact, Reading, Understanding
from amends.understanding.times import TimeError, find_time, read_time

__all__ = ["AnswerReading", "Fact", "Reading", "TimeError", "Understanding", "find_time", "read_time"]
