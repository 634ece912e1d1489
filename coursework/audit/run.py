"""Measure the tests of lessons with answers that are known to be right or wrong."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from nbgrader.preprocessors import ClearSolutions
from traitlets.config import Config

from coursework.audit.cases import Case, Subject, Verdict, diff
from coursework.audit.mutants import mutants
from coursework.audit.result import Audit, Found, LessonAudit
from coursework.audit.work import grader, time_limit
from coursework.authoring.rules import broken_rules
from coursework.authoring.source import source_notebook
from coursework.course import Course
from coursework.errors import JudgeError, LessonError
from coursework.evidence import check_evidence, read_evidence
from coursework.lesson import Lesson, read_lesson
from coursework.mistakes import check_mistakes, mistakes_path, read_mistakes
from coursework.pool import Crash, Start, run
from coursework.settings import read_settings

__all__ = ["Progress", "audit"]

Progress = Callable[[int, int], None]
"""Called with the numbers of notebooks to grade and graded, whenever they change."""


def audit(
    course: Course,
    *names: str,
    with_mutants: bool = False,
    n_workers: int = 1,
    progress: Progress = lambda _, __: None,
) -> Audit:
    """Grade all that is known to be right or wrong of lessons, as they stand in `lessons/`.

    Parameters
    ----------
    course : Course
    *names : str
        Assignments (`A`) or lessons (`A/n`); all where none is named.
    with_mutants : bool
        Whether to make mutants of the solutions, too.
    n_workers : int
        Processes that grade.
    progress : callable

    Raises
    ------
    ConfigError
        A name is unknown, the course's configuration is broken, or what makes mutants is
        not installed.
    LessonError
        A lesson does not run.
    JudgeError
        The judge cannot work on this host.
    """
    subjects, errors = _read(course, course.lesson_files(*names))
    options = read_settings(course.root, "").judge_options
    work = _Work(partial(grader, subjects, options), n_workers, progress)
    cases = [case for subject in subjects.values() for case in subject.cases()]
    found = work.grade(cases)
    if with_mutants:
        seconds = _seconds(found)
        found += work.grade(
            case for subject in subjects.values() for case in _mutants(subject, seconds)
        )
    audits = (
        LessonAudit(subject, tuple(f for f in found if f[0].lesson == name), with_mutants)
        for name, subject in subjects.items()
    )
    return Audit(tuple(audits), tuple(errors))


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


def _seconds(found: list[Found]) -> dict[tuple[str, str], float]:
    """Return how long a mutant of each exercise may take; of wrong solutions none are made."""
    return {
        (case.lesson, case.exercise): time_limit(verdict.seconds)
        for case, verdict in found
        if case.kind == "solution" and case.exercise and verdict.is_full
    }


def _mutants(subject: Subject, seconds: dict[tuple[str, str], float]) -> Iterator[Case]:
    for cell in subject.lesson.of_kind("exercise"):
        limit = seconds.get((subject.name, cell.exercise), 0.0)
        for mutant in mutants(cell) if limit else ():
            cells = ((cell.exercise, mutant.source),)
            label = diff(mutant.old, mutant.new)
            case = Case(subject.name, "mutant", label, cell.exercise, cells)
            yield replace(case, seconds=limit)


class _Work:
    """Grades cases in several processes, and counts them."""

    def __init__(self, start: Start[Case, Verdict], n_workers: int, progress: Progress) -> None:
        self._start = start
        self._n_workers, self._progress = n_workers, progress
        self._done = self._total = 0

    def grade(self, cases: Iterable[Case]) -> list[Found]:
        """Return the cases with their verdicts, in the order of the cases."""
        cases = list(cases)
        verdicts: dict[Case, Verdict] = {}
        self._total += len(cases)
        self._progress(self._total, self._done)
        for case, verdict in run(cases, self._start, min(self._n_workers, max(1, len(cases)))):
            if isinstance(verdict, Crash):
                raise JudgeError(f"the process that graded {case.label} in {case.lesson} ended")
            verdicts[case] = verdict
            self._done += 1
            self._progress(self._total, self._done)
        return [(case, verdicts[case]) for case in cases]
