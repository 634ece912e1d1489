"""Measure the tests of lessons with answers that are known to be right or wrong."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from nbgrader.preprocessors import ClearSolutions
from traitlets.config import Config

from coursework.audit.cases import Subject
from coursework.audit.result import Audit, LessonAudit
from coursework.audit.schedule import Keep, Progress, Schedule
from coursework.audit.selection import part_of
from coursework.audit.work import EXTRAS, Extra, grader
from coursework.authoring.rules import broken_rules
from coursework.authoring.source import source_notebook
from coursework.course.alternatives import check_evidence, read_answers
from coursework.course.layout import Course
from coursework.course.lesson import Lesson, read_lesson
from coursework.course.mistakes import check_mistakes, mistakes_path
from coursework.errors import JudgeError, LessonError
from coursework.mutants.stated import unknown_behaviours
from coursework.nbgrader_bridge.settings import read_settings
from coursework.pool import Crash, run

__all__ = ["Progress", "Stock", "audit", "measure", "take_stock"]


@dataclass(frozen=True)
class Stock:
    """All that an audit could measure.

    Attributes
    ----------
    subjects : dict
        By name of the lesson, in the order of the lessons.
    errors : tuple of LessonError
        Why other lessons cannot be audited.
    options : dict
        How the course configures its judge.
    """

    subjects: dict[str, Subject]
    errors: tuple[LessonError, ...]
    options: dict[str, Any]


def take_stock(course: Course, *names: str) -> Stock:
    """Read lessons with what is known about them, as they are in `lessons/`.

    Parameters
    ----------
    course : Course
    *names : str
        Assignments (`A`) or lessons (`A/n`); all if none is named.

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
    """Grade all answers to lessons that are known to be right or wrong, as they are in `lessons/`.

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
        What else to find out about each case.
    n_workers : int
        Processes that grade.
    progress, keep : callable

    Raises
    ------
    ConfigError
        The packages that make mutants are not installed.
    LessonError
        A lesson does not run.
    JudgeError
        The judge cannot work on this host.
    """
    subjects = {name: stock.subjects[name] for name in names}
    has_credit = "credit" in extras
    work = Schedule(subjects, keep, progress, with_mutants=with_mutants, has_credit=has_credit)
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
            mistakes, evidence = read_answers(file)
        except LessonError as error:
            errors.append(error)
            continue
        wrong = broken_rules(lesson)
        wrong += check_mistakes(lesson, mistakes) + check_evidence(lesson, evidence)
        wrong += unknown_behaviours(lesson, evidence)
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
