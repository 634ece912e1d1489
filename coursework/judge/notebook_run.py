"""Grades one notebook: its cells and tests in order, then fair credit."""

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode

from coursework.check import CheckFailed, Context, Failure
from coursework.course.cells import grade_id_of
from coursework.course.lesson import Cell
from coursework.ipc.limits import Limits
from coursework.judge.fair_credit import credited, replaced, used_by
from coursework.judge.hints.explain import Explainer
from coursework.judge.hints.known_mistakes import Replayer
from coursework.judge.instructor import Instructor
from coursework.judge.replayable import ReplayableProcess, Spawn
from coursework.judge.report import CellRun, Outcome, Report
from coursework.judge.snapshot import kept
from coursework.judge.steady import steadied
from coursework.judge.submitted import Beside, code_of, name_of
from coursework.judge.test_run import Trial

__all__ = ["NotebookRun", "Terms"]


@dataclass(frozen=True)
class Terms:
    """How a lesson's notebooks are graded, and with what.

    Attributes
    ----------
    instructor : Instructor
        The instructor's side of the lesson.
    replayer : Replayer
        Explains failures.
    spawn : callable
        Starts a student's process.
    limits : Limits
    seed : callable
        Student, exercise and submitted code → seed of the exercise's random inputs.
    rendered : callable
        Cells of a notebook → the positions of those whose figures are rendered.
    seeds_by_code, fair_credit, draws_shown : bool
        As in the judge.
    tries : dict or None
        Known second tries, by everything that they depend on.
    """

    instructor: Instructor
    replayer: Replayer
    spawn: Spawn
    limits: Limits
    seed: Callable[[str, str, str], int]
    rendered: Callable[[Sequence[NotebookNode]], Collection[int]]
    seeds_by_code: bool = True
    fair_credit: bool = True
    draws_shown: bool = False
    tries: dict[tuple[Any, ...], Outcome] | None = None


