"""What an author states about the tests of a lesson, besides its known mistakes.

Whole notebooks that are right though written differently, changes of a solution that no test
can tell from it, answers that earn something else in a plain notebook, and right answers that
lose points through an earlier mistake. They are in the file of the known mistakes::

    [[whole]]
    style = "loops over Python lists"
    [whole.cells]
    mse_gradient = '''
    def mse_gradient(X, y, w):
        ...
    '''

    [[equivalent]]
    exercise = "mse_gradient"
    old = "return 2 / len(y) * X.T @ residual"
    new = "return 2 / len(X) * X.T @ residual"
    reason = "X has a row for each target."

    [[equivalent]]
    exercise = "mse"
    behaviour = "order.swapped(y, y_hat)"
    reason = "A squared difference is the same both ways."

    [[later]]
    measure = "behaved"
    reason = "Its tests are older than behavioural mutants."

    [[unlike]]
    exercise = "mse_gradient"
    text = "y -= X @ w"
    reason = "It changes its input, which in a notebook spoils the data of later checks, too."

    [[uncredited]]
    exercise = "Node"
    later = "trace"
    reason = "`trace` writes to a list of nodes that a lent class cannot see."
"""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from coursework.course.lesson import Lesson
from coursework.course.mistakes import Mistake, mistakes_in
from coursework.course.toml_tables import Table, read_tables
from coursework.errors import LessonError

__all__ = [
    "LATER",
    "Equivalent",
    "Evidence",
    "Later",
    "Uncredited",
    "Unlike",
    "Whole",
    "check_evidence",
    "read_answers",
    "read_evidence",
]

LATER = ("behaved", "form", "hinted", "true")
"""Measures whose demand a lesson may postpone."""


@dataclass(frozen=True)
class Whole:
    """A right answer to the whole notebook, in a different style from the solution's.

    Attributes
    ----------
    style : str
        What is different about it, in a few words.
    cells : tuple of (str, str)
        Exercise and its cell; an exercise left out keeps the solution's.
    path : Path
    line : int
        Where it is, counted from 1.
    """

    style: str
    cells: tuple[tuple[str, str], ...]
    path: Path
    line: int


@dataclass(frozen=True)
class Equivalent:
    """A change of a solution that leaves it right.

    Attributes
    ----------
    exercise : str
    old, new : str
        The lines that differ, in the solution and in the mutant, without indentation; "" for
        a behaviour.
    behaviour : str
        The name of a behavioural mutant, as the audit prints it; "" for other mutants.
    reason : str
        Why no test can tell the two apart.
    path : Path
    line : int
    """

    exercise: str
    old: str
    new: str
    behaviour: str
    reason: str
    path: Path
    line: int


@dataclass(frozen=True)
class Later:
    """A demand that the lesson need not meet yet; the ledger holds it to what it has reached.

    Attributes
    ----------
    measure : str
        Name of the measure, as in records.
    reason : str
    path : Path
    line : int
    """

    measure: str
    reason: str
    path: Path
    line: int


@dataclass(frozen=True)
class Unlike:
    """Answers that need not earn at grading what they earn in a plain notebook.

    Attributes
    ----------
    exercise : str
    text : str
        What their cells contain.
    reason : str
    path : Path
    line : int
    """

    exercise: str
    text: str
    reason: str
    path: Path
    line: int


@dataclass(frozen=True)
class Uncredited:
    """Right answers that lose points where an earlier exercise is wrong.

    Attributes
    ----------
    exercise : str
        The earlier one.
    later : str
    reason : str
    path : Path
    line : int
    """

    exercise: str
    later: str
    reason: str
    path: Path
    line: int


@dataclass(frozen=True)
class Evidence:
    """All that a file states, in its order."""

    wholes: tuple[Whole, ...] = ()
    equivalents: tuple[Equivalent, ...] = ()
    laters: tuple[Later, ...] = ()
    unlikes: tuple[Unlike, ...] = ()
    uncrediteds: tuple[Uncredited, ...] = ()


def read_evidence(path: Path) -> Evidence:
    """Read what a file of known mistakes states besides them.

    Raises
    ------
    LessonError
        The file is not TOML, or an entry lacks a key or has one too many.
    """
    return _evidence(read_tables(path))


