"""What a process of an audit does: grade cases, each with a judge that has the right limits."""

import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial

from coursework.audit.cases import Case, Subject, Verdict
from coursework.judge.limits import Limits
from coursework.judge.session import Judge

__all__ = ["grader", "time_limit"]

_LEAST_SECONDS = 3.0
_TIMES = 5.0


def time_limit(seconds: float) -> float:
    """Return how long a mutant may take whose solution takes some seconds."""
    return max(_LEAST_SECONDS, math.ceil(_TIMES * seconds))


@contextmanager
def grader(subjects: Mapping[str, Subject]) -> Iterator[Callable[[Case], Verdict]]:
    """Give the function that grades a case of one of these lessons."""
    with ExitStack() as stack:
        yield partial(_grade, _Judges(stack), subjects)


class _Judges:
    """Judges by the time that they allow, started at first use."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._judges: dict[float, Judge] = {}

    def of(self, seconds: float) -> Judge:
        if seconds not in self._judges:
            limits = Limits(seconds, 2 * seconds) if seconds else Limits()
            # Fair credit would hide which exercise loses points.
            judge = Judge(limits, b"audit", figures="none", fair_credit=False)
            self._judges[seconds] = self._stack.enter_context(judge)
        return self._judges[seconds]


def _grade(judges: _Judges, subjects: Mapping[str, Subject], case: Case) -> Verdict:
    subject = subjects[case.lesson]
    judge, notebook = judges.of(case.seconds), subject.notebook(case)
    mistakes = subject.mistakes if case.kind == "mistake" else ()
    start = time.monotonic()
    report = judge.grade(subject.lesson, notebook, case.student, mistakes)
    return Verdict.of(report, case.tested, time.monotonic() - start)
