"""What an audit found, and whether it is good enough."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from coursework.audit.cases import Case, Kind, Subject, Verdict, diff
from coursework.errors import CourseworkError
from coursework.evidence import Equivalent

__all__ = ["Audit", "Count", "LessonAudit", "Row"]

_FIRST = 0.95
_KILLED = 0.97
_WHOLES = 2

Found = tuple[Case, Verdict]


@dataclass(frozen=True)
class Count:
    """How many of all are as they should be."""

    good: int
    all: int

    def is_share(self, share: float) -> bool:
        """Whether at least this share is good; of nothing, all is."""
        return self.good >= share * self.all

    def __str__(self) -> str:
        return f"{self.good}/{self.all}" if self.all else "-"


@dataclass(frozen=True)
class Row:
    """One exercise, or with the name "" the whole notebook, in the table of an audit.

    Attributes
    ----------
    exercise : str
    caught : Count
        Mistakes that lose points.
    hinted, first : Count
        Mistakes that get their own hint, at all and before any other.
    accepted : Count
        Right answers that get full marks with every student's random inputs.
    killed : Count
        Mutants that lose points, of those that are not equivalent.
    seconds : float
        What grading all of these took, on one core.
    """

    exercise: str
    caught: Count
    hinted: Count
    first: Count
    accepted: Count
    killed: Count
    seconds: float


@dataclass(frozen=True)
class LessonAudit:
    """All verdicts on a lesson."""

    subject: Subject
    found: tuple[Found, ...]
    has_mutants: bool

    @property
    def name(self) -> str:
        """The lesson as commands name it."""
        return self.subject.name

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """A row for each exercise, then one for the whole notebook."""
        return tuple(self._row(exercise) for exercise in (*self.subject.sources, ""))

    @cached_property
    def survivors(self) -> tuple[Found, ...]:
        """Mutants that lose no point and are not said to be equivalent."""
        return tuple(
            (case, verdict)
            for case, verdict in self._of("mutant")
            if verdict.is_full and not self._is_equivalent(case)
        )

    @cached_property
    def problems(self) -> tuple[str, ...]:
        """Demands on a lesson that this one does not meet, a sentence each."""
        return tuple(self._problems())

    def _of(self, kind: Kind, exercise: str | None = None) -> list[Found]:
        return [
            (case, verdict)
            for case, verdict in self.found
            if case.kind == kind and exercise in (None, case.exercise)
        ]

    def _is_equivalent(self, case: Case) -> bool:
        return any(_is_of(case, one) for one in self.subject.evidence.equivalents)

    def _row(self, exercise: str) -> Row:
        mistakes = self._of("mistake", exercise)
        rights = self._of("right" if exercise else "whole", exercise)
        mutants = [f for f in self._of("mutant", exercise) if not self._is_equivalent(f[0])]
        refused = {case.label for case, verdict in rights if not verdict.is_full}
        n_rights = len({case.label for case, _ in rights})
        return Row(
            exercise,
            Count(sum(not verdict.is_full for _, verdict in mistakes), len(mistakes)),
            Count(sum(case.hint in verdict.hints for case, verdict in mistakes), len(mistakes)),
            Count(sum(_is_first(*found) for found in mistakes), len(mistakes)),
            Count(n_rights - len(refused), n_rights),
            Count(sum(not verdict.is_full for _, verdict in mutants), len(mutants)),
            sum(verdict.seconds for case, verdict in self.found if case.exercise == exercise),
        )

    def total(self, column: str) -> Count:
        """Add up a column of the table."""
        counts = [getattr(row, column) for row in self.rows]
        return Count(sum(count.good for count in counts), sum(count.all for count in counts))

    # -- demands

    def _problems(self) -> Iterator[str]:
        yield from self._rejected()
        for case, verdict in self._of("stub"):
            if verdict.points:
                yield f"{case.label} earn {verdict.points:g} points"
        for case, verdict in self._of("mistake"):
            if verdict.is_full:
                yield f"{case.label} loses no points"
            elif case.hint not in verdict.hints:
                shown = f"; the first is {verdict.hints[0]!r}" if verdict.hints else ""
                yield f"{case.label} does not get its own hint{shown}"
        if not (first := self.total("first")).is_share(_FIRST):
            yield f"only {first} mistakes get their own hint first, not {_FIRST:.0%}"
        if (n := len(self.subject.evidence.wholes)) < _WHOLES:
            yield f"{n} whole right notebooks are given, not {_WHOLES}: add [[whole]]"
        if self.has_mutants:
            yield from self._mutant_problems()

    def _rejected(self) -> Iterator[str]:
        seen = set()
        for case, verdict in self.found:
            is_right = case.kind in ("solution", "right", "whole")
            if is_right and not verdict.is_full and case.label not in seen:
                seen.add(case.label)
                points = f"{verdict.points:g} of {verdict.max_points:g} points"
                yield f"{case.label} gets {points}\n{verdict.lost[0]}"

    def _mutant_problems(self) -> Iterator[str]:
        if not (killed := self.total("killed")).is_share(_KILLED):
            yield f"only {killed} mutants are killed, not {_KILLED:.0%}"
        for one in self.subject.evidence.equivalents:
            found = [verdict for case, verdict in self._of("mutant") if _is_of(case, one)]
            where = f"[[equivalent]] in line {one.line}"
            if not found:
                yield f"{where} is stale: no mutant is like this any more"
            elif not all(verdict.is_full for verdict in found):
                yield f"{where} is wrong: the tests kill this mutant"


def _is_first(case: Case, verdict: Verdict) -> bool:
    return verdict.hints[:1] == (case.hint,)


def _is_of(case: Case, one: Equivalent) -> bool:
    return (case.exercise, case.label) == (one.exercise, diff(one.old, one.new))


@dataclass(frozen=True)
class Audit:
    """Lessons audited, and why others could not be (LessonError)."""

    lessons: tuple[LessonAudit, ...] = ()
    errors: tuple[CourseworkError, ...] = ()

    @property
    def is_good(self) -> bool:
        """Whether every lesson meets every demand."""
        return not self.errors and not any(lesson.problems for lesson in self.lessons)
