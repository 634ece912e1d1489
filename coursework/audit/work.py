"""What a process of an audit does: grade cases, each with a judge that has the right limits."""

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from typing import Any, Literal, get_args

from coursework.audit.cases import Case, Subject, Verdict
from coursework.audit.credit import later_answers, patient
from coursework.audit.parity import disagreement
from coursework.audit.plain import run_plainly
from coursework.audit.precision import ends, with_hints
from coursework.judge.report import Report
from coursework.judge.session import Judge

__all__ = ["EXTRAS", "Extra", "effort_for", "grader"]

Extra = Literal["parity", "credit"]
"""Parity: run each case as a plain notebook, too, and compare. Credit: grade right answers
behind each mistake, too."""
EXTRAS: tuple[Extra, ...] = get_args(Extra)

_TIMES = 5.0
_QUESTIONS = 15_000  # more than a judge asks in a second


def effort_for(seconds: float) -> int:
    """Return how many seconds of CPU time a wrong answer may take, a power of two.

    CPU time does not depend on how busy the machine is, and the kernel counts whole seconds
    of it. Each limit needs a judge of its own, so there are few of them.

    Parameters
    ----------
    seconds : float
        What grading the solution took.
    """
    effort = 1
    while effort < _TIMES * seconds:
        effort *= 2
    return effort


@contextmanager
def grader(
    subjects: Mapping[str, Subject],
    options: Mapping[str, Any],
    extras: Collection[Extra] = (),
) -> Iterator[Callable[[Case], Verdict]]:
    """Give the function that grades a case of one of these lessons.

    Parameters
    ----------
    subjects : mapping
        By the name of the lesson.
    options : mapping
        How the course configures its judge.
    extras : collection of Extra
        What else to find out of each case.
    """
    # Fair credit would hide which exercise loses points.
    fixed = {"secret": b"audit", "figures": "none", "fair_credit": False}
    with ExitStack() as stack:
        judges = _Judges(dict(options) | fixed, stack)
        yield partial(_grade, judges, subjects, extras)


class _Judges:
    """Judges by what they allow, started at first use."""

    def __init__(self, options: dict[str, Any], stack: ExitStack) -> None:
        self._options, self._stack = options, stack
        self._judges: dict[int, Judge] = {}
        self._fair: Judge | None = None
        self._lesson = ""

    def turn_to(self, lesson: str) -> None:
        """End the judges of another lesson: they remember more than many lessons' may."""
        if lesson != self._lesson:
            self._stack.close()
            self._judges, self._fair, self._lesson = {}, None, lesson

    def of(self, effort: int) -> Judge:
        """Return the judge that allows an effort, and ends what has lost a point."""
        if effort not in self._judges:
            # What never ends works, or asks and is asked, and comes to one of these.
            limits = {"cpu_seconds": float(effort), "questions": effort * _QUESTIONS}
            self._judges[effort] = self._start(**limits if effort else {})
        return self._judges[effort]

    def fair(self) -> Judge:
        """Return the judge that gives fair credit."""
        if self._fair is None:
            options = {"limits": patient(self._options["limits"]), "fair_credit": True}
            self._fair = self._stack.enter_context(Judge(**self._options | options))
            # Behind the mistakes of one exercise they are the same.
            self._fair.tries = {}
        return self._fair

    def _start(self, **limits: float) -> Judge:
        options = self._options | {"limits": replace(self._options["limits"], **limits)}
        return self._stack.enter_context(Judge(**options))


def _grade(
    judges: _Judges, subjects: Mapping[str, Subject], extras: Collection[Extra], case: Case
) -> Verdict:
    subject = subjects[case.lesson]
    judges.turn_to(case.lesson)
    judge, notebook = judges.of(case.effort), subject.notebook(case)
    mistakes = subject.mistakes if case.kind in ("mistake", "slip") else ()
    start = time.monotonic()
    options = {"stop_early": case.is_mutant}
    report = judge.grade(subject.lesson, notebook, case.student, mistakes, **options)
    verdict = Verdict.of(report, case.tested, time.monotonic() - start)
    if ends(report):
        verdict = with_hints(judge, subject, case, verdict)
    if "parity" in extras:
        verdict = replace(verdict, unlike=_unlike(judge, subject, case, report))
    if "credit" in extras and case.kind == "mistake":
        verdict = replace(verdict, later=later_answers(judges.fair(), subject, case))
    return verdict


def _unlike(judge: Judge, subject: Subject, case: Case, report: Report) -> str | None:
    def seed_of(exercise: str) -> int:
        return judge.seed(subject.lesson, case.student, exercise)

    instructor, notebook = judge.instructor(subject.lesson), subject.notebook(case)
    plain = run_plainly(instructor, notebook, seed_of, judge.limits)
    return disagreement(case, report.outcomes, plain)
