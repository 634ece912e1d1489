"""Students in the gradebook: their names and numbers, and their sum for an assignment."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from nbgrader.api import (
    Assignment,
    Gradebook,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import select
from sqlalchemy.orm import Session

from coursework.gradebook.read import max_points
from coursework.gradebook.write import Book

__all__ = ["Person", "Totals", "people", "totals_of"]


@dataclass(frozen=True)
class Person:
    """A student in the gradebook; what it does not know is empty."""

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_user_id: str = ""

    @property
    def sortable_name(self) -> str:
        """The name as lists sort it: “Lovelace, Ada”; if there is none, the id."""
        return ", ".join(filter(None, (self.last_name, self.first_name))) or self.id

    @property
    def full_name(self) -> str:
        """The name as people say it: “Ada Lovelace”; if there is none, the id."""
        return " ".join(filter(None, (self.first_name, self.last_name))) or self.id


@dataclass(frozen=True)
class Total:
    """What a submission has earned.

    Attributes
    ----------
    points : float
        Before the penalty.
    penalty : float
    submitted : datetime or None
        In UTC.
    is_final : bool
        False while a person still has to mark or review something.
    notebooks : mapping
        Points by notebook, before the penalty.
    """

    points: float = 0.0
    penalty: float = 0.0
    submitted: datetime | None = None
    is_final: bool = True
    notebooks: Mapping[str, float] = field(default_factory=dict)

    @property
    def score(self) -> float:
        """The points that count: as in nbgrader's own exporter, never less than 0."""
        return max(0.0, self.points - self.penalty)


@dataclass(frozen=True)
class Totals:
    """An assignment's sums, by student; students who submitted nothing are left out."""

    assignment: str
    max_points: float
    notebooks: tuple[str, ...]
    by_student: Mapping[str, Total]


def people(gradebook: Gradebook) -> tuple[Person, ...]:
    """Return all students, by id."""
    columns = Student.id, Student.first_name, Student.last_name, Student.email, Student.lms_user_id
    with Session(gradebook.engine) as session:
        rows = session.execute(select(*columns).order_by(Student.id))
        return tuple(Person(*(value or "" for value in row)) for row in rows)


def totals_of(book: Book) -> Totals:
    """Return the sums of an assignment."""
    found: dict[str, Total] = {}
    for student, total in _parts(book):
        before = found.get(student, Total())
        found[student] = Total(
            before.points + total.points,
            before.penalty + total.penalty,
            total.submitted,
            before.is_final and total.is_final,
            {**before.notebooks, **total.notebooks},
        )
    most = sum(max_points(book).values())
    return Totals(book.assignment, most, book.notebooks, found)


def _parts(book: Book) -> Iterator[tuple[str, Total]]:
    """Yield what each submitted notebook has earned, with its student."""
    wanted = (
        select(
            SubmittedAssignment.student_id,
            SubmittedAssignment.timestamp,
            Notebook.name,
            SubmittedNotebook.score,
            SubmittedNotebook.late_submission_penalty,
            SubmittedNotebook.needs_manual_grade,
        )
        .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
        .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .where(Assignment.name == book.assignment)
    )
    with book.session() as session:
        for student, time, name, points, taken, is_open in session.execute(wanted):
            yield student, Total(points, taken or 0.0, time, not is_open, {name: points})
