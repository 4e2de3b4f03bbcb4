"""What leaves the console as files: one incident as an evidence bundle, and lists of incidents."""


class CannotExport(Exception):  # noqa: N818 - it reads as what it says
    """This cannot be exported now. The message is a sentence for the person."""
