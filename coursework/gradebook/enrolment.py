"""Enter students into the gradebook, whether or not they have submitted anything."""

from collections.abc import Iterable

from nbgrader.api import Gradebook, Student
from sqlalchemy.orm import Session

from coursework.gradebook.totals import Person

__all__ = ["enrol"]


def enrol(gradebook: Gradebook, persons: Iterable[Person]) -> tuple[int, int]:
    """Enter students, in one transaction; values that are empty in a person stay as they are.

    Parameters
    ----------
    gradebook : Gradebook
    persons : iterable of Person

    Returns
    -------
    tuple of int
        How many are new, and how many were updated.
    """
    n_new = n_changed = 0
    with Session(gradebook.engine) as session, session.begin():
        for person in persons:
            student = session.get(Student, person.id)
            if student is None:
                student = Student(id=person.id)
                session.add(student)
                n_new += 1
                _write(student, person)
            else:
                n_changed += _write(student, person)
    return n_new, n_changed


def _write(student: Student, person: Person) -> bool:
    """Write what is known about a person; return whether anything changed."""
    is_news = False
    for name in ("first_name", "last_name", "email", "lms_user_id"):
        value = getattr(person, name)
        if value and getattr(student, name) != value:
            setattr(student, name, value)
            is_news = True
    return is_news
