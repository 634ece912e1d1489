"""Marks in a gradebook, made by hand: what a grading leaves there, without a judge."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from classroom import ASSIGNMENT
from nbgrader.api import Student, SubmittedNotebook
from sqlalchemy import select

from coursework.gradebook.marks import Mark, NotebookMarks
from coursework.gradebook.read import max_points
from coursework.gradebook.write import open_book

__all__ = ["due", "enter", "mark", "students_of"]

NOON = datetime(2030, 1, 1, 12)  # noqa: DTZ001  (as the gradebook has it, in UTC)


def enter(root: Path, *people: Mapping[str, str]) -> None:
    """Enter students: their ids, and what else is known of them."""
    with _book(root) as book, book.session() as session, session.begin():
        session.add_all(Student(**person) for person in people)


def mark(root: Path, student: str, points: Mapping[str, float | None], penalty: float = 0) -> None:
    """Give points to tests and questions; what has none waits for a person."""
    with _book(root) as book:
        found: dict[str, list[Mark]] = {}
        for (notebook, cell), most in max_points(book).items():
            found.setdefault(notebook, []).append(Mark(cell, points[cell], most))
        marks = [NotebookMarks(name, tuple(those)) for name, those in found.items()]
        book.record(student, NOON, marks, lambda *_: None)
        with book.session() as session, session.begin():
            entry = session.scalars(select(SubmittedNotebook)).first()
            entry.late_submission_penalty = penalty


def _book(root: Path):  # noqa: ANN202  (a context manager)
    return open_book(f"sqlite:///{root / 'gradebook.db'}", "ml-from-scratch", ASSIGNMENT)


def due(root: Path, time: str) -> None:
    """Set the due date of the assignment, in UTC."""
    with _book(root) as book, book.session() as session, session.begin():
        book.assignment_of(session).duedate = datetime.fromisoformat(time)


def students_of(root: Path) -> dict[str, Student]:
    """Return the students of the gradebook, by id."""
    with _book(root) as book, book.session() as session:
        found = session.scalars(select(Student)).all()
        session.expunge_all()
        return {one.id: one for one in found}
