"""Verdicts without traces of the run that found them: the same to the byte next time.

Objects have arbitrary addresses, sets of texts are ordered by a number that each process draws,
and Python says where a recursion was when it became too deep.

What checks show is already steady; the texts of exceptions are not, not even in the judge's
process, where a known mistake raises what the student's answer raises in another.
"""

import ast
import re
import warnings
from dataclasses import replace
from typing import TypeVar

from coursework.check.shown import in_order
from coursework.judge.report import Outcome, Part

__all__ = ["steadied", "steady"]

Verdict = TypeVar("Verdict", Outcome, Part)

_OF_A_RUN = (
    (re.compile(r" at 0x[0-9a-fA-F]*"), ""),
    # Where Linux puts a program's memory; other numbers may mean something.
    (re.compile(r"0x[5-7][0-9a-fA-F]{11}\b"), "0x…"),
    (re.compile(r"(Thread\([^()]*, (?:started|stopped)(?: daemon)?) \d+"), r"\1"),
    (re.compile(r"(maximum recursion depth exceeded) (?:in|while) [\w ]+"), r"\1"),
)
_SET = re.compile(r"\{[^{}]*\}")


def steadied(outcome: Outcome) -> Outcome:
    """Return a verdict, and the verdicts on its parts, with texts that do not depend on the run."""
    return replace(_steadied(outcome), parts=tuple(map(_steadied, outcome.parts)))


def _steadied(verdict: Verdict) -> Verdict:
    return replace(verdict, message=steady(verdict.message), diagnosis=steady(verdict.diagnosis))


def steady(text: str) -> str:
    """Return a text without addresses, and with its sets in order."""
    for pattern, told in _OF_A_RUN:
        text = pattern.sub(told, text)
    return _SET.sub(_in_order, text)


def _in_order(found: re.Match[str]) -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd literals
            items = ast.literal_eval(found[0])
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return found[0]
    return f"{{{', '.join(map(repr, in_order(items)))}}}" if isinstance(items, set) else found[0]
