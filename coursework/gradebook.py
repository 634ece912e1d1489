"""Marks into nbgrader's gradebook: each submission in one transaction.

nbgrader opens a gradebook for every notebook and commits every cell. Here one engine
serves the whole run, and a submission is recorded as a whole or not at all.
"""

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    GradeCell,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import select
from sqlalchemy.orm import Session

from coursework.annotate import is_readable, notes_of
from coursework.errors import ConfigError, JudgeError
from coursework.judge.report import Outcome
from coursework.submission import read_submission

__all__ = ["Book", "Mark", "NotebookMarks", "Penalty", "Score", "fill", "marks_of", "open_book", "remark_missing"]

Penalty = Callable[[str, float, float], float | None]
"""(student, score, seconds late) → points to take off, as nbgrader's plugin says."""

_NO_RESPONSE = "No response."


@dataclass(frozen=True)
class Mark:
    """What the grader says of a cell; `points` is None where a person must grade it."""

    id: str
    points: float | None
    max_points: float


@dataclass(frozen=True)
class NotebookMarks:
    """Marks of a notebook, and its comments by the `grade_id` of the answer."""

    notebook: str
    marks: tuple[Mark, ...]
    comments: tuple[tuple[str, str | None], ...] = ()


@dataclass(frozen=True)
class Score:
    """What the gradebook holds of a submitted notebook, whoever gave the points."""

    student: str
    notebook: str
    points: float
    max_points: float
    penalty: float
    needs_manual_grade: bool


def marks_of(notebook: NotebookNode, name: str, outcomes: Iterable[Outcome]) -> NotebookMarks:
    """Return the marks of a repaired notebook.

    A test has the points of its outcome. An answer that a person grades has 0 when it is
    still the stub, else no mark yet: nbgrader's rule.

    Parameters
    ----------
    notebook : NotebookNode
        Repaired, or repaired and annotated.
    name : str
        Its name in the gradebook.
    outcomes : iterable of Outcome

    Raises
    ------
    JudgeError
        A test cell has no outcome.
    """
    earned = {outcome.id: outcome for outcome in outcomes}
    excuse = _NO_RESPONSE if is_readable(notebook) else " ".join(notes_of(notebook))
    marks, comments = [], []
    for cell in notebook.cells:
        if utils.is_grade(cell):
            marks.append(_mark(cell, earned))
        if utils.is_solution(cell):
            comment = excuse if _is_untouched(cell) else None
            comments.append((cell.metadata.nbgrader.grade_id, comment))
    return NotebookMarks(name, tuple(marks), tuple(comments))


def _mark(cell: NotebookNode, earned: dict[str, Outcome]) -> Mark:
    name, most = cell.metadata.nbgrader.grade_id, float(cell.metadata.nbgrader.points)
    if utils.is_solution(cell):
        return Mark(name, 0.0 if _is_untouched(cell) else None, most)
    if name not in earned:
        msg = f"the judge gave no verdict on `{name}`"
        raise JudgeError(msg)
    return Mark(name, min(max(earned[name].points, 0.0), most), most)


def _is_untouched(cell: NotebookNode) -> bool:
    return cell.metadata.nbgrader.get("checksum") == utils.compute_checksum(cell)


def fill(session: Session, submitted: SubmittedNotebook, marks: NotebookMarks) -> None:
    """Write marks and comments of the grader into a submitted notebook's entries.

    Marks and comments that a person gave stay; such a mark is up for review, as nbgrader
    has it.

    Raises
    ------
    ConfigError
        The gradebook does not know a cell, or gives it other points.
    """
    grades = _by_name(session, Grade, submitted)
    for mark in marks.marks:
        grade, cell = grades.get(mark.id, (None, None))
        if grade is None or cell.max_score != mark.max_points:
            known = f"gives it {cell.max_score:g}" if grade else "does not know it"
            msg = (
                f"{marks.notebook}: `{mark.id}` has {mark.max_points:g} points in source/, but the "
                f"gradebook {known}; run `nbgrader generate_assignment --force` for its assignment"
            )
            raise ConfigError(msg)
        grade.auto_score = mark.points
        grade.needs_manual_grade = grade.manual_score is not None or mark.points is None
    comments = _by_name(session, Comment, submitted)
    for name, text in marks.comments:
        if name in comments:
            comments[name][0].auto_comment = text


def remark_missing(session: Session, submission: SubmittedAssignment, folder: Path) -> None:
    """Say in the comments of notebooks that are not in the submitted folder why they get 0."""
    for entry in submission.notebooks:
        path = folder / f"{entry.name}.ipynb"
        if not os.path.lexists(path):
            for comment, _ in _by_name(session, Comment, entry).values():
                comment.auto_comment = " ".join(read_submission(path).notes)


