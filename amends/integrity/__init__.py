"""Whether the record is as it was written: the whole of it, checked against its seals and against what is outside."""
