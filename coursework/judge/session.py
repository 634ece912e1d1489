"""Grades a notebook: runs its cells in the student's process and the tests in this one."""

import hashlib
import hmac
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from nbformat import NotebookNode

from coursework.check import Context
from coursework.errors import JudgeError
from coursework.judge.instructor import Instructor
from coursework.judge.limits import Limits
from coursework.judge.process import PRELOAD, Lost, StudentProcess, Zygote
from coursework.judge.report import CellRun, Outcome, Report
from coursework.judge.sandbox import make_sandbox
from coursework.judge.standin import StandIns, StudentError
from coursework.judge.trial import Trial
from coursework.lesson import Cell, Lesson

__all__ = ["Judge"]

_GROWTH = 1.5


class Judge:
    """Grades notebooks; keeps the zygote and the instructor's side of each lesson.

    Parameters
    ----------
    limits : Limits
    secret : bytes
        The course's secret; with student, assignment and exercise it seeds `check.rng`.
    preload : sequence of str
        Modules that the zygote imports once.
    figures : {"none", "manual", "all"}
        Which figures of students are rendered; "manual": in cells that a person grades.
    isolation : {"auto", "full", "process"}
        See `sandbox.make_sandbox`.
    renew_after : int
        Student processes that a zygote starts before it is replaced by a fresh one.

    Raises
    ------
    IsolationError
        The host cannot give the isolation that is demanded.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        secret: bytes = b"",
        preload: Sequence[str] = PRELOAD,
        figures: str = "manual",
        isolation: str = "auto",
        renew_after: int = 500,
    ) -> None:
        self.limits = limits or Limits()
        self._secret = secret
        self._figures = figures
        self._renew_after = renew_after
        self.sandbox = make_sandbox(isolation)
        self._preload = preload
        self._zygote: Zygote | None = None
        self._instructors: dict[Lesson, Instructor] = {}

    @property
    def zygote(self) -> Zygote:
        """The running zygote, started at first use and renewed before it grows old."""
        if self._zygote and self._is_old(self._zygote):
            self.close()
        if self._zygote is None:
            self._zygote = Zygote(self.limits, self.sandbox, self._preload)
        return self._zygote

    def _is_old(self, zygote: Zygote) -> bool:
        has_grown = zygote.resident_pages > _GROWTH * zygote.first_resident_pages
        return zygote.started >= self._renew_after or has_grown

    def spawn(self, standins: StandIns) -> StudentProcess:
        """Start a student's process; a zygote that has died is replaced once.

        Raises
        ------
        JudgeError
            No zygote can be started.
        """
        try:
            return self.zygote.spawn(standins.answer, standins.lend, standins.resolve)
        except JudgeError:
            self.close()
            return self.zygote.spawn(standins.answer, standins.lend, standins.resolve)

    def instructor(self, lesson: Lesson) -> Instructor:
        """Return the instructor's side of a lesson, built at first use."""
        if lesson not in self._instructors:
            self._instructors[lesson] = Instructor.of(lesson)
        return self._instructors[lesson]

    def grade(self, lesson: Lesson, notebook: NotebookNode, student: str) -> Report:
        """Grade a repaired notebook.

        Parameters
        ----------
        lesson : Lesson
            From `source/`.
        notebook : NotebookNode
            The submission, repaired: every test cell once, in the lesson's order.
        student : str
            Seeds the random inputs.

        Raises
        ------
        LessonError
            The lesson itself does not run.
        JudgeError
            The judge cannot work.
        """
        with Session(self, lesson, student) as session:
            return session.grade(notebook)

    def seed(self, lesson: Lesson, student: str, exercise: str) -> int:
        """Return the seed of an exercise's random inputs, for one student."""
        text = f"{student}\0{lesson.assignment}\0{lesson.name}\0{exercise}"
        digest = hmac.new(self._secret, text.encode("utf-8", "replace"), hashlib.sha256).digest()
        return int.from_bytes(digest[:16])

    def renders(self, cell: NotebookNode) -> bool:
        """Whether figures of a student's cell are rendered."""
        marks = cell.metadata.get("nbgrader", {})
        is_manual = marks.get("grade") and marks.get("solution")
        return self._figures == "all" or (self._figures == "manual" and bool(is_manual))

    def close(self) -> None:
        """End the zygote."""
        if self._zygote:
            self._zygote.close()
            self._zygote = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


