"""Credit: a known mistake costs its own exercise, and no right answer after it.

The whole notebook with the mistake is graded like a student's, with fair credit. Each later
exercise that uses this one has the solution's answer, and must keep all its points. Those that
cannot are listed, with the reason, in the file of the lesson's known mistakes.
"""

from dataclasses import replace
from typing import Any, cast

from nbformat import NotebookNode

from coursework.audit.cases import Case, Subject
from coursework.course.names import defined_names
from coursework.judge.fair_credit import used_by
from coursework.judge.instructor import Instructor
from coursework.judge.judge import Judge
from coursework.judge.report import Outcome, Report
from coursework.judge.sharing import used_at_once

__all__ = ["Credit", "Later"]

Later = tuple[tuple[str, str], ...]
"""Exercises, and what right answers to them lose points by."""

_READERS = frozenset({"show", "yours"})


class Credit:
    """What right answers after the mistakes of one exercise keep.

    Most second tries after these mistakes are the same: once one has passed, so have those after
    the others, and the first tries need not be made.

    Parameters
    ----------
    judge : Judge
        One that gives fair credit, and keeps second tries.
    subject : Subject
    exercise : str
    """

    def __init__(self, judge: Judge, subject: Subject, exercise: str) -> None:
        self._judge, self._subject, self._exercise = judge, subject, exercise
        self._exercises = _later(judge.instructor(subject.lesson), exercise)
        self._known: frozenset[str] = frozenset()  # tests that have passed in a second try

    def later_answers(self, case: Case) -> Later:
        """Return the exercises that come after a mistake and use it, with what they lose.

        Parameters
        ----------
        case : Case
            Of a mistake.
        """
        if not self._exercises:
            return ()
        notebook = self._subject.notebook(replace(case, exercise=""))
        # No test depends on cells for readers.
        cells = [c for c in notebook.cells if _READERS.isdisjoint(c.metadata.get("tags", ()))]
        notebook = NotebookNode(notebook, cells=cells)
        known = frozenset() if self._is_used_at_once(cells) else self._known
        report = self._grade(notebook, case, known)
        if known and not self._is_as_before(report):
            report = self._grade(notebook, case)
        if self._is_as_before(report):
            self._known |= self._passed_again(report)
        return tuple((exercise, _loss(report, exercise)) for exercise in self._exercises)

    def _grade(
        self, notebook: NotebookNode, case: Case, known: frozenset[str] = frozenset()
    ) -> Report:
        passed = known | self._untouched(notebook.cells)
        lesson, student = self._subject.lesson, case.student
        return self._judge.grade(lesson, notebook, student, explains=False, passed=passed)

    def _untouched(self, cells: list[NotebookNode]) -> frozenset[str]:
        """Return tests before the exercise, and those that do not use it.

        The solution, with the same inputs, passes them.
        """
        instructor = self._judge.instructor(self._subject.lesson)
        before = {cell.id for cell in cells[: _place(cells, self._exercise)]}
        return frozenset(
            test.id
            for test in instructor.lesson.of_kind("test")
            if test.exercise != self._exercise
            if test.id in before or not used_by(instructor, test, [self._exercise])
        )

    def _is_used_at_once(self, cells: list[NotebookNode]) -> bool:
        """Whether another cell uses the mistake while it runs: then second tries depend on it."""
        at_once: set[str] = set()
        for cell in cells:
            if cell.cell_type == "code" and cell.id != self._exercise and not _is_test(cell):
                at_once |= used_at_once(cell.source)
        own = cells[_place(cells, self._exercise)]
        return not at_once.isdisjoint(defined_names(own.source))

    def _is_as_before(self, report: Report) -> bool:
        """Whether only this exercise is wrong, and was so before anything that uses it.

        Then the second tries replace the same answers as after any such mistake.
        """
        own = [place for place, one in enumerate(report.outcomes) if self._is_own(one)]
        lost = [place for place, one in enumerate(report.outcomes) if one.points < one.max_points]
        are_together = bool(own) and own[-1] - own[0] + 1 == len(own)
        return are_together and bool(lost) and set(lost) <= set(own)

    def _is_own(self, outcome: Outcome) -> bool:
        return outcome.exercise == self._exercise

    def _passed_again(self, report: Report) -> frozenset[str]:
        """Return the tests whose second tries after the exercise have all passed in full."""
        tries = [
            (key[0], one)
            for key, one in cast("dict[tuple[Any, ...], Outcome]", self._judge.tries).items()
            if self._exercise in key
        ]
        failed = {test for test, one in tries if one.points < one.max_points}
        return frozenset(one.id for one in report.outcomes if one.credit) - failed


def _place(cells: list[NotebookNode], exercise: str) -> int:
    return next(place for place, cell in enumerate(cells) if cell.id == exercise)


def _is_test(cell: NotebookNode) -> bool:
    return bool(cell.metadata.get("test"))


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
