"""What the tests of an exercise see of an answer, check by check: its fingerprint.

A recorded test continues after a check fails or a statement raises. Two answers whose records
agree are the same function as far as the tests can see.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import numpy as np

from coursework.check import Call
from coursework.judge.hints.value import freeze, is_alike, n_bytes, noise
from coursework.judge.steady import steady
from coursework.judge.student_error import StudentError

__all__ = [
    "IsEnough",
    "Problem",
    "Record",
    "Recorder",
    "Stopped",
    "are_alike",
    "is_same",
    "n_entries",
    "noises",
    "problem_of",
]

_MAX_RECORDS = 5000
_MAX_BYTES = 2**26
_MAX_TEXT = 300
IsEnough = Callable[[int, "Record"], bool]
_ADDRESS = re.compile(r"0x[0-9a-fA-F]+")


class Stopped(BaseException):
    """There is no need to continue."""


@dataclass(frozen=True)
class Problem:
    """An exception in comparable form: its type's name and its text."""

    type_name: str
    text: str


@dataclass(frozen=True)
class Record:
    """What one check saw, or what a statement of the test raised.

    Attributes
    ----------
    line : int
        Of the statement in the test cell.
    part : str
    holds : bool
    value, expected : frozen values, see `value`
    problem : Problem or None
        What was raised.
    sizes : tuple of (str, int)
        Lengths of the inputs of the calls that a failed check looks at.
    atol : float
        Of the check.
    """

    line: int
    part: str
    holds: bool
    value: Any = None
    expected: Any = None
    problem: Problem | None = None
    sizes: tuple[tuple[str, int], ...] = ()
    atol: float = 0.0


class Recorder:
    """Records a test, see `check.Observer`.

    Parameters
    ----------
    is_enough : callable, optional
        Called with each record and its place; True ends the run.
    keeps_messages : bool
        Whether the messages of checks that fail on little input are kept.

    Attributes
    ----------
    records : list of Record
    smallest : dict
        Part → the failed check with the fewest input entries: their number, and its message.
    is_full : bool
        Whether there were more records than can be kept.

    Raises
    ------
    Stopped
        From within the test, once there is enough.
    """

    def __init__(self, is_enough: IsEnough | None = None, *, keeps_messages: bool = False) -> None:
        self.records: list[Record] = []
        self.smallest: dict[str, tuple[int, str]] = {}
        self._keeps_messages = keeps_messages
        self.is_full = False
        self.part = ""
        self._is_enough = is_enough
        self._line = 0
        self._bytes = 0

    def see(
        self,
        value: object,
        expected: object,
        calls: Sequence[Call],
        *,
        holds: bool,
        atol: float,
        message: Callable[[], str],
    ) -> None:
        """Take note of a check."""
        if self._keeps_messages and not holds and calls:
            size = n_entries(calls)
            if size < self.smallest.get(self.part, (np.inf, ""))[0]:
                self.smallest[self.part] = size, message()
        found = freeze(value), freeze(expected)
        sizes = () if holds else tuple(_sizes(calls))
        self._add(Record(self._line, self.part, holds, *found, sizes=sizes, atol=atol))

    def step(self, line: int) -> "_Step":
        """Return the context of the statement in a line of the test."""
        self._line = line
        return _Step(self, line)

    def caught(self, error: Exception, line: int) -> None:
        """Take note of an exception that ended a statement."""
        self._add(Record(line, self.part, holds=False, problem=problem_of(error)))

    def _add(self, record: Record) -> None:
        self._bytes += n_bytes((record.value, record.expected))
        if len(self.records) == _MAX_RECORDS or self._bytes > _MAX_BYTES:
            self.is_full = True
            return
        self.records.append(record)
        if self._is_enough and self._is_enough(len(self.records) - 1, record):
            raise Stopped


class _Step:
    def __init__(self, recorder: Recorder, line: int) -> None:
        self._recorder, self._line = recorder, line

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        if not isinstance(error, Exception):
            return False
        if not _is_consequence(error, trace):
            self._recorder.caught(error, self._line)
        return True


def _is_consequence(error: Exception, trace: TracebackType | None) -> bool:
    """Whether the test lacks a name only because the statement that assigns it raised."""
    is_of_test = trace is not None and trace.tb_next is None
    return is_of_test and isinstance(error, NameError) and not isinstance(error, StudentError)


def problem_of(error: Exception) -> Problem:
    """Return an exception in comparable form, whether the student's code or the judge raised it."""
    name = error.type_name if isinstance(error, StudentError) else type(error).__name__
    # For comparison, all numbers that may be addresses are the same.
    return Problem(name, _ADDRESS.sub("0x", steady(str(error)))[:_MAX_TEXT])


def are_alike(ones: Sequence[Record], others: Sequence[Record]) -> bool:
    """Whether two answers have the same records, in the same order."""
    return len(ones) == len(others) and all(map(is_same, ones, others))


def is_same(one: Record, other: Record, noise: float = 0.0) -> bool:
    """Whether two records agree up to rounding (see `noises`)."""
    if (one.line, one.part) != (other.line, other.part):
        return False
    if noise == np.inf:
        return True
    if one.holds != other.holds or one.problem != other.problem:
        return False
    expected = None if one.holds else one.expected
    return is_alike(one.value, other.value, expected, atol=one.atol, noise=noise)


def noises(records: Sequence[Record], *shaken: Sequence[Record]) -> list[float]:
    """Return the effect of rounding on each record.

    The largest effect among the records of a statement counts for all of them: some are moved
    less by chance.

    Parameters
    ----------
    records : sequence of Record
    *shaken : sequence of Record
        The same with inputs whose last digits are changed.
    """
    found = [
        max(_noise(record, run[i] if i < len(run) else None) for run in shaken)
        for i, record in enumerate(records)
    ]
    largest: dict[int, float] = {}
    for record, size in zip(records, found, strict=True):
        if np.isfinite(size):
            largest[record.line] = max(size, largest.get(record.line, 0.0))
    return [max(size, largest.get(r.line, 0.0)) for r, size in zip(records, found, strict=True)]


def _noise(record: Record, shaken: Record | None) -> float:
    if shaken is None:
        return np.inf
    place, other = ((r.line, r.part, r.holds, r.problem) for r in (record, shaken))
    return noise(record.value, shaken.value) if place == other else np.inf


def n_entries(calls: Sequence[Call]) -> int:
    """Return at least how many numbers the inputs of calls have; an object counts as one."""
    values = [value for call in calls for _, value in call.inputs]
    return sum(
        value.size if isinstance(value, np.ndarray) else len(value) if type(value) is list else 1
        for value in values
    )


def _sizes(calls: Sequence[Call]) -> Any:
    """Name the sizes of the inputs as the course does: n rows, d columns."""
    for call in calls:
        for name, value in call.inputs:
            shape = np.shape(value) if isinstance(value, np.ndarray) else ()
            if shape:
                yield f"the length of {name}", shape[0]
            if len(shape) > 1:
                yield f"the number of columns of {name}", shape[1]
