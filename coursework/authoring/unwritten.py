"""Try the tests of a lesson: which pass if nothing is written, and which checks are empty.

The judge grades the release as if it were a submission; then the tests run with the
solutions. All this runs in a process of its own, with a time limit: it is the lesson's code.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from coursework.authoring.tolerances import empty_checks
from coursework.course.lesson import Cell, Lesson, read_lesson
from coursework.errors import LessonError
from coursework.judge.judge import Judge

__all__ = ["Tried", "try_tests"]

_SECONDS = 180


@dataclass(frozen=True)
class Tried:
    """What trying the tests of a lesson has shown.

    Attributes
    ----------
    passed : tuple of Cell
        Tests that give points for stubs.
    warnings : tuple of LessonError
        Checks whose tolerance leaves nothing to check.
    """

    passed: tuple[Cell, ...]
    warnings: tuple[LessonError, ...]


def try_tests(lesson: Lesson, release: Path) -> Tried:
    """Try the tests of a lesson with its stubs, and with its solutions.

    Parameters
    ----------
    lesson : Lesson
    release : Path
        The notebook with stubs.

    Raises
    ------
    LessonError
        A given cell or a solution raises, or time runs out.
    """
    try:
        done = subprocess.run(
            # -P: a course builds its modules in a folder `coursework`, which is not a package.
            [sys.executable, "-P", "-m", __name__, str(lesson.path.resolve()), str(release)],
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | {"MPLBACKEND": "Agg"},
            timeout=_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        text = f"its code and tests take longer than {_SECONDS} s: make them smaller"
        raise LessonError(lesson.path, 0, text) from error
    if done.returncode or not done.stdout:
        text = f"its code ends the process that runs it: {done.stderr.strip()[-2000:]}"
        raise LessonError(lesson.path, 0, text)
    answer = json.loads(done.stdout)
    if "message" in answer:
        raise LessonError(lesson.path, answer["line"], answer["message"])
    passed = (cell for cell in lesson.of_kind("test") if cell.id in answer["passed"])
    warnings = (LessonError(lesson.path, line, text) for line, text in answer["empty"])
    return Tried(tuple(passed), tuple(warnings))


def _answer(lesson: Lesson, release: Path) -> dict[str, Any]:
    """Grade the stubs, and run the tests; this runs in the separate process."""
    notebook = nbformat.read(release, as_version=4)
    try:
        with Judge(figures="none") as judge:
            report = judge.grade(lesson, notebook, student="stub")
        empty = [(one.line, one.message) for one in empty_checks(lesson)]
    except LessonError as error:
        return {"line": error.line, "message": error.message}
    passed = [outcome.id for outcome in report.outcomes if outcome.points]
    return {"passed": passed, "empty": empty}


if __name__ == "__main__":
    print(json.dumps(_answer(read_lesson(Path(sys.argv[1])), Path(sys.argv[2]))))  # noqa: T201
