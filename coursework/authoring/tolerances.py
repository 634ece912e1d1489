"""Find empty checks: the expected value is smaller than the error that is allowed."""

import sys
from collections.abc import Iterator
from types import FrameType
from typing import Any

import numpy as np

from coursework.check import Context
from coursework.check.compare import Tolerance
from coursework.course.lesson import Lesson
from coursework.errors import LessonError
from coursework.judge.instructor import Instructor
from coursework.judge.test_run import run_test

__all__ = ["empty_checks"]

_TEXT = (
    "the check allows an error of atol={atol:g}, and expects nothing above {largest:.2g}: "
    "zero passes too; set atol=0, or one that is far smaller than what is expected"
)


def empty_checks(lesson: Lesson) -> list[LessonError]:
    """Run the tests of a lesson with its own solutions; return the checks that are empty.

    A check that expects zero is not empty: there `atol` says how near to zero it must be.

    Raises
    ------
    LessonError
        A given cell or a solution raises.
    """
    instructor = Instructor.of(lesson)
    own = {name: instructor.namespace.get(name) for name in instructor.exercise_names}
    found: dict[int, LessonError] = {}
    watcher = _Watcher(lesson, found)
    for test in lesson.of_kind("test"):
        run_test(test, instructor, Context(watch=watcher), own)
    return [found[line] for line in sorted(found)]


class _Watcher:
    """Sees each comparison, and keeps the empty ones by the line of the check."""

    def __init__(self, lesson: Lesson, found: dict[int, LessonError]) -> None:
        self._lesson, self._found = lesson, found
        self._cells = {f"<{cell.id}>": cell.line for cell in lesson.cells}

    def __call__(self, expected: object, tolerance: Tolerance) -> None:
        for value in _numbers(expected):
            largest = float(np.max(np.abs(value), initial=0.0))
            if 0 < largest < tolerance.atol:
                line = self._line(sys._getframe(1))  # noqa: SLF001  (whoever compares)
                text = _TEXT.format(atol=tolerance.atol, largest=largest)
                self._found.setdefault(line, LessonError(self._lesson.path, line, text))

    def _line(self, frame: FrameType | None) -> int:
        """Return the line of the lesson that the comparison was called from."""
        while frame is not None:
            if frame.f_code.co_filename in self._cells:
                return self._cells[frame.f_code.co_filename] + frame.f_lineno - 1
            frame = frame.f_back
        return 0


def _numbers(value: Any) -> Iterator[np.ndarray]:
    """Yield the arrays of numbers in a value, for containers each by itself."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple) and not all(np.isscalar(one) for one in value):
        for one in value:
            yield from _numbers(one)
        return
    try:
        array = np.asarray(value)
    except (TypeError, ValueError):
        return
    if array.dtype.kind in "iufc":
        yield array
