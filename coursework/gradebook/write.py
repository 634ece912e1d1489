"""Marks into nbgrader's gradebook: each submission in one transaction.

nbgrader opens a gradebook for every notebook and commits every cell. Here one engine serves the
whole run, and a submission is recorded as a whole or not at all.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import select, update
from sqlalchemy.orm import Session, with_polymorphic

from coursework.errors import ConfigError, SubmissionError
from coursework.gradebook.database import connected
from coursework.gradebook.marks import NotebookMarks
from coursework.gradebook.penalties import Penalty, penalise, penalties_of

__all__ = [
    "Book",
    "by_name",
    "open_book",
    "submission_of",
    "write_marks",
]

_ASIDE = "(Marked {:g} before it was decided that this does not count.)"


def write_marks(
    session: Session,
    submitted: SubmittedNotebook,
    marks: NotebookMarks,
    *,
    keeps_reviews: bool = False,
) -> None:
    """Write marks and comments of the grader into a submitted notebook's entries.

    Marks and comments that a person gave stay; such a mark needs review, as in nbgrader.
    Only for a cell without points does it go, into the comment.

    Parameters
    ----------
    session : Session
    submitted : SubmittedNotebook
    marks : NotebookMarks
    keeps_reviews : bool
        Whether a person's mark needs no review while the grader's own is unchanged, as when the
        same answers are graded again.

    Raises
    ------
    ConfigError
        The gradebook does not know a cell, or gives it other points.
    """
    grades = by_name(session, Grade, submitted)
    comments = by_name(session, Comment, submitted)
    for name, text in marks.comments:
        if name in comments:
            comments[name][0].auto_comment = text
    for mark in marks.marks:
        grade, cell = grades.get(mark.id, (None, None))
        if grade is None or cell.max_score != mark.max_points:
            known = f"gives it {cell.max_score:g}" if grade else "does not know it"
            msg = (
                f"{marks.notebook}: `{mark.id}` has {mark.max_points:g} points in source/, but the "
                f"gradebook {known}; run `nbgrader generate_assignment --force` for its assignment"
            )
            raise ConfigError(msg)
        if not mark.max_points:
            _put_aside(grade, comments.get(mark.id))
        if grade.manual_score is None:
            grade.needs_manual_grade = mark.points is None
        elif not keeps_reviews or grade.auto_score != mark.points:
            grade.needs_manual_grade = True
        grade.auto_score = mark.points


def _put_aside(grade: Grade, entry: tuple[Comment, BaseCell] | None) -> None:
    """Move a person's mark from a cell that no longer gives points into the comment."""
    mark = "" if grade.manual_score is None else _ASIDE.format(grade.manual_score)
    grade.manual_score = None
    if entry is None:
        return
    comment = entry[0]
    said, reason = comment.manual_comment or "", comment.auto_comment or ""
    # A person's comment hides the grader's.
    if mark or (said and reason not in said):
        comment.manual_comment = "\n\n".join(filter(None, (said, reason, mark)))


def by_name(
    session: Session, entry: type[Grade | Comment], submitted: SubmittedNotebook
) -> dict[str, tuple[Grade | Comment, BaseCell]]:
    """Return grades or comments of a submitted notebook, with their cells, by `grade_id`."""
    # With the columns of its kind; otherwise each cell's points would take a query of their own.
    whole = with_polymorphic(BaseCell, "*")
    rows = session.execute(
        select(entry, whole)
        .join(whole, entry.cell_id == whole.id)
        .where(entry.notebook_id == submitted.id)
        .order_by(whole.name)
    )
    return {cell.name: (found, cell) for found, cell in rows}


