"""Read the gradebook: the marks and scores of an assignment, whoever gave them."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    GradeCell,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from coursework.gradebook.write import Book, by_name, submission_of

__all__ = [
    "Entry",
    "Score",
    "entries",
    "fully_graded",
    "marks_by_student",
    "max_points",
    "n_students",
    "scores",
]


@dataclass(frozen=True)
class Entry:
    """A mark in the gradebook, whoever gave it.

    `status` is "auto", "manual", "late" (points deducted) or "none" (nothing was submitted).
    """

    student: str
    notebook: str
    cell: str
    points: float
    max_points: float
    is_final: bool
    status: str
    cause: str = ""


@dataclass(frozen=True)
class Score:
    """What the gradebook holds about a submitted notebook, whoever gave the points."""

    student: str
    notebook: str
    points: float
    max_points: float
    penalty: float
    needs_manual_grade: bool


def fully_graded(book: Book) -> set[str]:
    """Return the students whose submissions have every mark that the grader gives."""
    lacking = (
        select(SubmittedNotebook.assignment_id)
        .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
        .join(GradeCell, GradeCell.id == Grade.cell_id)
        .where(GradeCell.cell_type == "code", Grade.auto_score.is_(None))
    )
    wanted = (
        select(SubmittedAssignment.student_id)
        .join(Assignment)
        .where(Assignment.name == book.assignment, SubmittedAssignment.id.not_in(lacking))
    )
    with book.session() as session:
        return set(session.scalars(wanted))


def marks_by_student(
    book: Book, student: str | None = None
) -> dict[str, dict[tuple[str, str], tuple[float | None, float | None]]]:
    """Return the grader's mark and a person's for each student, notebook and cell.

    Parameters
    ----------
    book : Book
    student : str, optional
        Only this one.
    """
    wanted = (
        select(
            SubmittedAssignment.student_id,
            Notebook.name,
            BaseCell.name,
            Grade.auto_score,
            Grade.manual_score,
        )
        .join(SubmittedNotebook, SubmittedNotebook.id == Grade.notebook_id)
        .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
        .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
        .join(BaseCell, BaseCell.id == Grade.cell_id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .where(Assignment.name == book.assignment)
    )
    if student is not None:
        wanted = wanted.where(SubmittedAssignment.student_id == student)
    found: dict[str, dict[tuple[str, str], tuple[float | None, float | None]]] = {}
    with book.session() as session:
        for name, notebook, cell, auto, manual in session.execute(wanted.select_from(Grade)):
            found.setdefault(name, {})[notebook, cell] = auto, manual
    return found


def n_students(book: Book) -> int:
    """Return how many students the gradebook knows, whether they submitted or not."""
    with book.session() as session:
        return session.scalar(select(func.count()).select_from(Student)) or 0


def max_points(book: Book) -> dict[tuple[str, str], float]:
    """Return the points of each marked notebook and cell of the assignment."""
    wanted = (
        select(Notebook.name, GradeCell.name, GradeCell.max_score)
        .join(Notebook, Notebook.id == GradeCell.notebook_id)
        .join(Assignment, Assignment.id == Notebook.assignment_id)
        .where(Assignment.name == book.assignment)
    )
    with book.session() as session:
        return {(notebook, cell): most for notebook, cell, most in session.execute(wanted)}


def scores(book: Book, students: Collection[str] | None = None) -> Iterator[Score]:
    """Yield the scores of submitted notebooks, by student and notebook.

    Parameters
    ----------
    book : Book
    students : collection of str, optional
        Only these.
    """
    # nbgrader's own columns look through all grades once for each notebook.
    wanted = (
        select(
            SubmittedAssignment.student_id,
            Notebook.name,
            Notebook.id,
            func.coalesce(func.sum(Grade.score), 0.0),
            SubmittedNotebook.late_submission_penalty,
            func.max(case((Grade.needs_manual_grade, 1), else_=0)),
        )
        .select_from(SubmittedNotebook)
        .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
        .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .outerjoin(Grade, Grade.notebook_id == SubmittedNotebook.id)
        .where(Assignment.name == book.assignment)
        .group_by(
            SubmittedNotebook.id,
            SubmittedAssignment.student_id,
            Notebook.name,
            Notebook.id,
            SubmittedNotebook.late_submission_penalty,
        )
        .order_by(SubmittedAssignment.student_id, Notebook.name)
    )
    of_notebook = (
        select(Notebook.id, Notebook.max_score)
        .join(Assignment, Assignment.id == Notebook.assignment_id)
        .where(Assignment.name == book.assignment)
    )
    with book.session() as session:
        most = {row.id: row.max_score for row in session.execute(of_notebook)}
        for student, name, number, points, taken, is_open in session.execute(wanted):
            if students is None or student in students:
                yield Score(student, name, points, most[number], taken or 0.0, bool(is_open))


def entries(book: Book) -> Iterator[Entry]:
    """Yield every mark of every student, by student, notebook and cell; late ones last."""
    with book.session() as session:
        assignment = book.assignment_of(session)
        notebooks = sorted(assignment.notebooks, key=lambda notebook: notebook.name)
        for student in session.scalars(select(Student.id).order_by(Student.id)).all():
            submission = submission_of(session, assignment, student)
            for notebook in notebooks:
                yield from _entries(session, notebook, student, submission)
            # For a large class, not everything need be held in memory.
            for found in submission.notebooks if submission else ():
                session.expire(found)


def _entries(
    session: Session, notebook: Notebook, student: str, submission: SubmittedAssignment | None
) -> Iterator[Entry]:
    cells = (*notebook.grade_cells, *notebook.task_cells)
    entries = submission.notebooks if submission else ()
    submitted = next((entry for entry in entries if entry.notebook_id == notebook.id), None)
    if submission is None or submitted is None:
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
