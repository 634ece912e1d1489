"""What a process of an audit does: grade cases, each with a judge that has the right limits."""

import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

from coursework.audit.cases import Case, Subject, Verdict
from coursework.judge.session import Judge

__all__ = ["grader", "time_limit"]

_LEAST_SECONDS = 3.0
_TIMES = 5.0


def time_limit(seconds: float) -> float:
    """Return how long a mutant may take whose solution takes some seconds."""
    return max(_LEAST_SECONDS, math.ceil(_TIMES * seconds))


@contextmanager
def grader(
    subjects: Mapping[str, Subject], options: Mapping[str, Any]
) -> Iterator[Callable[[Case], Verdict]]:
    """Give the function that grades a case of one of these lessons.

    Parameters
    ----------
    subjects : mapping
        By the name of the lesson.
    options : mapping
        How the course configures its judge.
    """
    # Fair credit would hide which exercise loses points.
    fixed = {"secret": b"audit", "figures": "none", "fair_credit": False}
    with ExitStack() as stack:
        yield partial(_grade, _Judges(dict(options) | fixed, stack), subjects)


class _Judges:
    """Judges by the time that they allow, started at first use."""

    def __init__(self, options: dict[str, Any], stack: ExitStack) -> None:
        self._options, self._stack = options, stack
        self._judges: dict[float, Judge] = {}

    def of(self, seconds: float) -> Judge:
        if seconds not in self._judges:
            options = self._options
            if seconds:
                limits = {"cell_seconds": seconds, "notebook_seconds": 2 * seconds}
                options = options | {"limits": replace(options["limits"], **limits)}
            self._judges[seconds] = self._stack.enter_context(Judge(**options))
        return self._judges[seconds]


def _grade(judges: _Judges, subjects: Mapping[str, Subject], case: Case) -> Verdict:
    subject = subjects[case.lesson]
    judge, notebook = judges.of(case.seconds), subject.notebook(case)
    mistakes = subject.mistakes if case.kind == "mistake" else ()
    start = time.monotonic()
    report = judge.grade(subject.lesson, notebook, case.student, mistakes)
    return Verdict.of(report, case.tested, time.monotonic() - start)
