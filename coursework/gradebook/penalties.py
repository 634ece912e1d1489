"""Late penalties: what nbgrader's plugin deducts from what a notebook has earned."""

from collections.abc import Callable

from nbgrader.api import SubmittedAssignment, SubmittedNotebook
from sqlalchemy.orm import Session

__all__ = ["Penalty", "penalise"]

Penalty = Callable[[str, float, float], float | None]
"""(student, score, seconds late) → points to deduct, as nbgrader's plugin says."""


def penalise(
    session: Session,
    entry: SubmittedNotebook,
    submission: SubmittedAssignment,
    student: str,
    penalty: Penalty,
) -> None:
    """Write the penalty of a submitted notebook into its entry, from its present score.

    Parameters
    ----------
    session : Session
    entry : SubmittedNotebook
    submission : SubmittedAssignment
        The submission that it belongs to.
    student : str
    penalty : callable
    """
    entry.late_submission_penalty = None
    if submission.assignment.duedate is None or not submission.total_seconds_late:
        return
    session.refresh(entry, ["score"])
    taken = penalty(student, entry.score, submission.total_seconds_late)
    if taken is not None:
        entry.late_submission_penalty = min(max(taken, 0.0), entry.score)
