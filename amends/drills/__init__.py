"""Drills: known cases to practise with, told as they unfolded; who practised, and what came of it."""
