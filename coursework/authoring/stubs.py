"""Find tests that a student who writes nothing would pass.

The judge grades the release as if it were a submission. It runs in a process of its own,
with a time limit, since it runs the lesson's code.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat

from coursework.errors import LessonError
from coursework.judge.session import Judge
from coursework.lesson import Cell, Lesson, read_lesson

__all__ = ["stub_passes"]

_SECONDS = 180


def stub_passes(lesson: Lesson, release: Path) -> list[Cell]:
    """Return the tests of a lesson that give points for its stubs.

    Parameters
    ----------
    lesson : Lesson
    release : Path
        The notebook with stubs.

    Raises
    ------
    LessonError
        A given cell or a solution raises, or the time limit is over.
    """
    try:
        done = subprocess.run(
            # -P: modules that a course builds lie in a folder coursework, which is no package.
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
    return [cell for cell in lesson.of_kind("test") if cell.id in answer["passed"]]


def _answer(lesson: Lesson, release: Path) -> dict[str, Any]:
    """Grade the stubs; runs in the process of its own."""
    notebook = nbformat.read(release, as_version=4)
    try:
        with Judge(figures="none") as judge:
            report = judge.grade(lesson, notebook, student="stub")
    except LessonError as error:
        return {"line": error.line, "message": error.message}
    return {"passed": [outcome.id for outcome in report.outcomes if outcome.points]}


if __name__ == "__main__":
    print(json.dumps(_answer(read_lesson(Path(sys.argv[1])), Path(sys.argv[2]))))  # noqa: T201
