"""Count what the judge found, verdict by verdict: mistakes and fair credit."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from coursework.feedback.report.facts import Credit, Example, Mistake
from coursework.grading.causes import CAUSES
from coursework.judge.report import Outcome, Part

__all__ = ["Tally"]

_UNREAD = "the notebook could not be read, or was not submitted"
_UNKNOWN = "a check failed, and no known mistake fits"

_Key = tuple[str, str, str, bool]
"""Notebook, exercise, cause, and whether the cause is a hint."""


@dataclass
class _Count:
    """Whom it concerns, and how many points; the first student is the example."""

    example: Example
    students: dict[str, None] = field(default_factory=dict)
    points: float = 0.0

    def add(self, student: str, points: float) -> None:
        self.students[student] = None
        self.points += points


class Tally:
    """Counts verdicts; it keeps one message per cause, however many students there are."""

    def __init__(self) -> None:
        self._mistakes: dict[_Key, _Count] = {}
        self._credits: dict[_Key, _Count] = {}

    def add(self, student: str, notebook: str, outcome: Outcome) -> None:
        """Count a verdict on a test cell, or on each part of it."""
        for verdict in outcome.parts or (outcome,):
            example = Example(student, _name(outcome, verdict), verdict.message)
            lost = verdict.max_points - verdict.points
            for cause, is_known in _causes(verdict) if lost > 0 else ():
                exercise = "" if cause == _UNREAD else outcome.exercise
                key = notebook, exercise, cause, is_known
                self._mistakes.setdefault(key, _Count(example)).add(student, lost)
            # A voided test has a reason here too, but no points.
            if verdict.credit and verdict.points > 0:
                key = notebook, outcome.exercise, verdict.credit, False
                self._credits.setdefault(key, _Count(example)).add(student, verdict.points)

    def mistakes(self) -> tuple[Mistake, ...]:
        """Return why points were lost, most common first."""
        found = (
            Mistake(*key, tuple(count.students), count.points, count.example)
            for key, count in self._mistakes.items()
        )
        return tuple(sorted(found, key=lambda one: (-len(one.students), -one.points)))

    def credits(self) -> tuple[Credit, ...]:
        """Return where an earlier mistake was not punished twice, most common first."""
        found = (
            Credit(*key[:3], count.points, tuple(count.students))
            for key, count in self._credits.items()
        )
        return tuple(sorted(found, key=lambda one: -len(one.students)))


def _name(outcome: Outcome, verdict: Outcome | Part) -> str:
    return f"{outcome.id}: {verdict.name}" if isinstance(verdict, Part) else outcome.id


def _causes(verdict: Outcome | Part) -> Iterator[tuple[str, bool]]:
    """Yield why points were lost: each hint, or else one cause that students can share."""
    if verdict.hints:
        yield from ((hint, True) for hint in verdict.hints)
    elif verdict.status == "unwritten" and "not written" not in verdict.message:
        yield _UNREAD, False
    else:
        yield CAUSES.get(verdict.status) or verdict.diagnosis or _UNKNOWN, False
