"""Find tests that a student who writes nothing would pass.

Each exercise in turn is left as its stub while all others are solved, since grading does
not punish an early mistake twice. The lesson's code runs in a process of its own, with a
time limit.
"""

import contextlib
import io
import json
import os
import subprocess
import sys
import types
import warnings
from pathlib import Path
from typing import Any

from coursework.authoring.names import defined_names, plain
from coursework.errors import LessonError
from coursework.lesson import Cell, Lesson

__all__ = ["stub_passes"]

_SECONDS = 120


def stub_passes(lesson: Lesson, release: Lesson, folder: Path) -> list[Cell]:
    """Return the tests of a lesson that do not fail while their exercise is a stub.

    Parameters
    ----------
    lesson : Lesson
        With its solutions.
    release : Lesson
        The same lesson with stubs.
    folder : Path
        Where the code runs: the lesson's data files stand there.

    Raises
    ------
    LessonError
        A given cell or a solution raises, or the time limit is over.
    """
    work = {"solved": _work(lesson), "stubs": _work(release)}
    try:
        done = subprocess.run(
            [sys.executable, "-m", __name__],
            input=json.dumps(work),
            capture_output=True,
            text=True,
            check=False,
            cwd=folder,
            env=os.environ | {"MPLBACKEND": "Agg"},
            timeout=_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        text = f"its tests take longer than {_SECONDS} s against stubs: make them smaller"
        raise LessonError(lesson.path, 0, text) from error
    if done.returncode or not done.stdout:
        text = f"its code ends the process:\n{done.stderr.strip()[-2000:]}"
        raise LessonError(lesson.path, 0, text)
    answer = json.loads(done.stdout)
    if "raises" in answer:
        raise LessonError(lesson.path, _line(lesson, answer["cell"]), answer["raises"])
    return [cell for cell in lesson.of_kind("test") if cell.id in answer["passes"]]


def _line(lesson: Lesson, cell_id: str) -> int:
    return next(cell.line for cell in lesson.cells if cell.id == cell_id)


def _work(lesson: Lesson) -> list[dict[str, str]]:
    return [
        {"kind": cell.kind, "id": cell.id, "exercise": cell.exercise, "source": cell.source}
        for cell in lesson.of_kind("given", "exercise", "test")
    ]


class _CellRaises(Exception):  # noqa: N818  (an answer, not an error of this module)
    """A cell that must run does not."""


def _passes(solved: list[dict[str, str]], stubs: list[dict[str, str]]) -> list[str]:
    """Return the ids of passing tests; runs in the process of its own."""
    reference = _run(solved)
    sources = {cell["id"]: cell["source"] for cell in solved}
    passed = []
    for stub in (cell for cell in stubs if cell["kind"] == "exercise"):
        cells = [stub if cell["id"] == stub["id"] else cell for cell in solved]
        mixed = _run(cells, may_raise=True)
        lacking = defined_names(sources[stub["id"]]) - set(mixed)
        namespace = {k: v for k, v in (reference | mixed).items() if k not in lacking}
        namespace["reference"] = types.SimpleNamespace(**reference)
        passed += [
            cell["id"]
            for cell in solved
            if cell["kind"] == "test"
            and cell["exercise"] == stub["exercise"]
            and _succeeds(cell["source"], dict(namespace))
        ]
    return passed


def _run(cells: list[dict[str, str]], *, may_raise: bool = False) -> dict[str, Any]:
    """Run given code and exercises, and return the names they make."""
    namespace: dict[str, Any] = {"__name__": "lesson", "get_ipython": _NoShell}
    for cell in cells:
        if cell["kind"] == "test":
            continue
        try:
            exec(compile(plain(cell["source"]), f"<{cell['id']}>", "exec"), namespace)  # noqa: S102
        except Exception as error:
            if not may_raise:
                raise _CellRaises(cell["id"], f"{type(error).__name__}: {error}") from error
    return namespace


def _succeeds(source: str, namespace: dict[str, Any]) -> bool:
    try:
        exec(compile(source, "<test>", "exec"), namespace)  # noqa: S102
    except Exception:  # noqa: BLE001  (whatever it raises, the test fails)
        return False
    return True


class _NoShell:
    """What magics find in place of IPython: they do nothing."""

    def run_line_magic(self, *_: str) -> None:
        """Do nothing."""

    def system(self, *_: str) -> None:
        """Do nothing."""


def _main() -> None:
    work = json.load(sys.stdin)
    warnings.simplefilter("ignore")
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            answer: dict[str, Any] = {"passes": _passes(work["solved"], work["stubs"])}
        except _CellRaises as error:
            answer = {"cell": error.args[0], "raises": f"the cell raises {error.args[1]}"}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    _main()