class NotebookRun:
    """The grading of one notebook.

    Parameters
    ----------
    terms : Terms
    student : str
    beside : Beside
    """

    def __init__(self, terms: Terms, student: str, beside: Beside) -> None:
        self._terms = terms
        self._instructor, self._lesson = terms.instructor, terms.instructor.lesson
        self._student = student
        self._tests = {cell.id: cell for cell in self._lesson.of_kind("test")}
        self._beside = beside
        self._process = self._fresh_process()
        self._code = ""  # seeds the inputs
        self._failures: dict[str, dict[str, Failure]] = {}
        self._late: set[str] = set()  # exercises that have run out of time
        self._printed: dict[CheckFailed, str] = {}

    def grade(
        self,
        notebook: NotebookNode,
        *,
        stop_early: bool = False,
        explains: bool = True,
        passed: Collection[str] = (),
    ) -> Report:
        """Run all cells in order, or until a test loses a point, and return the report.

        Tests that are known to pass are not run.
        """
        if self._terms.seeds_by_code:
            self._code = code_of(notebook, self._lesson, self._beside.submitted)
        found: dict[str, Outcome] = {}
        runs: dict[int, CellRun] = {}
        rendered = self._terms.rendered(notebook.cells)
        for index, cell in enumerate(notebook.cells):
            name = grade_id_of(cell)
            if name in passed:
                found[name] = _passed(self._tests[name])
            elif name in self._tests:
                found[name] = outcome = self._test(self._tests[name])
                if stop_early and outcome.points < outcome.max_points:
                    break
            elif cell.cell_type == "code" and "show" not in cell.metadata.get("tags", []):
                runs[index] = _run(self._process, index, cell, figures=index in rendered)
        outcomes = {name: found.get(name, _absent(test)) for name, test in self._tests.items()}
        if self._terms.fair_credit and not self._lesson.is_plain:
            self._give_credit(outcomes)
        # Marks are settled: explaining them takes none of the notebook's time.
        if explains and not self._lesson.is_plain:
            self._explain(outcomes)
        if self._terms.draws_shown:
            runs |= self._draw(notebook)
        where = self._student, self._lesson.assignment, self._lesson.name
        told = tuple(map(steadied, outcomes.values()))
        seconds = self._process.seconds
        return Report(*where, told, runs, seconds, is_repeatable=self._is_repeatable())

    def _is_repeatable(self) -> bool:
        limits = self._terms.limits
        shortest = min(limits.cell_seconds, limits.notebook_seconds, limits.cpu_seconds)
        return not self._process.has_lost and sum(self._process.seconds.values()) < shortest

    def _fresh_process(self) -> ReplayableProcess:
        terms = self._terms
        return ReplayableProcess(terms.spawn, terms.limits, self._instructor, self._beside.files)

    def close(self) -> None:
        """End the student's process."""
        self._process.renew()

    def _draw(self, notebook: NotebookNode) -> dict[int, CellRun]:
        """Run all cells anew with their figures: what is only shown does not influence marks."""
        self._process.renew()
        start = time.monotonic()
        process = self._fresh_process()
        try:
            return {
                index: _run(process, index, cell, figures=True)
                for index, cell in enumerate(notebook.cells)
                if cell.cell_type == "code" and grade_id_of(cell) not in self._tests
            }
        finally:
            process.renew()
            self._process.seconds["figures"] = time.monotonic() - start

    def _test(self, test: Cell) -> Outcome:
        fault = self._process.faults.get(test.exercise, "")
        trial = Trial(test, self._instructor, Context(seed=self._seed(test.exercise)), fault)
        is_late = test.exercise in self._late or bool(used_by(self._instructor, test, self._late))
        outcome = self._process.test(trial, is_late=is_late)
        if outcome.status == "timeout":
            self._late.add(test.exercise)
        self._keep(trial)
        return outcome

    def _seed(self, exercise: str) -> int:
        return self._terms.seed(self._student, exercise, self._code)

    def _explain(self, outcomes: dict[str, Outcome]) -> None:
        """Add hints if known mistakes fit, else a diagnosis if a rule does."""
        start = time.monotonic()
        explainer = Explainer(
            self._instructor,
            self._terms.replayer,
            self._process,
            self._seed,
            self._printed,
        )
        explainer.explain(outcomes, self._failures)
        self._process.seconds["hints"] = time.monotonic() - start

    def _keep(self, trial: Trial) -> None:
        """Keep what failed, and what was printed if nothing was returned."""
        self._failures[trial.test.id] = {
            part: kept(failure) for part, failure in trial.failures.items()
        }
        for failure in trial.failures.values():
            if isinstance(failure.error, CheckFailed) and failure.error.value is None:
                self._printed[failure.error] = self._process.printed()

    # -- fair credit

    def _give_credit(self, outcomes: dict[str, Outcome]) -> None:
        """Try failed tests again with the instructor's answers to earlier wrong exercises."""
        wrong: list[str] = []
        right: list[str] = []
        is_fresh = False
        for test in self._tests.values():
            exercise, earlier = test.exercise, used_by(self._instructor, test, wrong)
            if earlier and outcomes[test.id].status != "passed":
                if not is_fresh:
                    # What earlier tests left behind must not matter.
                    self._process.renew()
                    is_fresh = True
                others = [one for one in right if one not in wrong]
                outcomes[test.id] = self._try_again(test, outcomes[test.id], earlier, others)
            found = right if outcomes[test.id].status == "passed" else wrong
            if exercise not in found:
                found.append(exercise)

    def _try_again(
        self, test: Cell, outcome: Outcome, earlier: list[str], right: list[str]
    ) -> Outcome:
        others = replaced(self._instructor, test, earlier, right)
        tries = self._terms.tries
        if tries is None:
            return credited(outcome, self._second(test, others), earlier)
        key = test.id, self._seed(test.exercise), *others, *self._process.ran_without(others)
        if key not in tries:
            tries[key] = self._second(test, others)
        return credited(outcome, tries[key], earlier)

    def _second(self, test: Cell, others: list[str]) -> Outcome:
        fault = self._process.faults.get(test.exercise, "")
        context = Context(seed=self._seed(test.exercise))
        trial = Trial(test, self._instructor, context, fault, replaced=others)
        return self._process.test(trial)


def _run(process: ReplayableProcess, index: int, cell: NotebookNode, *, figures: bool) -> CellRun:
    """Run a cell of the student's; one without a name is called by its position."""
    if not cell.source.strip():
        return CellRun()
    return process.run(name_of(index, cell), cell.source, figures=figures)


def _passed(test: Cell) -> Outcome:
    return Outcome(test.id, test.exercise, test.points, test.points, "passed")


def _absent(test: Cell) -> Outcome:
    text = "The test cell is missing from the submission."
    return Outcome(test.id, test.exercise, 0.0, test.points, "broken", text)
