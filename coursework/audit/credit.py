"""Credit: a known mistake costs its own exercise, and no right answer behind it.

The whole notebook with the mistake is graded as a student's is, with fair credit. Each
exercise that comes later and uses this one has the solution's answer, and must keep all its
points. What cannot is listed, with the reason, in the file of the lesson's known mistakes.
"""

from dataclasses import replace

from nbformat import NotebookNode

from coursework.audit.cases import Case, Subject
from coursework.judge.credit import used_by
from coursework.judge.instructor import Instructor
from coursework.judge.report import Report
from coursework.judge.session import Judge

__all__ = ["Later", "later_answers"]

Later = tuple[tuple[str, str], ...]
"""Exercises, and what right answers to them lose points by."""

_READERS = frozenset({"show", "yours"})


def later_answers(judge: Judge, subject: Subject, case: Case) -> Later:
    """Return the exercises that come after a mistake and use it, with what they lose points by.

    Parameters
    ----------
    judge : Judge
        That gives fair credit.
    subject : Subject
    case : Case
        Of a mistake.
    """
    exercises = _later(judge.instructor(subject.lesson), case.exercise)
    if not exercises:
        return ()
    notebook = subject.notebook(replace(case, exercise=""))
    # On cells for readers no test depends.
    cells = [cell for cell in notebook.cells if _READERS.isdisjoint(cell.metadata.get("tags", ()))]
    notebook = NotebookNode(notebook, cells=cells)
    passed = _before(cells, case.exercise)
    report = judge.grade(subject.lesson, notebook, case.student, explains=False, passed=passed)
    return tuple((exercise, _loss(report, exercise)) for exercise in exercises)


def _before(cells: list[NotebookNode], exercise: str) -> frozenset[str]:
    """Return the tests before a cell: the solution, with the same inputs, passes them."""
    places = {cell.id: place for place, cell in enumerate(cells)}
    return frozenset(cell.id for cell in cells[: places[exercise]] if cell.metadata.get("test"))


def _later(instructor: Instructor, exercise: str) -> list[str]:
    tests = tuple(instructor.lesson.of_kind("test"))
    places = {name: i for i, name in enumerate(dict.fromkeys(test.exercise for test in tests))}
    users = [test.exercise for test in tests if used_by(instructor, test, [exercise])]
    later = [name for name in users if places[name] > places.get(exercise, len(places))]
    return list(dict.fromkeys(later))


def _loss(report: Report, exercise: str) -> str:
    lost = [
        f"{one.id}: {one.message}"
        for one in report.outcomes
        if one.exercise == exercise and one.points < one.max_points
    ]
    return lost[0] if lost else ""