@dataclass
class Session:
    """The grading of one notebook.

    A student's process that dies or sticks is replaced by a fresh one in which the earlier
    cells have run again, but for the one at fault; so it costs what it touched and no more.
    """

    judge: Judge
    lesson: Lesson
    student: str
    _process: StudentProcess | None = None
    _standins: StandIns | None = None
    _context: Context = field(default_factory=Context)
    _ran: list[tuple[str, str]] = field(default_factory=list)
    _faults: dict[str, str] = field(default_factory=dict)
    _end: float = 0.0
    _seconds: dict[str, float] = field(
        default_factory=lambda: {"spawn": 0.0, "cells": 0.0, "tests": 0.0}
    )

    def grade(self, notebook: NotebookNode) -> Report:
        """Run all cells in order and return the report."""
        instructor = self.judge.instructor(self.lesson)
        self._student()
        self._end = time.monotonic() + self.judge.limits.notebook_seconds
        tests = {cell.id: cell for cell in self.lesson.of_kind("test")}
        outcomes: dict[str, Outcome] = {}
        runs: dict[int, CellRun] = {}
        for index, cell in enumerate(notebook.cells):
            name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
            if name in tests:
                outcomes[name] = self._test(tests[name], instructor)
            elif cell.cell_type == "code" and "show" not in cell.metadata.get("tags", []):
                runs[index] = self._run(name or f"cell {index + 1}", cell)
        missing = (self._absent(test) for test in tests.values() if test.id not in outcomes)
        ordered = {outcome.id: outcome for outcome in (*outcomes.values(), *missing)}
        return Report(
            self.student,
            self.lesson.assignment,
            self.lesson.name,
            tuple(ordered[test] for test in tests),
            runs,
            seconds=dict(self._seconds),
        )

    # -- cells of the student

    def _run(self, name: str, cell: NotebookNode) -> CellRun:
        if not cell.source.strip():
            return CellRun()
        try:
            outputs, error = self._ask_run(name, cell.source, figures=self.judge.renders(cell))
        except Lost as lost:
            self._drop()
            text = f"The cell {lost}"
            self._faults[name] = text
            return CellRun((_error_output(text),), text)
        self._ran.append((name, cell.source))
        if error:
            self._faults[name] = f"The cell of `{name}` did not run to its end: {error}"
        return CellRun(tuple(outputs), error)

    def _ask_run(self, name: str, source: str, *, figures: bool) -> tuple[list[dict], str]:
        process = self._student()
        start = time.monotonic()
        try:
            process.set_deadline(self._seconds_left())
            answer = self._standins_of().ask(name, "run", name, source, figures)
        except StudentError as error:
            raise Lost("died", f"could not be run: {error.type_name}: {error}") from None
        finally:
            self._seconds["cells"] += time.monotonic() - start
        return _checked_run(answer, self.judge.limits)

    def _seconds_left(self) -> float:
        left = self._end - time.monotonic()
        if left <= 0:
            text = (
                f"was not run: the notebook's {self.judge.limits.notebook_seconds:g} s are used up."
            )
            raise Lost("timeout", text)
        return min(self.judge.limits.cell_seconds, left)

    # -- tests

    def _test(self, test: Cell, instructor: Instructor) -> Outcome:
        start = time.monotonic()
        seed = self.judge.seed(self.lesson, self.student, test.exercise)
        self._context = Context(seed=seed)
        trial = Trial(test, instructor, self._context, self._faults.get(test.exercise, ""))
        try:
            process = self._student()
            process.set_deadline(self._seconds_left())
            outcome = trial.run(self._standins_of())
            self._standins_of().forget()
            process.ask("forget")
        except Lost as lost:
            self._drop()
            text = f"`{test.exercise}` {lost}"
            outcome = trial.lost(lost.status, text)
        self._seconds["tests"] += time.monotonic() - start
        return outcome

    def _absent(self, test: Cell) -> Outcome:
        text = "The test cell is missing from the submission."
        return Outcome(test.id, test.exercise, 0.0, test.points, "broken", text)

    # -- the student's process

    def _standins_of(self) -> StandIns:
        assert self._standins is not None  # noqa: S101  (made with the process)
        return self._standins

    def _student(self) -> StudentProcess:
        if self._process is None:
            start = time.monotonic()
            instructor = self.judge.instructor(self.lesson)
            self._standins = StandIns(
                self._ask, instructor.classes, instructor.signatures, lambda: self._context
            )
            self._process = self.judge.spawn(self._standins)
            self._seconds["spawn"] += time.monotonic() - start
            self._replay()
        return self._process

    def _replay(self) -> None:
        """Run the earlier cells again in a fresh process."""
        for name, source in list(self._ran):
            try:
                self._ask_run(name, source, figures=False)
            except Lost as lost:
                if self._end <= time.monotonic():
                    raise
                self._ran.remove((name, source))
                self._faults[name] = f"The cell {lost}"
                self._drop()
                self._student()
                return

    def _ask(self, operation: str, *arguments: Any) -> Any:
        assert self._process is not None  # noqa: S101  (stand-ins exist only with a process)
        return self._process.ask(operation, *arguments)

    def _drop(self) -> None:
        if self._process:
            self._process.close()
        self._process = self._standins = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._drop()


def _error_output(text: str) -> dict[str, Any]:
    return {"output_type": "error", "ename": "Stopped", "evalue": text, "traceback": [text]}


def _checked_run(answer: Any, limits: Limits) -> tuple[list[dict], str]:
    """Take the outputs that the student's process claims, if they have the right form."""
    if not (isinstance(answer, tuple) and len(answer) == 2):  # noqa: PLR2004
        raise Lost("died", "broke the protocol: no result of a cell came.")
    outputs, error = answer
    if not isinstance(outputs, list) or not isinstance(error, str):
        raise Lost("died", "broke the protocol: no result of a cell came.")
    return [clean for item in outputs[:1000] if (clean := _output(item, limits))], error[:2000]


def _output(item: Any, limits: Limits) -> dict[str, Any] | None:
    if not isinstance(item, dict):
        return None
    kind, limit = item.get("output_type"), 20 * limits.output_bytes
    if kind == "stream":
        name = "stderr" if item.get("name") == "stderr" else "stdout"
        return {"output_type": kind, "name": name, "text": _text(item.get("text"), limit)}
    if kind == "error":
        trace = item.get("traceback")
        lines = [_text(line, 4000) for line in trace[:100]] if isinstance(trace, list) else []
        texts = {key: _text(item.get(key), 4000) for key in ("ename", "evalue")}
        return {"output_type": kind, **texts, "traceback": lines}
    if kind in ("display_data", "execute_result") and isinstance(item.get("data"), dict):
        data = {_text(k, 100): _text(v, limit) for k, v in list(item["data"].items())[:10]}
        return {"output_type": "display_data", "data": data, "metadata": {}}
    return None


def _text(value: Any, limit: int) -> str:
    return value[:limit] if isinstance(value, str) else ""
