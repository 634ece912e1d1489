"""Grades one notebook: its cells in order, its tests where they stand, then fair credit."""

import time
from collections.abc import Collection
from typing import TYPE_CHECKING

from nbformat import NotebookNode

from coursework.check import CheckFailed, Context, Failure
from coursework.course.cells import grade_id_of
from coursework.course.lesson import Cell, Lesson
from coursework.course.mistakes import Mistake
from coursework.judge.credit import credited, replaced, used_by
from coursework.judge.hints.explain import Explainer
from coursework.judge.keepsake import kept
from coursework.judge.report import CellRun, Outcome, Report
from coursework.judge.steady import steadied
from coursework.judge.submitted import Beside, code_of, name_of
from coursework.judge.trial import Trial
from coursework.judge.workspace import Workspace

if TYPE_CHECKING:
    from coursework.judge.session import Judge

__all__ = ["Sitting"]


class Sitting:
    """The grading of one notebook.

    Parameters
    ----------
    judge : Judge
    lesson : Lesson
    mistakes : tuple of Mistake
    student : str
    beside : Beside
    """

    def __init__(
        self,
        judge: "Judge",
        lesson: Lesson,
        mistakes: tuple[Mistake, ...],
        student: str,
        beside: Beside,
    ) -> None:
        self._judge = judge
        self._lesson = lesson
        self._student = student
        self._instructor = judge.instructor(lesson)
        self._replayer = judge.replayer(lesson, mistakes)
        self._tests = {cell.id: cell for cell in lesson.of_kind("test")}
        self._beside = beside
        self._workspace = Workspace(judge, self._instructor, beside.files)
        self._code = ""  # by which inputs are seeded
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

        Tests that are known to be passed are not run.
        """
        if self._judge.seeds_by_code:
            self._code = code_of(notebook, self._lesson, self._beside.submitted)
        found: dict[str, Outcome] = {}
        runs: dict[int, CellRun] = {}
        rendered = self._judge.rendered(notebook.cells)
        for index, cell in enumerate(notebook.cells):
            name = grade_id_of(cell)
            if name in passed:
                found[name] = _passed(self._tests[name])
            elif name in self._tests:
                found[name] = outcome = self._test(self._tests[name])
                if stop_early and outcome.points < outcome.max_points:
                    break
            elif cell.cell_type == "code" and "show" not in cell.metadata.get("tags", []):
                runs[index] = _run(self._workspace, index, cell, figures=index in rendered)
        outcomes = {name: found.get(name, _absent(test)) for name, test in self._tests.items()}
        if self._judge.fair_credit and not self._lesson.is_plain:
            self._give_credit(outcomes)
        # Marks are settled: what is said of them takes none of the notebook's time.
        if explains and not self._lesson.is_plain:
            self._explain(outcomes)
        if self._judge.draws_shown:
            runs |= self._draw(notebook)
        where = self._student, self._lesson.assignment, self._lesson.name
        told = tuple(map(steadied, outcomes.values()))
        return Report(*where, told, runs, seconds=self._workspace.seconds)

    def close(self) -> None:
        """End the student's process."""
        self._workspace.renew()

    def _draw(self, notebook: NotebookNode) -> dict[int, CellRun]:
        """Run all cells anew with their figures: what is only shown has no say in a mark."""
        self._workspace.renew()
        start = time.monotonic()
        workspace = Workspace(self._judge, self._instructor, self._beside.files)
        try:
            return {
                index: _run(workspace, index, cell, figures=True)
                for index, cell in enumerate(notebook.cells)
                if cell.cell_type == "code" and grade_id_of(cell) not in self._tests
            }
        finally:
            workspace.renew()
            self._workspace.seconds["figures"] = time.monotonic() - start

    def _test(self, test: Cell) -> Outcome:
        fault = self._workspace.faults.get(test.exercise, "")
        trial = Trial(test, self._instructor, Context(seed=self._seed(test.exercise)), fault)
        is_late = test.exercise in self._late or bool(used_by(self._instructor, test, self._late))
        outcome = self._workspace.test(trial, is_late=is_late)
        if outcome.status == "timeout":
            self._late.add(test.exercise)
        self._keep(trial)
        return outcome

    def _seed(self, exercise: str) -> int:
        return self._judge.seed(self._lesson, self._student, exercise, self._code)

    def _explain(self, outcomes: dict[str, Outcome]) -> None:
        """Add hints where known mistakes fit, else a diagnosis where a rule does."""
        start = time.monotonic()
        explainer = Explainer(
            self._instructor,
            self._replayer,
            self._workspace,
            self._seed,
            self._printed,
        )
        explainer.explain(outcomes, self._failures)
        self._workspace.seconds["hints"] = time.monotonic() - start

    def _keep(self, trial: Trial) -> None:
        """Keep what failed, and what was printed where nothing was returned."""
        self._failures[trial.test.id] = {
            part: kept(failure) for part, failure in trial.failures.items()
        }
        for failure in trial.failures.values():
            if isinstance(failure.error, CheckFailed) and failure.error.value is None:
                self._printed[failure.error] = self._workspace.printed()

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
                    # What the tests so far have left behind shall not matter.
                    self._workspace.renew()
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
        tries = self._judge.tries
        if tries is None:
            return credited(outcome, self._second(test, others), earlier)
        key = test.id, self._seed(test.exercise), *others, *self._workspace.ran_without(others)
        if key not in tries:
            tries[key] = self._second(test, others)
        return credited(outcome, tries[key], earlier)

    def _second(self, test: Cell, others: list[str]) -> Outcome:
        fault = self._workspace.faults.get(test.exercise, "")
        context = Context(seed=self._seed(test.exercise))
        trial = Trial(test, self._instructor, context, fault, replaced=others)
        return self._workspace.test(trial)


def _run(workspace: Workspace, index: int, cell: NotebookNode, *, figures: bool) -> CellRun:
    """Run a cell of the student's; one without a name is called by its place."""
    if not cell.source.strip():
        return CellRun()
    return workspace.run(name_of(index, cell), cell.source, figures=figures)


def _passed(test: Cell) -> Outcome:
    return Outcome(test.id, test.exercise, test.points, test.points, "passed")


def _absent(test: Cell) -> Outcome:
    text = "The test cell is missing from the submission."
    return Outcome(test.id, test.exercise, 0.0, test.points, "broken", text)
