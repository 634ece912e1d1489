"""More time for one student: nbgrader's gradebook supports it, but has no command for it."""

from datetime import timedelta

from coursework.course.layout import Course
from coursework.errors import ConfigError
from coursework.gradebook.write import open_book, submission_of
from coursework.nbgrader_bridge.settings import read_settings

__all__ = ["extend"]


def extend(course: Course, assignment: str, student: str, more: timedelta) -> None:
    """Let a student submit later than others, and update the penalty.

    Parameters
    ----------
    course : Course
    assignment, student : str
    more : timedelta
        Counted from the due date; zero withdraws an extension.

    Raises
    ------
    ConfigError
        The gradebook has no submission of this student, or cannot be used.
    """
    settings = read_settings(course.root, assignment)
    with open_book(settings.db_url, settings.course_id, assignment) as book:
        with book.session() as session, session.begin():
            submission = submission_of(session, book.assignment_of(session), student)
            if submission is None:
                msg = (
                    f"the gradebook has no submission of {student!r} for {assignment} yet: "
                    "run `coursework grade` first; its penalty follows the extension"
                )
                raise ConfigError(msg)
            submission.extension = more or None
        book.penalties(settings.penalty, [student], record=True)
