"""Run a notebook in one process, like a student with the instructor's functions at hand.

Nothing crosses a wire: arguments, results and objects are what they are in any notebook. As in
the judge, a test cell gets a copy of the namespace, and of the data in it that it uses; what the
student's code keeps from one test cell to the next stays in both.

The notebook runs in a child that is forked for it, with limits on time and memory, and its
changes end with it. Solutions, known answers and mutants run this way, but no student's code.
"""

import copy
import json
import os
import resource
import select
import signal
import time
import warnings
from collections.abc import Callable
from typing import IO, Any

from nbformat import NotebookNode

from coursework import check
from coursework.check import Context
from coursework.course.cells import grade_id_of
from coursework.course.lesson import Cell
from coursework.course.names import loaded_names, without_magics
from coursework.course.parts import parts_of
from coursework.ipc.limits import Limits
from coursework.judge.instructor import DATA, Instructor, quietly
from coursework.judge.report import Outcome
from coursework.judge.test_run import Trial, run_code
from coursework.judge.time_limit import cpu_limit
from coursework.sandbox.process import Lost

__all__ = ["Points", "close_all_but", "points_of", "run_plainly"]

Points = dict[tuple[str, str], float]
"""Test cell and part ("" where it has none) → points."""

_FIRST_DESCRIPTOR = 3


def points_of(outcome: Outcome) -> Points:
    """Return what a test cell earned."""
    parts = {(outcome.id, part.name): part.points for part in outcome.parts}
    return parts or {(outcome.id, ""): outcome.points}


def run_plainly(
    instructor: Instructor,
    notebook: NotebookNode,
    seed_of: Callable[[str], int],
    limits: Limits,
    *,
    stop_early: bool = False,
) -> Points:
    """Run a notebook and return what its tests earn.

    Tests that it does not reach are missing from the result.

    Parameters
    ----------
    instructor : Instructor
        Of the lesson.
    notebook : NotebookNode
    seed_of : callable
        Exercise → seed of its random inputs.
    limits : Limits
        On time (a cell's counts as CPU time) and on memory.
    stop_early : bool
        Whether to end at the first test that loses a point.
    """
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        # About other threads: none of them holds a lock that the child needs.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if not child:
        plain = _Plain(instructor, seed_of, limits)
        _be_child(plain, notebook, writer, stop_early=stop_early)
    os.close(writer)
    try:
        with os.fdopen(reader, "rb", buffering=0) as pipe:
            text = _read(pipe, time.monotonic() + limits.notebook_seconds)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    lines = text.split(b"\n")[:-1]  # the last one is empty, or cut off
    return {(name, part): points for name, part, points in map(json.loads, lines)}


def _read(pipe: IO[bytes], end: float) -> bytes:
    """Return everything that comes until the pipe is closed, or time is up."""
    text = b""
    while select.select([pipe], [], [], max(0.0, end - time.monotonic()))[0]:
        came = pipe.read(1 << 16)
        if not came:
            break
        text += came
    return text


def close_all_but(descriptor: int) -> int:
    """Close what the parent has open, judges' sockets too; return the descriptor's new number."""
    kept = os.dup2(descriptor, _FIRST_DESCRIPTOR)
    os.closerange(kept + 1, os.sysconf("SC_OPEN_MAX"))
    return kept


def _be_child(plain: "_Plain", notebook: NotebookNode, writer: int, *, stop_early: bool) -> None:
    """Run the notebook; never return."""
    try:
        out = close_all_but(writer)
        plain.limit()
        with quietly():
            for cell in notebook.cells:
                found = plain.run(cell)
                for (name, part), points in found.items():
                    os.write(out, json.dumps([name, part, points]).encode() + b"\n")
                if stop_early and sum(found.values()) < plain.points(cell):
                    break
    finally:
        os._exit(0)


class _Plain:
    """A namespace in which a notebook runs."""

    def __init__(
        self, instructor: Instructor, seed_of: Callable[[str], int], limits: Limits
    ) -> None:
        self._instructor, self._seed_of, self._limits = instructor, seed_of, limits
        self._tests = {cell.id: cell for cell in instructor.lesson.of_kind("test")}
        self._seconds = min(limits.cpu_seconds, limits.cell_seconds)
        self._names: dict[str, Any] = {"__name__": "__main__"}

    def limit(self) -> None:
        """Limit the process, for what no alarm stops."""
        used = int(time.process_time() + self._limits.cpu_seconds) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (used, used))
        with open("/proc/self/statm") as file:  # noqa: PTH123
            size = int(file.read().split()[0]) * resource.getpagesize()
        bound = size + self._limits.memory_bytes
        resource.setrlimit(resource.RLIMIT_AS, (bound, bound))

    def run(self, cell: NotebookNode) -> Points:
        """Run a cell; return the points of a test."""
        name = grade_id_of(cell)
        if name in self._tests:
            return self._test(self._tests[name])
        if cell.cell_type == "code" and "show" not in cell.metadata.get("tags", []):
            self._run(cell.source)
        return {}

    def points(self, cell: NotebookNode) -> float:
        """Return what a cell can earn."""
        test = self._tests.get(grade_id_of(cell))
        return sum(parts_of(test.source).values()) or test.points if test else 0.0

    def _run(self, source: str) -> None:
        try:
            with cpu_limit(self._seconds, Lost("timeout", "")):
                exec(compile(without_magics(source), "<cell>", "exec"), self._names)  # noqa: S102
        except BaseException:  # noqa: BLE001, S110  (what it does not define, its test misses)
            pass

    def _test(self, test: Cell) -> Points:
        context = Context(seed=self._seed_of(test.exercise))
        trial = Trial(test, self._instructor, context)
        try:
            with cpu_limit(self._seconds, Lost("timeout", "")):
                failures = run_code(self._instructor.code_of(test), self._namespace(test), context)
            return points_of(trial.ended(failures))
        except BaseException:  # noqa: BLE001  (it is too slow, or leaves by an exit)
            return points_of(trial.lost("died", ""))

    def _namespace(self, test: Cell) -> dict[str, Any]:
        used = loaded_names(test.source) & self._names.keys()
        data = {k: self._names[k] for k in used if isinstance(self._names[k], DATA)}
        ours = {"check": check, "reference": self._instructor.reference}
        return self._names | copy.deepcopy(data) | ours
