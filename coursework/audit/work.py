"""What a process of an audit does: grade cases, each with a judge that has the right limits."""

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from functools import partial
from typing import Any, Literal, get_args

from coursework.audit.apart import Apart
from coursework.audit.cases import Behind, Case, CaseVerdict, Subject
from coursework.audit.credit import Credit, Later
from coursework.audit.parity import disagreement, is_compared
from coursework.audit.plain import Points
from coursework.audit.precision import ends, with_hints
from coursework.course.lesson import Lesson
from coursework.ipc.limits import Limits
from coursework.judge.judge import Judge
from coursework.judge.report import Report

__all__ = ["EXTRAS", "Extra", "Task", "effort_for", "grader"]

Extra = Literal["parity", "credit"]
"""Parity: run each case as a plain notebook, too, and compare. Credit: grade right answers
behind each mistake, too."""
EXTRAS: tuple[Extra, ...] = get_args(Extra)
Task = Case | Behind

_TIMES = 5.0
_MORE = 4
_QUESTIONS = 15_000  # more than a judge asks in a second
_EXPLAINED = ("mistake", "slip")  # hints of mutants are found in the judge, see `precision`
_PATIENCE = 10.0, 150_000
_WALL_TIMES = 10


def effort_for(seconds: float) -> int:
    """Return how many seconds of CPU time a wrong answer may take, a power of two.

    CPU time does not depend on how busy the machine is, and the kernel counts it in whole
    seconds.

    Parameters
    ----------
    seconds : float
        CPU time of grading the solution, of both processes.
    """
    effort = 1
    while effort < _TIMES * seconds:
        effort *= 2
    return effort


def within(limits: Limits, cpu_seconds: float, questions: int) -> Limits:
    """Return limits that stop endless answers by CPU time, not by a clock."""
    return replace(
        limits,
        cpu_seconds=min(limits.cpu_seconds, cpu_seconds),
        questions=min(limits.questions, questions),
        cell_seconds=_WALL_TIMES * limits.cell_seconds,
        notebook_seconds=_WALL_TIMES * limits.notebook_seconds,
    )


@contextmanager
def grader(
    subjects: Mapping[str, Subject],
    options: Mapping[str, Any],
    extras: Collection[Extra] = (),
) -> Iterator[Callable[[Task], CaseVerdict | tuple[Later, ...]]]:
    """Give the function that grades a case of one of these lessons, or answers after mistakes.

    Parameters
    ----------
    subjects : mapping
        By name of the lesson.
    options : mapping
        How the course configures its judge.
    extras : collection of Extra
        What else to find out about each case.
    """
    # Fair credit would hide which exercise loses points.
    fixed = {"secret": b"audit", "figures": "none", "fair_credit": False}
    with ExitStack() as stack:
        judges = _Judges(dict(options) | fixed, stack)
        yield partial(_do, judges, subjects, extras)


class _Judges:
    """Judges by what they allow; for one lesson, they share everything else."""

    def __init__(self, options: dict[str, Any], stack: ExitStack) -> None:
        self._options, self._stack = options, stack
        self._limits: Limits = options["limits"]
        self._judge: Judge = None  # type: ignore[assignment]  # until it turns to a lesson
        self._fair: Judge | None = None
        self._apart: Apart | None = None
        self._lesson = ""

    def turn_to(self, lesson: str) -> None:
        """End the judges of another lesson: they keep too much for many lessons at once."""
        if lesson != self._lesson:
            self._stack.close()
            self._judge = self._stack.enter_context(Judge(**self._options))
            self._judge.seeds_by_code = False  # answers are compared on the same inputs
            self._fair, self._apart, self._lesson = None, None, lesson

    def of(self, effort: int) -> Judge:
        """Return the judge that allows an effort."""
        if not effort:
            return self._judge
        # What never ends computes, or asks and is asked, and reaches one of these limits.
        limits = within(self._limits, float(effort), effort * _QUESTIONS)
        return self._judge.within(limits, fair_credit=False)

    def fair(self) -> Judge:
        """Return the judge that gives fair credit."""
        if self._fair is None:
            self._fair = self._judge.within(within(self._limits, *_PATIENCE), fair_credit=True)
            # After the mistakes of one exercise they are the same.
            self._fair.tries = {}
        return self._fair

    def apart(self, lesson: Lesson) -> Apart:
        """Return the process that runs plain notebooks."""
        if self._apart is None:
            self._apart = self._stack.enter_context(closing(Apart(self._judge.instructor(lesson))))
        return self._apart


def _do(
    judges: _Judges, subjects: Mapping[str, Subject], extras: Collection[Extra], task: Task
) -> CaseVerdict | tuple[Later, ...]:
    subject = subjects[task.lesson]
    judges.turn_to(task.lesson)
    if isinstance(task, Behind):
        return _grade_behind(judges, subject, task)
    return _grade(judges, subject, extras, task)


def _grade(judges: _Judges, subject: Subject, extras: Collection[Extra], case: Case) -> CaseVerdict:
    judge, mistakes = judges.of(case.effort), subject.mistakes if case.kind in _EXPLAINED else ()
    judge.instructor(subject.lesson)  # building it is not part of this answer
    start, used = time.monotonic(), _cpu_seconds(judge, case)
    options: dict[str, Any] = {"stop_early": case.is_mutant, "explains": case.kind in _EXPLAINED}

    def graded(judge: Judge) -> Report:
        notebook = subject.notebook(case)
        return judge.grade(subject.lesson, notebook, case.student, mistakes, **options)

    report = graded(judge)
    if case.effort and not ends(report):
        # How far an answer gets in its time depends on the machine: it is done, or far from it.
        judge = judges.of(_MORE * case.effort)
        report = graded(judge)
    seconds, used = time.monotonic() - start, _cpu_seconds(judge, case) - used
    verdict = CaseVerdict.of(report, case.tested, seconds, used)
    if ends(report):
        verdict = with_hints(judge, subject, case, verdict)
    if "parity" in extras and is_compared(case):
        points = _plainly(judges.apart(subject.lesson), judge, subject, case)
        verdict = replace(verdict, unlike=disagreement(case, report.outcomes, points))
    return verdict


def _grade_behind(judges: _Judges, subject: Subject, behind: Behind) -> tuple[Later, ...]:
    credit = Credit(judges.fair(), subject, behind.exercise)
    return tuple(map(credit.later_answers, behind.cases))


def _cpu_seconds(judge: Judge, case: Case) -> float:
    """Return the CPU time used so far, if it is needed: others are limited by it."""
    return time.process_time() + judge.cpu_seconds() if case.kind == "solution" else 0.0


def _plainly(apart: Apart, judge: Judge, subject: Subject, case: Case) -> Points:
    def seed_of(exercise: str) -> int:
        return judge.seed(subject.lesson, case.student, exercise)

    notebook = subject.notebook(case)
    return apart.run(notebook, seed_of, judge.limits, stop_early=case.is_mutant)
