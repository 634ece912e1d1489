"""A student's process with the cells of one notebook run in it.

A process that dies or hangs is replaced by a fresh one in which the earlier cells have run again,
except the one at fault; so a fault costs what it touched and no more.
"""

import contextlib
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from coursework.check import Context
from coursework.course.names import defined_names
from coursework.ipc.limits import Limits
from coursework.ipc.rpc import Raised
from coursework.ipc.wire import TooLarge
from coursework.judge.exchange import StandIns
from coursework.judge.instructor import Instructor
from coursework.judge.outputs import checked_run, error_output
from coursework.judge.report import CellRun, Outcome
from coursework.judge.sharing import used_at_once
from coursework.judge.student_error import StudentError
from coursework.judge.test_run import Trial
from coursework.judge.time_limit import give_back_memory, memory_limit, time_limit
from coursework.sandbox.process import Lost, StudentProcess

__all__ = ["ReplayableProcess", "Spawn"]

_MOMENT = 0.2
_PIECE = 2**20  # of a file, in one message
_CELLS_OF_OUTPUT = 100
_SHARE_OF_THE_LATE = 0.1


Spawn = Callable[[StandIns, Collection[str]], StudentProcess]
"""Starts a student's process, which does not see the modules with these names."""


class ReplayableProcess:
    """Runs cells and tests against a student's process.

    Parameters
    ----------
    spawn : callable
    limits : Limits
    instructor : Instructor
        Of the lesson.
    files : mapping
        Name of a file beside the notebook → its content.

    Attributes
    ----------
    faults : dict
        Cell → why it did not finish.
    seconds : dict
        Wall time by stage.
    has_lost : bool
        Whether a process has died or stuck.
    """

    def __init__(
        self,
        spawn: Spawn,
        limits: Limits,
        instructor: Instructor,
        files: Mapping[str, bytes] | None = None,
    ) -> None:
        self._start, self._limits = spawn, limits
        self._files = files or {}
        self._instructor = instructor
        self._process: StudentProcess | None = None
        self._context = Context()
        self._standins = self._new_standins()
        self._shown: set[str] = set()  # exercises whose answers were lent to this process
        self._ran: list[tuple[str, str]] = []
        self.faults: dict[str, str] = {}
        self.seconds = {"spawn": 0.0, "cells": 0.0, "tests": 0.0}
        self.has_lost = False
        self._output = 0
        self._share = 1.0  # of a cell's time
        # What the lesson itself builds contains its solutions.
        self._hidden = {cell.module for cell in instructor.lesson.cells}
        self._end = float("inf")
        self._open()
        # The notebook's time begins when the judge is ready.
        self._end = time.monotonic() + limits.notebook_seconds

    def run(self, name: str, source: str, *, figures: bool) -> CellRun:
        """Run a cell of the student's."""
        try:
            outputs, error = self._run(name, source, figures=figures)
        except Lost as lost:
            self._lose()
            self.faults[name] = f"The cell {lost}"
            return CellRun((error_output(self.faults[name]),), self.faults[name])
        except TooLarge as too_large:
            self.faults[name] = f"The cell was not run: it is {too_large}."
            return CellRun((error_output(self.faults[name]),), self.faults[name])
        outputs = self._keep(outputs)
        self._ran.append((name, source))
        if error:
            self.faults[name] = f"The cell of `{name}` did not finish: {error}"
        return CellRun(tuple(outputs), error)

    def ran_without(self, exercises: Collection[str]) -> list[tuple[str, str]]:
        """Return the cells that have run, with those of these exercises that others depend on.

        What a cell only looks up when it is called changes once it is replaced.
        """
        others = [source for name, source in self._ran if name not in exercises]
        at_once = frozenset().union(*map(used_at_once, others))
        return [
            (name, source)
            for name, source in self._ran
            if name not in exercises or not at_once.isdisjoint(defined_names(source))
        ]

    def test(self, trial: Trial, *, is_late: bool = False) -> Outcome:
        """Run a test; if its answer has already run out of time once, do not wait long."""
        self._share = _SHARE_OF_THE_LATE if is_late else 1.0
        self._context = trial.context
        self._unlearn(trial.test.exercise)
        with self._timed("tests"):
            try:
                self._open()
                outcome = self._within_time(trial)
            except Lost as lost:
                self._lose()
                outcome = trial.lost(lost.status, f"`{trial.test.exercise}` {lost}")
            else:
                self._forget()
        if trial.replaced:  # what the student's code was lent, and made of it, was kept here
            give_back_memory()
        return outcome

    def _unlearn(self, exercise: str) -> None:
        """Begin anew if the instructor's version of what is now asked for was lent.

        From the values of a function that a test passed to it, the student's code could have
        learned to answer for that function.
        """
        functions = self._instructor.functions.get(exercise, frozenset())
        if exercise in self._shown or self._standins.has_given(functions):
            self.renew()

    def _within_time(self, trial: Trial) -> Outcome:
        seconds, most = self._time_left()
        self._alive.set_deadline(seconds, most)
        text = f"made its test work for more than {most}, which was stopped."
        # A moment later than the deadline of the wire, whose message says more.
        with time_limit(seconds + _MOMENT, Lost("timeout", text)):
            if not trial.replaced:
                return trial.run(self._standins)
            # Whatever the student's code does with lent objects happens, and is kept, here.
            with memory_limit(self._limits.memory_bytes):
                self._replace(trial)
                return trial.run(self._standins)

    def _replace(self, trial: Trial) -> None:
        self._shown.update(trial.replaced)
        try:
            self._standins.enter(trial.make_world(self._standins))
        except Exception as error:
            # The instructor's answers and the student's may not work together.
            text = f"could not be given other answers: {type(error).__name__}"
            raise Lost("died", text) from error

    def _forget(self) -> None:
        """End a test: nothing of it affects the next."""
        self._standins.forget()
        try:
            self._alive.ask("forget")
        except (Lost, Raised):
            self._lose()

    def _keep(self, outputs: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the outputs, unless the whole notebook has shown too many."""
        self._output += len(str(outputs))
        if self._output <= _CELLS_OF_OUTPUT * self._limits.output_bytes:
            return outputs
        return [error_output("The notebook has already shown too much: this is not kept.")]

    @property
    def sources(self) -> dict[str, str]:
        """The cells that have run, by name."""
        return dict(self._ran)

    def printed(self) -> str:
        """Return what the student's code printed in its last call."""
        try:
            text = self._process.ask("printed") if self._process else ""
        except (Lost, Raised):
            self._lose()
            return ""
        return text[:200] if isinstance(text, str) else ""

    def renew(self) -> None:
        """End the process; the next use starts a fresh one and runs the cells again."""
        if self._process:
            self._process.close()
            self._standins.forget()
            self._standins = self._new_standins()
        self._process = None
        self._shown = set()

    def _lose(self) -> None:
        self.has_lost = True
        self.renew()

    @property
    def _alive(self) -> StudentProcess:
        """The process that a test or cell began with, which may have been lost since."""
        if self._process is None:
            raise Lost("died", "has lost its process.")
        return self._process

    def _open(self) -> None:
        while not self._process:
            self._spawn()
            self._repeat()

    def _spawn(self) -> None:
        with self._timed("spawn"):
            self._process = self._start(self._standins, self._hidden)
            self._put_files()

    def _new_standins(self) -> StandIns:
        return StandIns(
            self._ask,
            self._instructor.classes,
            self._instructor.signatures,
            lambda: self._context,
            self._limits.array_elements,
        )

    def _ask(self, operation: str, *arguments: Any) -> Any:
        return self._alive.ask(operation, *arguments)

    def _put_files(self) -> None:
        """Give the fresh process the files beside the notebook."""
        for name, content in self._files.items():
            whole = np.frombuffer(content, np.uint8)
            for start in range(0, max(len(content), 1), _PIECE):
                # A file that cannot be put there is missing: code that reads it gets an error.
                with contextlib.suppress(Raised, TooLarge):
                    piece = whole[start : start + _PIECE]
                    self._alive.ask("put", name, piece, start == 0)

    def _repeat(self) -> bool:
        """Run the earlier cells again in a fresh process; return whether all ran."""
        for name, source in list(self._ran):
            try:
                self._run(name, source, figures=False)
            except Lost as lost:
                self._lose()
                if self._end <= time.monotonic():
                    raise
                self._ran.remove((name, source))
                self.faults[name] = f"The cell {lost}"
                return False
        return True

    def _run(self, name: str, source: str, *, figures: bool) -> tuple[list[dict[str, Any]], str]:
        self._open()
        with self._timed("cells"):
            self._alive.set_deadline(*self._time_left())
            try:
                answer = self._standins.ask(name, "run", name, source, figures)
            except StudentError as error:
                raise Lost("died", f"could not be run: {error.type_name}: {error}") from None
        return checked_run(answer, self._limits)

    def _time_left(self) -> tuple[float, str]:
        """Return the seconds until a limit, and which limit: messages name that, not the rest."""
        limits, left = self._limits, self._end - time.monotonic()
        whole = f"the notebook's {limits.notebook_seconds:g} s"
        if left <= 0:
            raise Lost("timeout", f"was not run: {whole} are used up.")
        seconds = limits.cell_seconds * self._share
        return (left, whole) if left < seconds else (seconds, f"{seconds:.3g} s")

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        start = time.monotonic()
        try:
            yield
        finally:
            self.seconds[stage] += time.monotonic() - start
