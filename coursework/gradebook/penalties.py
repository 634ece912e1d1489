"""Late penalties: what nbgrader's plugin deducts from what a notebook has earned."""

from collections.abc import Callable, Collection
from typing import Any

from nbgrader.api import Assignment, Grade, Notebook, SubmittedAssignment, SubmittedNotebook
from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, contains_eager, load_only

__all__ = ["Penalty", "penalise", "penalties_of"]

_FEW = 100  # names that a query may hold

Penalty = Callable[[str, float, float], float | None]
"""(student, score, seconds late) → points to deduct, as nbgrader's plugin says."""


def penalise(
    session: Session,
    entry: SubmittedNotebook,
    submission: SubmittedAssignment,
    penalty: Penalty,
) -> None:
    """Write the penalty of a submitted notebook into its entry, from its present score.

    Parameters
    ----------
    session : Session
    entry : SubmittedNotebook
    submission : SubmittedAssignment
        The submission that it belongs to.
    penalty : callable
    """
    entry.late_submission_penalty = None
    if _seconds_late(submission):
        session.refresh(entry, ["score"])
        entry.late_submission_penalty = _taken(submission, entry.score, penalty)


def penalties_of(
    session: Session, assignment: str, penalty: Penalty, students: Collection[str] | None = None
) -> dict[tuple[str, str], tuple[str, float, float | None]]:
    """Return the penalties of an assignment that differ from what the plugin says now.

    One query finds all of them, and nothing if nobody was late.

    Parameters
    ----------
    session : Session
    assignment : str
    penalty : callable
    students : collection of str, optional
        Only these.

    Returns
    -------
    dict
        (student, notebook) → the entry's number, and the penalty before and now.
    """
    found = {}
    for submission, number, name, score, old in session.execute(_maybe_late(assignment, students)):
        if students is not None and submission.student_id not in students:
            continue
        new = _taken(submission, score, penalty) if _seconds_late(submission) else None
        if (old or 0.0) != (new or 0.0):
            found[submission.student_id, name] = number, old or 0.0, new
    return found


def _maybe_late(assignment: str, students: Collection[str] | None) -> Select[Any]:
    """Select the notebooks that have a penalty, or may get one."""
    submission = SubmittedAssignment
    # nbgrader's own column would scan all grades once for each notebook.
    earned = (
        select(Grade.notebook_id, func.sum(Grade.score).label("score"))
        .group_by(Grade.notebook_id)
        .subquery()
    )
    found = (
        select(
            submission,
            SubmittedNotebook.id,
            Notebook.name,
            func.coalesce(earned.c.score, 0.0),
            SubmittedNotebook.late_submission_penalty,
        )
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == submission.id)
        .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
        .join(Assignment, Assignment.id == submission.assignment_id)
        .outerjoin(earned, earned.c.notebook_id == SubmittedNotebook.id)
        .where(
            Assignment.name == assignment,
            or_(
                submission.timestamp > Assignment.duedate,
                submission.extension.is_not(None),
                SubmittedNotebook.late_submission_penalty != 0,
            ),
        )
        .options(
            load_only(submission.student_id, submission.timestamp, submission.extension),
            contains_eager(submission.assignment).load_only(Assignment.duedate),
        )
        .order_by(submission.student_id, Notebook.name)
    )
    if students is not None and len(students) <= _FEW:
        return found.where(submission.student_id.in_(students))
    return found


def _seconds_late(submission: SubmittedAssignment) -> float:
    if submission.assignment.duedate is None:
        return 0.0
    seconds: float = submission.total_seconds_late
    return seconds


def _taken(submission: SubmittedAssignment, score: float, penalty: Penalty) -> float | None:
    """Return what a late submission loses from a notebook's score: at most all of it."""
    taken = penalty(submission.student_id, score, submission.total_seconds_late)
    return None if taken is None else min(max(taken, 0.0), score)