class Book:
    """The gradebook of one assignment, open for a whole run; use `open_book`.

    Parameters
    ----------
    gradebook : Gradebook
    assignment : str
        Its name.
    """

    def __init__(self, gradebook: Gradebook, assignment: str) -> None:
        self._gradebook = gradebook
        self.assignment = assignment
        found = self.assignment_of(gradebook.db)
        self._notebooks = {notebook.name: notebook.id for notebook in found.notebooks}
        gradebook.db.rollback()

    @property
    def notebooks(self) -> tuple[str, ...]:
        """Names of the assignment's notebooks, in order."""
        return tuple(sorted(self._notebooks))

    def record(
        self,
        student: str,
        timestamp: datetime | None,
        marks: Sequence[NotebookMarks],
        penalty: Penalty,
        *,
        may_create: bool = True,
        keeps_reviews: bool = False,
    ) -> None:
        """Record a submission in one transaction.

        Parameters
        ----------
        student : str
        timestamp : datetime or None
            When it was submitted, in UTC; None leaves what the gradebook holds.
        marks : sequence of NotebookMarks
            Of those of its notebooks that have just been graded.
        penalty : callable
            For late submissions.
        may_create : bool
            Whether a student unknown to the gradebook is entered.
        keeps_reviews : bool
            As in `write_marks`.

        Raises
        ------
        SubmissionError
            The student is unknown and must not be created.
        ConfigError
            The gradebook is out of date.
        """
        with self.session() as session, session.begin():
            submission = self._submission(session, student, may_create=may_create)
            if timestamp is not None:
                submission.timestamp = timestamp
            entries = {entry.notebook_id: entry for entry in submission.notebooks}
            for found in marks:
                entry = entries[self._notebooks[found.notebook]]
                write_marks(session, entry, found, keeps_reviews=keeps_reviews)
                session.flush()
                penalise(session, entry, submission, penalty)

    def penalties(
        self,
        penalty: Penalty,
        students: Collection[str] | None = None,
        *,
        record: bool = False,
    ) -> dict[tuple[str, str], tuple[float, float]]:
        """Return the penalties that have changed, before and after, by student and notebook.

        The due date, a mark by hand, an extension or the plugin may have changed. No mark is
        touched.

        Parameters
        ----------
        penalty : callable
            For late submissions.
        students : collection of str, optional
            Only these.
        record : bool
            Whether to record them, all in one transaction.
        """
        with self.session() as session, session.begin():
            found = penalties_of(session, self.assignment, penalty, students)
            if record and found:
                rows = [
                    {"id": number, "late_submission_penalty": new}
                    for number, _, new in found.values()
                ]
                session.execute(update(SubmittedNotebook), rows)
        return {place: (old, new or 0.0) for place, (_, old, new) in found.items()}

    def session(self) -> Session:
        """Return a new session of the gradebook's database, for reading."""
        return Session(self._gradebook.engine)

    def assignment_of(self, session: Session) -> Assignment:
        """Return the assignment's entry.

        Raises
        ------
        ConfigError
            There is none.
        """
        found = session.scalars(
            select(Assignment).where(Assignment.name == self.assignment)
        ).first()
        if found is None:
            msg = (
                f"the gradebook does not know the assignment {self.assignment}: "
                f"run `nbgrader generate_assignment {self.assignment} --force`"
            )
            raise ConfigError(msg)
        return found

    def _submission(
        self, session: Session, student: str, *, may_create: bool
    ) -> SubmittedAssignment:
        if session.get(Student, student) is None:
            if not may_create:
                msg = f"the gradebook does not know {student!r}: use `nbgrader db student add`"
                raise SubmissionError(msg)
            session.add(Student(id=student))
        assignment = self.assignment_of(session)
        found = submission_of(session, assignment, student)
        return found or _new_submission(session, assignment, student)


def submission_of(
    session: Session, assignment: Assignment, student: str
) -> SubmittedAssignment | None:
    """Return what a student submitted, if the gradebook holds it."""
    wanted = select(SubmittedAssignment).where(
        SubmittedAssignment.assignment_id == assignment.id,
        SubmittedAssignment.student_id == student,
    )
    return session.scalars(wanted).first()


def _new_submission(session: Session, assignment: Assignment, student: str) -> SubmittedAssignment:
    """Mirror the assignment's cells, as nbgrader's `add_submission`, but without a commit."""
    with session.no_autoflush:
        submission = SubmittedAssignment(assignment=assignment, student_id=student)
        for notebook in assignment.notebooks:
            entry = SubmittedNotebook(notebook=notebook, assignment=submission)
            for cell in (*notebook.grade_cells, *notebook.task_cells):
                Grade(cell_id=cell.id, notebook=entry)
            for cell in (*notebook.solution_cells, *notebook.task_cells):
                Comment(cell_id=cell.id, notebook=entry)
        session.add(submission)
    session.flush()
    return submission


@contextmanager
def open_book(db_url: str, course_id: str, assignment: str) -> Iterator[Book]:
    """Open the gradebook of an assignment while the block runs.

    Raises
    ------
    ConfigError
        The gradebook does not know the assignment, or cannot be used.
    """
    with connected(db_url, course_id) as gradebook:
        yield Book(gradebook, assignment)
