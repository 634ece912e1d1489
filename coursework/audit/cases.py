"""What an audit grades, and the result of grading it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from nbformat import NotebookNode

from coursework.authoring.source import source_notebook
from coursework.course.alternatives import Evidence
from coursework.course.lesson import Lesson
from coursework.course.mistakes import Mistake, apply
from coursework.judge.report import Outcome, Report

__all__ = ["STUDENTS", "Behind", "Case", "CaseVerdict", "Kind", "Subject", "diff"]

Kind = Literal["solution", "stub", "mistake", "right", "whole", "mutant", "behaviour", "slip"]

STUDENTS = ("audit-1", "audit-2", "audit-3")
"""Each has random inputs of its own: a right answer must pass with all of them."""


@dataclass(frozen=True)
class Case:
    """One notebook to grade.

    Attributes
    ----------
    lesson : str
        `A/n`.
    kind : Kind
    label : str
        What people call it.
    exercise : str
        The exercise that it is about; "" for the whole notebook.
    cells : tuple of (str, str)
        Exercises that differ from the solution, with their cells.
    hint : str
        Of a mistake.
    student : str
    effort : int
        Limit, in seconds of CPU time; 0 for the limits of the course.
    about : str
        For a behavioural mutant: what it does, and what the docstring says against it.
    """

    lesson: str
    kind: Kind
    label: str
    exercise: str = ""
    cells: tuple[tuple[str, str], ...] = ()
    hint: str = ""
    student: str = STUDENTS[0]
    effort: int = 0
    about: str = ""

    @property
    def is_mutant(self) -> bool:
        """Whether a program made it from the solution."""
        return self.kind in ("mutant", "behaviour")

    @property
    def tested(self) -> str:
        """The only exercise whose tests run; "" for all tests of the notebook."""
        # A right answer must not spoil other exercises; checking that once is enough.
        is_whole = self.kind == "right" and self.student == STUDENTS[0]
        return "" if is_whole else self.exercise


@dataclass(frozen=True)
class Behind:
    """All known mistakes of an exercise, to be graded together, see `credit`.

    Second tries after them have most in common, so one process handles them all.

    Attributes
    ----------
    lesson, exercise : str
    cases : tuple of Case
        Of the mistakes.
    """

    lesson: str
    exercise: str
    cases: tuple[Case, ...]

    @property
    def label(self) -> str:
        """What people call it."""
        return f"what is right behind the mistakes of {self.exercise}"


@dataclass(frozen=True)
class CaseVerdict:
    """The result of grading a case, for the tests that it runs.

    Attributes
    ----------
    points, max_points : float
    hints : tuple of str
        All that were shown, in order.
    refuted : tuple of str
        Hints among them that the answer does not get with other random inputs: it is not the
        mistake that they are about.
    rivals : tuple of int
        For a mistake: lines of others that fail in the same way, so that no hint shows.
    lost : tuple of str
        What each failed test says.
    seconds : float
        Wall time of the grading.
    cpu_seconds : float
        CPU time of the grading, in both processes; 0.0 if not measured.
    unlike : str or None
        Where a notebook disagrees, see `parity`; None if not examined.
    later : tuple of (str, str) or None
        For a mistake: each later exercise that uses this one, and where a right answer to it
        loses points, see `Behind`; None if not examined.
    """

    points: float
    max_points: float
    hints: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    unlike: str | None = None
    refuted: tuple[str, ...] = ()
    rivals: tuple[int, ...] = ()
    later: tuple[tuple[str, str], ...] | None = None

    @property
    def is_full(self) -> bool:
        """Whether no point was lost."""
        return self.points == self.max_points

    @classmethod
    def of(cls, report: Report, exercise: str, seconds: float, cpu_seconds: float) -> "CaseVerdict":
        """Return what a report says about an exercise, or ("") about the whole notebook."""
        outcomes = [one for one in report.outcomes if exercise in ("", one.exercise)]
        failed = [one for one in outcomes if one.status != "passed"]
        return cls(
            sum(one.points for one in outcomes),
            sum(one.max_points for one in outcomes),
            tuple(hint for one in failed for hint in _hints(one)),
            tuple(f"{one.id}: {one.message}" for one in failed),
            seconds,
            cpu_seconds,
        )


def _hints(outcome: Outcome) -> Iterator[str]:
    yield from outcome.hints
    for part in outcome.parts:
        yield from part.hints


@dataclass(frozen=True)
class Subject:
    """A lesson with all that an audit needs of it.

    Attributes
    ----------
    lesson : Lesson
    mistakes : tuple of Mistake
    evidence : Evidence
    release : tuple of (str, str)
        Each exercise's cell as students get it.
    """

    lesson: Lesson
    mistakes: tuple[Mistake, ...]
    evidence: Evidence
    release: tuple[tuple[str, str], ...]

    @property
    def name(self) -> str:
        """The lesson as commands name it."""
        return f"{self.lesson.assignment}/{self.lesson.name}"

    @property
    def sources(self) -> dict[str, str]:
        """Each exercise's cell with its solution."""
        return {cell.exercise: cell.source for cell in self.lesson.of_kind("exercise")}

    def cases(self) -> Iterator[Case]:
        """Yield what an author has written; mutants are made from it later."""
        case = Case(self.name, "solution", "the solution")
        yield from _by_all(case)
        for exercise in self.sources:
            yield replace(case, label=f"the solution of {exercise} alone", exercise=exercise)
        yield replace(case, kind="stub", label="the stubs", cells=self.release)
        for mistake in self.mistakes:
            yield from self._of_mistake(mistake)
        for whole in self.evidence.wholes:
            label = f"the notebook in line {whole.line}, {whole.style}"
            yield from _by_all(replace(case, kind="whole", label=label, cells=whole.cells))

    def _of_mistake(self, mistake: Mistake) -> Iterator[Case]:
        exercise = mistake.exercise
        cells = ((exercise, apply(mistake, self.sources[exercise])),)
        what = "right answer" if mistake.right else "mistake"
        label = f"the {what} in line {mistake.line}, of {exercise}"
        if mistake.right:
            yield from _by_all(Case(self.name, "right", label, exercise, cells))
        else:
            yield Case(self.name, "mistake", label, exercise, cells, mistake.hint)

    def notebook(self, case: Case) -> NotebookNode:
        """Return the notebook of a case, as far as its tests need it."""
        changed = dict(case.cells)
        notebook = _notebook(self.lesson)
        cells = [
            NotebookNode(cell, source=changed.get(cell.id, cell.source)) for cell in notebook.cells
        ]
        return NotebookNode(notebook, cells=_needed(cells, case.tested))


@lru_cache(maxsize=64)
def _notebook(lesson: Lesson) -> NotebookNode:
    return source_notebook(lesson)


def _needed(cells: list[NotebookNode], exercise: str) -> list[NotebookNode]:
    """Leave out the tests of other exercises, and what comes after those of this one."""
    if not exercise:
        return cells
    own = [i for i, cell in enumerate(cells) if cell.metadata.get("test") == exercise]
    return [
        cell
        for cell in cells[: own[-1] + 1]
        if cell.cell_type == "code" and cell.metadata.get("test", exercise) == exercise
    ]


def _by_all(case: Case) -> Iterator[Case]:
    return (replace(case, student=student) for student in STUDENTS)


def diff(old: str, new: str) -> str:
    """Return a change in the form of a diff."""
    lines = [f"- {line}" for line in old.split("\n")] + [f"+ {line}" for line in new.split("\n")]
    return "\n".join(lines)
