"""Gather the report on a class from the gradebook, graded notebooks and submissions.

Students are read one after another, and only what is counted is kept of each.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from itertools import groupby
from operator import attrgetter

import numpy as np
from nbformat import NotebookNode

from coursework.course.cells import grade_id_of, is_graded_by_hand
from coursework.course.layout import Course
from coursework.errors import ConfigError
from coursework.feedback.report.costs import costs_of
from coursework.feedback.report.facts import Change, ClassReport, Standing, Waiting
from coursework.feedback.report.items import Place, items_of
from coursework.feedback.report.tally import Tally
from coursework.gradebook.read import Entry, entries, n_students
from coursework.gradebook.write import open_book
from coursework.grading.outcomes import outcome_of, read_graded
from coursework.nbgrader_bridge.settings import Settings, read_settings
from coursework.submissions.findings import CHANGES, kind_of
from coursework.submissions.metadata import notes_of

__all__ = ["Progress", "gather"]

Progress = Callable[[int, int], None]
"""Called with the number of students, and of those that have been read."""

_NO_MARK = "No response."


def gather(
    course: Course,
    assignment: str,
    times: Iterable[tuple[str, str, float]] = (),
    progress: Progress = lambda _, __: None,
) -> ClassReport:
    """Return the contents of the report on an assignment.

    Parameters
    ----------
    course : Course
    assignment : str
    times : iterable of (str, str, float)
        Student, notebook and the seconds that judging it took, if known.
    progress : callable

    Raises
    ------
    ConfigError
        The gradebook cannot be used, does not know the assignment, or holds no submission of it.
    """
    settings = read_settings(course.root, assignment)
    found = _Gathering(settings)
    with open_book(settings.db_url, settings.course_id, assignment) as book:
        total = n_students(book)
        progress(total, 0)
        by_student = groupby(entries(book), key=attrgetter("student"))
        for done, (student, marks) in enumerate(by_student, start=1):
            found.add(student, tuple(marks))
            progress(total, done)
    if not found.standings:
        msg = f"{assignment} has no graded submission: run `coursework grade {assignment}`"
        raise ConfigError(msg)
    seconds: dict[str, dict[str, float]] = {}
    for student, notebook, taken in times:
        seconds.setdefault(student, {})[notebook] = taken
    return found.report(_taught(course, assignment), seconds)


class _Gathering:
    """What has been read so far."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.standings: list[Standing] = []
        self._absent: list[str] = []
        self._lost: list[str] = []
        self._changes: list[Change] = []
        self._waiting: dict[tuple[str, str], dict[str, str]] = {}
        self._tally = Tally()
        self._most: dict[tuple[str, str], float] = {}
        self._marks: list[dict[tuple[str, str], float]] = []
        self._order: dict[tuple[str, str], int] = {}
        self._exercises: dict[tuple[str, str], str] = {}
        self._by_hand: set[tuple[str, str]] = set()

    def add(self, student: str, marks: tuple[Entry, ...]) -> None:
        """Add a student's marks, and what the graded notebooks tell."""
        self._most |= {(m.notebook, m.cell): m.max_points for m in marks if m.status != "late"}
        if all(mark.status == "none" for mark in marks):
            self._absent.append(student)
            return
        self.standings.append(_standing(student, marks))
        # A notebook that was not handed in counts as 0 points.
        self._marks.append({(m.notebook, m.cell): m.points for m in marks if m.is_final})
        for mark in marks:
            if not mark.is_final:
                reason = "" if mark.cause == _NO_MARK else mark.cause
                self._waiting.setdefault((mark.notebook, mark.cell), {})[student] = reason
        for notebook in dict.fromkeys(mark.notebook for mark in marks if mark.status != "none"):
            path = self._settings.autograded_folder(student) / f"{notebook}.ipynb"
            self._read(student, notebook, read_graded(path))

    def _read(self, student: str, notebook: str, graded: NotebookNode) -> None:
        if not graded.cells:
            self._lost.append(f"{student}/{notebook}")
        for note in notes_of(graded):
            if kind := kind_of(note, CHANGES):
                self._changes.append(Change(student, notebook, kind, note))
        for number, cell in enumerate(graded.cells):
            place = notebook, grade_id_of(cell)
            if place not in self._most:
                continue
            self._order.setdefault(place, number)
            if is_graded_by_hand(cell):
                self._by_hand.add(place)
            elif outcome := outcome_of(cell):
                self._exercises.setdefault(place, outcome.exercise)
                self._tally.add(student, notebook, outcome)

    def report(self, taught: list[str], times: Mapping[str, Mapping[str, float]]) -> ClassReport:
        """Return the whole report, with notebooks in teaching order."""
        places = sorted(self._most, key=lambda place: self._rank(place, taught))
        columns = [
            Place(*place, self._exercises.get(place) or place[1], place in self._by_hand, most)
            for place, most in ((place, self._most[place]) for place in places)
        ]
        rows = [[marks.get(place, np.nan) for place in places] for marks in self._marks]
        students = {one.student for one in self.standings}
        submitted = dict(self._settings.submissions())
        return ClassReport(
            assignment=self._settings.assignment,
            standings=tuple(self.standings),
            absent=tuple(name for name in self._absent if name not in submitted),
            ungraded=tuple(sorted(submitted.keys() - students)),
            lost=tuple(self._lost),
            items=items_of(columns, np.array(rows)),
            mistakes=self._tally.mistakes(),
            waiting=tuple(
                Waiting(*place, self._most[place], tuple(self._waiting[place]), _said(reasons))
                for place in places
                if (reasons := self._waiting.get(place))
            ),
            credits=self._tally.credits(),
            changes=tuple(self._changes),
            costs=costs_of(self._settings, students & submitted.keys(), times),
        )

    def _rank(self, place: tuple[str, str], taught: list[str]) -> tuple[int, str, int, str]:
        notebook, cell = place
        known = taught.index(notebook) if notebook in taught else len(taught)
        return known, notebook, self._order.get(place, len(self._order)), cell


def _standing(student: str, marks: Iterable[Entry]) -> Standing:
    found = tuple(marks)
    return Standing(
        student,
        sum(mark.points for mark in found),
        sum(mark.max_points for mark in found),
        -sum(mark.points for mark in found if mark.status == "late"),
        sum(mark.max_points for mark in found if not mark.is_final),
    )


def _said(reasons: dict[str, str]) -> dict[str, str]:
    return {student: reason for student, reason in reasons.items() if reason}


def _taught(course: Course, assignment: str) -> list[str]:
    """Return the assignment's notebooks in teaching order; those without a lesson are left out."""
    with suppress(ConfigError):
        return [path.stem for path in course.lesson_files(assignment)]
    return []