def read_answers(path: Path) -> tuple[tuple[Mistake, ...], Evidence]:
    """Read a whole file: the known mistakes, and what it states besides them.

    Raises
    ------
    LessonError
        As in `read_mistakes` and `read_evidence`.
    """
    tables = read_tables(path)
    return mistakes_in(tables), _evidence(tables)


def _evidence(tables: Sequence[Table]) -> Evidence:
    return Evidence(
        tuple(_whole(table) for table in tables if table.name == "whole"),
        tuple(_equivalent(table) for table in tables if table.name == "equivalent"),
        tuple(_later(table) for table in tables if table.name == "later"),
        tuple(_unlike(table) for table in tables if table.name == "unlike"),
        tuple(_uncredited(table) for table in tables if table.name == "uncredited"),
    )


def check_evidence(lesson: Lesson, evidence: Evidence) -> list[LessonError]:
    """Return all of it that does not fit the lesson; behaviours are left to `mutants.stated`."""
    return [
        *_unknown_exercises(lesson, evidence),
        *_unknown_measures(evidence),
        *_syntax_errors(evidence),
    ]


def _unknown_exercises(lesson: Lesson, evidence: Evidence) -> Iterator[LessonError]:
    known = {cell.exercise for cell in lesson.of_kind("exercise")}
    named: list[tuple[str, Any]] = [
        (name, whole) for whole in evidence.wholes for name, _ in whole.cells
    ]
    others: list[Equivalent | Unlike | Uncredited] = [
        *evidence.equivalents,
        *evidence.unlikes,
        *evidence.uncrediteds,
    ]
    named += [(one.exercise, one) for one in others]
    named += [(one.later, one) for one in evidence.uncrediteds]
    for name, entry in named:
        if name not in known:
            text = f"the lesson {lesson.name} has no exercise {name!r}"
            yield LessonError(entry.path, entry.line, text)


def _unknown_measures(evidence: Evidence) -> Iterator[LessonError]:
    for one in evidence.laters:
        if one.measure not in LATER:
            text = f"no demand {one.measure!r} can wait: {' or '.join(LATER)} can"
            yield LessonError(one.path, one.line, text)


def _syntax_errors(evidence: Evidence) -> Iterator[LessonError]:
    for whole in evidence.wholes:
        for name, code in whole.cells:
            try:
                ast.parse(code)
            except SyntaxError as error:
                text = f"the cell of {name!r} has a syntax error: {error.msg}"
                yield LessonError(whole.path, whole.line, text)


def _whole(table: Table) -> Whole:
    cells = table.entry.get("cells", {})
    _demand(table, {"style": str, "cells": dict})
    if not cells or not all(isinstance(code, str) for code in cells.values()):
        text = "[whole.cells] holds the cell of each exercise as a text"
        raise LessonError(table.path, table.line, text)
    found = tuple((name, code.strip("\n")) for name, code in cells.items())
    return Whole(table.entry["style"], found, table.path, table.line)


def _equivalent(table: Table) -> Equivalent:
    keys = ("behaviour",) if "behaviour" in table.entry else ("old", "new")
    _demand(table, dict.fromkeys(("exercise", *keys, "reason"), str))
    texts = {"old": "", "new": "", "behaviour": ""}
    texts |= {key: value.strip() for key, value in table.entry.items()}
    return Equivalent(**texts, path=table.path, line=table.line)


def _later(table: Table) -> Later:
    _demand(table, {"measure": str, "reason": str})
    return Later(**table.entry, path=table.path, line=table.line)


def _unlike(table: Table) -> Unlike:
    _demand(table, dict.fromkeys(("exercise", "text", "reason"), str))
    return Unlike(**table.entry, path=table.path, line=table.line)


def _uncredited(table: Table) -> Uncredited:
    _demand(table, dict.fromkeys(("exercise", "later", "reason"), str))
    return Uncredited(**table.entry, path=table.path, line=table.line)


def _demand(table: Table, keys: dict[str, type]) -> None:
    """Refuse a table that does not have exactly these keys, of these types."""
    entry = table.entry
    if set(entry) != set(keys) or not all(isinstance(entry[k], kind) for k, kind in keys.items()):
        text = f"[[{table.name}]] has {', '.join(keys)}, not {', '.join(entry) or 'nothing'}"
        raise LessonError(table.path, table.line, text)
