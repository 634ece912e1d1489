"""Measure the tests of lessons with answers that are known to be right or wrong."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from nbgrader.preprocessors import ClearSolutions
from traitlets.config import Config

from coursework.audit.behaviour import behaviours
from coursework.audit.cases import Behind, Case, Subject, Verdict, diff
from coursework.audit.credit import Later
from coursework.audit.mutants import mutants
from coursework.audit.result import Audit, LessonAudit
from coursework.audit.selection import part_of
from coursework.audit.slips import slips
from coursework.audit.work import EXTRAS, Extra, Task, effort_for, grader
from coursework.authoring.rules import broken_rules
from coursework.authoring.source import source_notebook
from coursework.course import Course
from coursework.errors import JudgeError, LessonError
from coursework.evidence import check_evidence, read_evidence
from coursework.lesson import Lesson, read_lesson
from coursework.mistakes import check_mistakes, mistakes_path, read_mistakes
from coursework.pool import Crash, run
from coursework.settings import read_settings

__all__ = ["Progress", "Stock", "audit", "measure", "take_stock"]

Progress = Callable[[int, int], None]
"""Called with the numbers of notebooks to grade and graded, whenever they change."""

Keep = Callable[[LessonAudit], None]
"""Called with each lesson as soon as it is measured."""


# Solutions come first, and enough behind them that their times are known to those that follow.
_ORDER = ("solution", "stub", "right", "whole", "mistake", "mutant", "behaviour", "slip")


@dataclass(frozen=True)
class Stock:
    """All that an audit could measure.

    Attributes
    ----------
    subjects : dict
        By the name of the lesson, in the order of the lessons.
    errors : tuple of LessonError
        Why other lessons cannot be audited.
    options : dict
        How the course configures its judge.
    """

    subjects: dict[str, Subject]
    errors: tuple[LessonError, ...]
    options: dict[str, Any]


def take_stock(course: Course, *names: str) -> Stock:
    """Read lessons with what is known of them, as they stand in `lessons/`.

    Parameters
    ----------
    course : Course
    *names : str
        Assignments (`A`) or lessons (`A/n`); all where none is named.

    Raises
    ------
    ConfigError
        A name is unknown, or the course's configuration is broken.
    """
    subjects, errors = _read(course, course.lesson_files(*names))
    return Stock(subjects, tuple(errors), read_settings(course.root, "").judge_options)


def audit(
    course: Course,
    *names: str,
    shard: str = "",
    with_mutants: bool = False,
    extras: Collection[Extra] = (),
    n_workers: int = 1,
    progress: Progress = lambda _, __: None,
) -> Audit:
    """Grade all that is known to be right or wrong of lessons, as they stand in `lessons/`.

    Parameters and exceptions are those of `take_stock`, `part_of` and `measure`.
    """
    stock = take_stock(course, *names)
    chosen = part_of(stock.subjects, shard)
    measured = measure(
        stock,
        chosen,
        with_mutants=with_mutants,
        extras=extras,
        n_workers=n_workers,
        progress=progress,
    )
    return Audit(measured, stock.errors)


def measure(
    stock: Stock,
    names: Iterable[str],
    *,
    with_mutants: bool = True,
    extras: Collection[Extra] = EXTRAS,
    n_workers: int = 1,
    progress: Progress = lambda _, __: None,
    keep: Keep = lambda _: None,
) -> tuple[LessonAudit, ...]:
    """Grade the cases of lessons, lesson by lesson.

    Parameters
    ----------
    stock : Stock
    names : iterable of str
        Which of its lessons.
    with_mutants : bool
        Whether to make mutants of the solutions, too.
    extras : collection of Extra
        What else to find out of each case.
    n_workers : int
        Processes that grade.
    progress, keep : callable

    Raises
    ------
    ConfigError
        What makes mutants is not installed.
    LessonError
        A lesson does not run.
    JudgeError
        The judge cannot work on this host.
    """
    subjects = {name: stock.subjects[name] for name in names}
    has_credit = "credit" in extras
    work = _Work(subjects, keep, progress, with_mutants=with_mutants, has_credit=has_credit)
    start = partial(grader, subjects, stock.options, extras)
    for task, found in run(work.tasks(), start, min(n_workers, max(1, work.total))):
        if isinstance(found, Crash):
            raise JudgeError(f"the process that graded {task.label} in {task.lesson} ended")
        work.take(task, found)
    return tuple(work.audits[name] for name in subjects)


def _read(course: Course, paths: Iterable[Path]) -> tuple[dict[str, Subject], list[LessonError]]:
    subjects, errors, config = {}, [], course.config()
    for path in paths:
        try:
            lesson, file = read_lesson(path), mistakes_path(path)
            mistakes, evidence = read_mistakes(file), read_evidence(file)
        except LessonError as error:
            errors.append(error)
            continue
        wrong = broken_rules(lesson)
        wrong += check_mistakes(lesson, mistakes) + check_evidence(lesson, evidence)
        errors += wrong
        if not wrong and any(lesson.of_kind("exercise")):
            subject = Subject(lesson, mistakes, evidence, _stubs(lesson, config))
            subjects[subject.name] = subject
    return subjects, errors


def _stubs(lesson: Lesson, config: Config) -> tuple[tuple[str, str], ...]:
    """Return the exercises' cells as nbgrader releases them."""
    notebook, _ = ClearSolutions(config=config).preprocess(source_notebook(lesson), {})
    names = {cell.id for cell in lesson.of_kind("exercise")}
    return tuple((cell.id, cell.source) for cell in notebook.cells if cell.id in names)


