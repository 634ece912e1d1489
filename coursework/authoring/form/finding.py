"""What a rule of the form finds."""

from dataclasses import dataclass

__all__ = ["Finding"]


@dataclass(frozen=True)
class Finding:
    """A place where a lesson departs from the form.

    Attributes
    ----------
    rule : str
        In a word or two, for summaries.
    line : int
        Of the lesson, counted from 1.
    message : str
        What is wrong, and the remedy.
    """

    rule: str
    line: int
    message: str
