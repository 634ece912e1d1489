"""What a feedback page shows, as data; the template only lays it out.

Attributes whose names end in `_html` are safe to print as they are; all others are text.
"""

from dataclasses import dataclass

from coursework.judge.report import Status

__all__ = ["Check", "Fold", "Page", "Section"]


@dataclass(frozen=True)
class Check:
    """The verdict of a test cell, or of a named part of one.

    Attributes
    ----------
    name : str
        The part of the exercise that it checks; "" if there is only one.
    cause : str
        Why points were lost, in a few words.
    message, hints, diagnosis, credit
        As in `coursework.judge.report.Outcome`.
    source_html : str
        The visible part of the test; only with the first of several parts.
    """

    name: str
    points: float
    max_points: float
    status: Status
    cause: str = ""
    message: str = ""
    hints: tuple[str, ...] = ()
    diagnosis: str = ""
    credit: str = ""
    source_html: str = ""

    @property
    def is_full(self) -> bool:
        """Whether no points are lost."""
        return self.points >= self.max_points


@dataclass(frozen=True)
class Section:
    """An exercise or a question: what the student wrote and what it was worth.

    Attributes
    ----------
    points, max_points : float
        As in the gradebook.
    pending : bool
        Whether a person has yet to grade it.
    adjusted : bool
        Whether a grader gave other points than the judge.
    code_html, outputs_html, answer_html, comment_html : str
        Code and its outputs (an exercise), the rendered answer (a question), the grader's
        comment; "" if there is none.
    """

    anchor: str
    title: str
    is_question: bool
    points: float
    max_points: float
    pending: bool = False
    adjusted: bool = False
    checks: tuple[Check, ...] = ()
    code_html: str = ""
    outputs_html: str = ""
    answer_html: str = ""
    comment_html: str = ""

    @property
    def is_full(self) -> bool:
        """Whether no points are lost."""
        return not self.pending and self.points >= self.max_points

    @property
    def causes(self) -> tuple[str, ...]:
        """Return each reason why points were lost, once."""
        if self.pending:
            return ("waits for a grader",)
        found = [check.cause or "a check failed" for check in self.checks if not check.is_full]
        if self.is_question and not self.is_full:
            found.append(self._cause_by_hand())
        return tuple(dict.fromkeys(found))

    def _cause_by_hand(self) -> str:
        if self.comment_html:
            return "see the grader's comment"
        return "graded by hand" if self.answer_html or self.code_html else "no answer"


@dataclass(frozen=True)
class Fold:
    """What is between exercises and shown folded: prose, given code, the student's own cells."""

    title: str
    body_html: str


@dataclass(frozen=True)
class Page:
    """A feedback page.

    Attributes
    ----------
    points, max_points, late_penalty : float
        As in the gradebook; the penalty is already deducted from the points.
    notes_html : tuple of str
        What was repaired or refused before grading.
    items : tuple of Section or Fold
        In the order of the notebook.
    """

    student: str
    assignment: str
    notebook: str
    points: float
    max_points: float
    late_penalty: float = 0.0
    notes_html: tuple[str, ...] = ()
    items: tuple[Section | Fold, ...] = ()

    @property
    def sections(self) -> tuple[Section, ...]:
        """Exercises and questions, in order."""
        return tuple(item for item in self.items if isinstance(item, Section))

    @property
    def is_pending(self) -> bool:
        """Whether a person has yet to grade a part of it."""
        return any(section.pending for section in self.sections)