def _mutants(subject: Subject) -> Iterator[Case]:
    for cell in subject.lesson.of_kind("exercise"):
        for mutant in mutants(cell):
            cells = ((cell.exercise, mutant.source),)
            label = diff(mutant.old, mutant.new)
            yield Case(subject.name, "mutant", label, cell.exercise, cells)
        for one in behaviours(subject.lesson, cell):
            case = Case(subject.name, "behaviour", one.name, cell.exercise)
            yield replace(case, cells=((cell.exercise, one.source),), about=one.about)


def _slips(subject: Subject) -> Iterator[Case]:
    for cell in subject.lesson.of_kind("exercise"):
        for slip in slips(cell.source):
            cells = ((cell.exercise, slip.source),)
            yield Case(subject.name, "slip", slip.label, cell.exercise, cells)


class _Work:
    """Hands out the cases of lessons, and collects verdicts until a lesson is complete."""

    def __init__(
        self,
        subjects: Mapping[str, Subject],
        keep: Keep,
        progress: Progress,
        *,
        with_mutants: bool,
        has_credit: bool = False,
    ) -> None:
        self._subjects, self._with_mutants = subjects, with_mutants
        self._keep, self._progress = keep, progress
        self._cases = {name: self._of(subject) for name, subject in subjects.items()}
        self._behind = {
            name: list(_behind(cases)) if has_credit else [] for name, cases in self._cases.items()
        }
        self._later: dict[Case, Later] = {}
        self._verdicts: dict[str, dict[Case, Verdict]] = {name: {} for name in subjects}
        self._efforts: dict[tuple[str, str], int] = {}
        self._left = {
            name: len(cases) + len(self._behind[name]) for name, cases in self._cases.items()
        }
        self.total, self._done = sum(self._left.values()), 0
        self.audits: dict[str, LessonAudit] = {}
        progress(self.total, 0)

    def _of(self, subject: Subject) -> list[Case]:
        """Return the cases of a lesson, the solution's first: they tell what others may take."""
        cases = list(subject.cases())
        if self._with_mutants:
            cases += [*_mutants(subject), *_slips(subject)]
        return sorted(dict.fromkeys(cases), key=lambda case: _ORDER.index(case.kind))

    def tasks(self) -> Iterator[Task]:
        """Yield all that is to be graded, wrong answers with a limit as soon as one is known."""
        for name, cases in self._cases.items():
            first = [case for case in cases if case.kind == "solution"]
            yield from first
            # These take longest.
            yield from self._behind[name]
            for case in cases[len(first) :]:
                yield self._limited(case)

    def _limited(self, case: Case) -> Case:
        if case.kind not in ("mistake", "slip") and not case.is_mutant:
            return case
        return replace(case, effort=self._efforts.get((case.lesson, case.exercise), 0))

    def take(self, task: Task, found: Verdict | tuple[Later, ...]) -> None:
        """Take what was found; with the last of a lesson, the lesson is done."""
        if isinstance(task, Behind):
            self._later |= zip(task.cases, found, strict=True)
        else:
            self._take_verdict(task, found)
        self._done += 1
        self._left[task.lesson] -= 1
        self._progress(self.total, self._done)
        if not self._left[task.lesson]:
            self._finish(task.lesson)

    def _take_verdict(self, case: Case, verdict: Verdict) -> None:
        if case.kind == "solution" and case.exercise:
            self._efforts[case.lesson, case.exercise] = effort_for(verdict.cpu_seconds)
        self._verdicts[case.lesson][replace(case, effort=0)] = verdict

    def _finish(self, name: str) -> None:
        verdicts = self._verdicts[name]
        found = tuple(
            (case, replace(verdicts[case], later=self._later.get(case)))
            for case in self._cases[name]
        )
        self.audits[name] = LessonAudit(self._subjects[name], found, self._with_mutants)
        self._keep(self.audits[name])


def _behind(cases: Iterable[Case]) -> Iterator[Behind]:
    mistakes = [case for case in cases if case.kind == "mistake"]
    for exercise in dict.fromkeys(case.exercise for case in mistakes):
        own = tuple(case for case in mistakes if case.exercise == exercise)
        yield Behind(own[0].lesson, exercise, own)