def _by_name(
    session: Session, entry: type[Grade | Comment], submitted: SubmittedNotebook
) -> dict[str, tuple[Grade | Comment, BaseCell]]:
    rows = session.execute(
        select(entry, BaseCell)
        .join(BaseCell, entry.cell_id == BaseCell.id)
        .where(entry.notebook_id == submitted.id)
    )
    return {cell.name: (found, cell) for found, cell in rows}


class Book:
    """The gradebook of one assignment, open for a whole run; use `open_book`.

    Parameters
    ----------
    gradebook : Gradebook
        Closed with this.
    assignment : str
    """

    def __init__(self, gradebook: Gradebook, assignment: str) -> None:
        self._gradebook = gradebook
        self._name = assignment
        found = self._assignment_of(gradebook.db)
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
    ) -> None:
        """Record a submission in one transaction.

        Parameters
        ----------
        student : str
        timestamp : datetime or None
            When it was submitted, in UTC; None leaves what the gradebook holds.
        marks : sequence of NotebookMarks
            Of those of its notebooks that were graded now.
        penalty : callable
            For late submissions.
        may_create : bool
            Whether a student unknown to the gradebook is entered.

        Raises
        ------
        ConfigError
            The student is unknown and must not be created, or the gradebook is out of date.
        """
        with Session(self._gradebook.engine) as session, session.begin():
            submission = self._submission(session, student, may_create=may_create)
            if timestamp is not None:
                submission.timestamp = timestamp
            entries = {entry.notebook_id: entry for entry in submission.notebooks}
            for found in marks:
                entry = entries[self._notebooks[found.notebook]]
                fill(session, entry, found)
                session.flush()
                _penalise(session, entry, submission, student, penalty)

    def complete(self) -> set[str]:
        """Return the students whose submission lacks no mark that the grader gives."""
        lacking = (
            select(SubmittedNotebook.assignment_id)
            .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
            .join(GradeCell, GradeCell.id == Grade.cell_id)
            .where(GradeCell.cell_type == "code", Grade.auto_score.is_(None))
        )
        wanted = (
            select(SubmittedAssignment.student_id)
            .join(Assignment)
            .where(Assignment.name == self._name, SubmittedAssignment.id.not_in(lacking))
        )
        with Session(self._gradebook.engine) as session:
            return set(session.scalars(wanted))

    def scores(self, students: Collection[str]) -> Iterator[Score]:
        """Yield the scores of these students' notebooks, by student and notebook."""
        wanted = (
            select(
                SubmittedAssignment.student_id,
                Notebook.name,
                SubmittedNotebook.score,
                SubmittedNotebook.max_score,
                SubmittedNotebook.late_submission_penalty,
                SubmittedNotebook.needs_manual_grade,
            )
            .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
            .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
            .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
            .where(Assignment.name == self._name)
            .order_by(SubmittedAssignment.student_id, Notebook.name)
        )
        with Session(self._gradebook.engine) as session:
            for student, name, points, most, taken, is_open in session.execute(wanted):
                if student in students:
                    yield Score(student, name, points, most, taken or 0.0, bool(is_open))

    def close(self) -> None:
        """Close the gradebook."""
        self._gradebook.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _assignment_of(self, session: Session) -> Assignment:
        found = session.scalars(select(Assignment).where(Assignment.name == self._name)).first()
        if found is None:
            msg = (
                f"the gradebook does not know the assignment {self._name}: "
                f"run `nbgrader generate_assignment {self._name} --force`"
            )
            raise ConfigError(msg)
        return found

    def _submission(
        self, session: Session, student: str, *, may_create: bool
    ) -> SubmittedAssignment:
        if session.get(Student, student) is None:
            if not may_create:
                msg = f"the gradebook does not know the student {student!r}: `nbgrader db student add`"
                raise ConfigError(msg)
            session.add(Student(id=student))
        assignment = self._assignment_of(session)
        wanted = select(SubmittedAssignment).where(
            SubmittedAssignment.assignment_id == assignment.id,
            SubmittedAssignment.student_id == student,
        )
        submission = session.scalars(wanted).first()
        return submission or _new_submission(session, assignment, student)


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


def _penalise(
    session: Session,
    entry: SubmittedNotebook,
    submission: SubmittedAssignment,
    student: str,
    penalty: Penalty,
) -> None:
    entry.late_submission_penalty = None
    if submission.assignment.duedate is None or not submission.total_seconds_late:
        return
    session.refresh(entry, ["score"])
    taken = penalty(student, entry.score, submission.total_seconds_late)
    if taken is not None:
        entry.late_submission_penalty = min(max(taken, 0.0), entry.score)


def open_book(db_url: str, course_id: str, assignment: str) -> Book:
    """Open the gradebook of an assignment.

    Raises
    ------
    ConfigError
        The gradebook does not know the assignment.
    """
    gradebook = Gradebook(db_url, course_id)
    try:
        return Book(gradebook, assignment)
    except BaseException:
        gradebook.close()
        raise
