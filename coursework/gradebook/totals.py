"""Students in the gradebook: their names and numbers, and their sum for an assignment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from nbgrader.api import Assignment, Gradebook, Student, SubmittedAssignment
from sqlalchemy import select
from sqlalchemy.orm import Session

from coursework.gradebook.read import max_points, scores
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
    times = _times(book)
    found: dict[str, Total] = {}
    for one in scores(book):
        before = found.get(one.student, Total())
        found[one.student] = Total(
            before.points + one.points,
            before.penalty + one.penalty,
            times.get(one.student),
            before.is_final and not one.needs_manual_grade,
            {**before.notebooks, one.notebook: one.points},
        )
    most = sum(max_points(book).values())
    return Totals(book.assignment, most, book.notebooks, found)


def _times(book: Book) -> dict[str, datetime | None]:
    """Return when each student submitted."""
    wanted = (
        select(SubmittedAssignment.student_id, SubmittedAssignment.timestamp)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .where(Assignment.name == book.assignment)
    )
    with book.session() as session:
        return {row.student_id: row.timestamp for row in session.execute(wanted)}
