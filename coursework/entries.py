"""Read the gradebook: every mark of an assignment, whoever gave it."""

from collections.abc import Iterator
from dataclasses import dataclass

from nbgrader.api import Comment, Grade, Notebook, Student, SubmittedAssignment
from sqlalchemy import select
from sqlalchemy.orm import Session

from coursework.gradebook import Book, by_name, submission_of

__all__ = ["Entry", "entries"]


@dataclass(frozen=True)
class Entry:
    """A mark in the gradebook, whoever gave it.

    `status` is "auto", "manual", "late" (points taken off) or "none" (nothing was submitted).
    """

    student: str
    notebook: str
    cell: str
    points: float
    max_points: float
    is_final: bool
    status: str
    cause: str = ""


def entries(book: Book) -> Iterator[Entry]:
    """Yield every mark of every student, by student, notebook and cell; late ones last."""
    with book.session() as session:
        assignment = book.assignment_of(session)
        notebooks = sorted(assignment.notebooks, key=lambda notebook: notebook.name)
        for student in session.scalars(select(Student.id).order_by(Student.id)).all():
            submission = submission_of(session, assignment, student)
            for notebook in notebooks:
                yield from _entries(session, notebook, student, submission)
            # Of a large class not everything need be held in memory.
            for found in submission.notebooks if submission else ():
                session.expire(found)


def _entries(
    session: Session, notebook: Notebook, student: str, submission: SubmittedAssignment | None
) -> Iterator[Entry]:
    cells = (*notebook.grade_cells, *notebook.task_cells)
    entries = submission.notebooks if submission else ()
    submitted = next((entry for entry in entries if entry.notebook_id == notebook.id), None)
    if submitted is None:
        for cell in cells:
            cause = "Nothing was submitted."
            yield Entry(
                student=student,
                notebook=notebook.name,
                cell=cell.name,
                points=0.0,
                max_points=cell.max_score,
                is_final=True,
                status="none",
                cause=cause,
            )
        return
    comments = by_name(session, Comment, submitted)
    remarks = {name: comment.comment for name, (comment, _) in comments.items()}
    for name, (grade, cell) in by_name(session, Grade, submitted).items():
        is_manual = grade.auto_score is None or grade.manual_score is not None
        yield Entry(
            student,
            notebook.name,
            name,
            grade.score,
            cell.max_score,
            not grade.needs_manual_grade,
            "manual" if is_manual else "auto",
            remarks.get(name) or "",
        )
    if taken := submitted.late_submission_penalty:
        cause = f"submitted {submission.total_seconds_late:.0f} seconds late"
        yield Entry(
            student=student,
            notebook=notebook.name,
            cell="late submission",
            points=-taken,
            max_points=0.0,
            is_final=True,
            status="late",
            cause=cause,
        )
