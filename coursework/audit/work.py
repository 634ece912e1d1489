"""What a process of an audit does: grade cases, each with a judge that has the right limits."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

from coursework.audit.cases import Case, Subject, Verdict
from coursework.audit.parity import disagreement
from coursework.audit.plain import run_plainly
from coursework.audit.precision import ends, with_hints
from coursework.judge.report import Report
from coursework.judge.session import Judge

__all__ = ["effort_for", "grader"]

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
    subjects: Mapping[str, Subject], options: Mapping[str, Any], *, with_parity: bool = False
) -> Iterator[Callable[[Case], Verdict]]:
    """Give the function that grades a case of one of these lessons.

    Parameters
    ----------
    subjects : mapping
        By the name of the lesson.
    options : mapping
        How the course configures its judge.
    with_parity : bool
        Whether each case is run as a plain notebook, too, and the two compared.
    """
    # Fair credit would hide which exercise loses points.
    fixed = {"secret": b"audit", "figures": "none", "fair_credit": False}
    with ExitStack() as stack:
        judges = _Judges(dict(options) | fixed, stack)
        yield partial(_grade, judges, subjects, with_parity=with_parity)


class _Judges:
    """Judges by the effort that they allow, started at first use."""

    def __init__(self, options: dict[str, Any], stack: ExitStack) -> None:
        self._options, self._stack = options, stack
        self._judges: dict[int, Judge] = {}

    def of(self, effort: int) -> Judge:
        if effort not in self._judges:
            options = self._options
            if effort:
                # What never ends works, or asks and is asked, and comes to one of these.
                limits = {"cpu_seconds": float(effort), "questions": effort * _QUESTIONS}
                options = options | {"limits": replace(options["limits"], **limits)}
            self._judges[effort] = self._stack.enter_context(Judge(**options))
        return self._judges[effort]


def _grade(
    judges: _Judges, subjects: Mapping[str, Subject], case: Case, *, with_parity: bool
) -> Verdict:
    subject = subjects[case.lesson]
    judge, notebook = judges.of(case.effort), subject.notebook(case)
    mistakes = subject.mistakes if case.kind in ("mistake", "slip") else ()
    start = time.monotonic()
    options = {"stop_early": case.is_mutant}
    report = judge.grade(subject.lesson, notebook, case.student, mistakes, **options)
    verdict = Verdict.of(report, case.tested, time.monotonic() - start)
    if ends(report):
        verdict = with_hints(judge, subject, case, verdict)
    if not with_parity:
        return verdict
    return replace(verdict, unlike=_unlike(judge, subject, case, report))


def _unlike(judge: Judge, subject: Subject, case: Case, report: Report) -> str | None:
    def seed_of(exercise: str) -> int:
        return judge.seed(subject.lesson, case.student, exercise)

    instructor, notebook = judge.instructor(subject.lesson), subject.notebook(case)
    plain = run_plainly(instructor, notebook, seed_of, judge.limits)
    return disagreement(case, report.outcomes, plain)
