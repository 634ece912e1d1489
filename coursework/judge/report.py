"""What grading a notebook found out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from operator import attrgetter
from typing import Any, Literal

__all__ = [
    "CellRun",
    "Outcome",
    "Part",
    "Report",
    "Status",
    "by_exercise",
    "explained",
    "message_of",
    "retold",
    "sums",
]

Status = Literal["passed", "failed", "unwritten", "timeout", "died", "broken"]


@dataclass(frozen=True)
class Part:
    """The verdict on a named part of a test cell; fields as in `Outcome`."""

    name: str
    points: float
    max_points: float
    status: Status
    message: str = ""
    hints: tuple[str, ...] = ()
    diagnosis: str = ""
    credit: str = ""


@dataclass(frozen=True)
class Outcome:
    """The verdict on one test cell.

    Attributes
    ----------
    id : str
        `grade_id` of the test cell.
    exercise : str
        The exercise it tests.
    points, max_points : float
        Earned, and possible.
    status : Status
        passed; failed (a check did not hold, or the student's code raised);
        unwritten (NotImplementedError); timeout; died (the process ended);
        broken (the cell that should define the function did not run).
    message : str
        For the student, in several lines: the call, its inputs, the result, what was
        expected. Empty when passed.
    hints : tuple of str
        Hints of the known mistakes that explain the failure, most common first.
    diagnosis : str
        How the value differs from the right one in general, if no known mistake fits.
    credit : str
        Why the points count although the test failed at first: fair credit.
    parts : tuple of Part
        One for each named part, if the cell has parts; the fields above then describe all of
        them together.
    """

    id: str
    exercise: str
    points: float
    max_points: float
    status: Status
    message: str = ""
    hints: tuple[str, ...] = ()
    diagnosis: str = ""
    credit: str = ""
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True)
class CellRun:
    """A student's cell that was run: its outputs in nbformat's form."""

    outputs: tuple[dict[str, Any], ...] = ()
    error: str = ""


@dataclass(frozen=True)
class Report:
    """All that is known about a graded notebook.

    Attributes
    ----------
    runs : dict
        Index of the cell in the repaired notebook → the result of running it.
    seconds : dict
        Wall time by stage: spawn, cells, tests.
    is_repeatable : bool
        Whether the same submission gets the same verdict again: no limit of time can have had a
        say in it, and no process has ended by itself.
    """

    student: str
    assignment: str
    notebook: str
    outcomes: tuple[Outcome, ...]
    runs: dict[int, CellRun] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    is_repeatable: bool = True

    @property
    def points(self) -> float:
        """Points earned by tests, without manually graded answers."""
        return sum(outcome.points for outcome in self.outcomes)

    @property
    def max_points(self) -> float:
        """Points that the tests can give."""
        return sum(outcome.max_points for outcome in self.outcomes)


def explained(outcome: Outcome, part: str, hints: tuple[str, ...], diagnosis: str) -> Outcome:
    """Return an outcome that explains the failure of one of its parts ("" for the cell)."""
    if not part:
        return replace(outcome, hints=hints, diagnosis=diagnosis)
    parts = tuple(
        replace(one, hints=hints, diagnosis=diagnosis) if one.name == part else one
        for one in outcome.parts
    )
    return replace(outcome, parts=parts)


def retold(outcome: Outcome, part: str, message: str) -> Outcome:
    """Return an outcome with another message of one of its parts ("" for the cell)."""
    if not part:
        return replace(outcome, message=message)
    parts = tuple(
        replace(one, message=message) if one.name == part else one for one in outcome.parts
    )
    return replace(outcome, message=message_of(parts), parts=parts)


def message_of(parts: Sequence[Part]) -> str:
    """Return a cell's message about its failed parts."""
    failed = [part for part in parts if part.status != "passed"]
    return "\n\n".join(f"{part.name}: {part.message}" for part in failed)


def by_exercise(report: Report) -> Iterator[tuple[str, list[Outcome]]]:
    """Yield each exercise with the verdicts on its tests, in order."""
    order = list(dict.fromkeys(outcome.exercise for outcome in report.outcomes))
    outcomes = sorted(report.outcomes, key=lambda outcome: order.index(outcome.exercise))
    for exercise, group in groupby(outcomes, key=attrgetter("exercise")):
        yield exercise, list(group)


def sums(outcomes: list[Outcome]) -> tuple[float, float]:
    """Return earned and possible points."""
    return sum(one.points for one in outcomes), sum(one.max_points for one in outcomes)
