"""What an audit found, and whether it is good enough."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from coursework.audit.cases import Case, CaseVerdict, Kind, Subject, diff
from coursework.audit.measures import MEASURES, Count, Found
from coursework.course.alternatives import Equivalent, Later, Uncredited, Unlike
from coursework.errors import CourseworkError

__all__ = ["Audit", "LessonAudit", "Row"]

_WHOLES = 2


@dataclass(frozen=True)
class Row:
    """One exercise, or under the name "" the whole notebook, in the table of an audit.

    Attributes
    ----------
    exercise : str
    counts : mapping
        By name of the measure.
    seconds : float
        What grading all of these took, on one core.
    """

    exercise: str
    counts: Mapping[str, Count]
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
        """Mutants that lose no point and are not declared equivalent."""
        return tuple(
            (case, verdict)
            for case, verdict in self.found
            if case.is_mutant and verdict.is_full and not self._is_equivalent(case)
        )

    @cached_property
    def problems(self) -> tuple[str, ...]:
        """Demands on a lesson that this one does not meet, a sentence each."""
        return tuple(self._problems())

    def _of(self, kind: Kind) -> list[Found]:
        return [(case, verdict) for case, verdict in self.found if case.kind == kind]

    def _is_equivalent(self, case: Case) -> bool:
        equivalents = self.subject.evidence.equivalents
        return case.is_mutant and any(_is_of(case, one) for one in equivalents)

    def _later(self, measure: str) -> Later | None:
        laters = self.subject.evidence.laters
        return next((one for one in laters if one.measure == measure), None)

    def _row(self, exercise: str) -> Row:
        own = [found for found in self.found if found[0].exercise == exercise]
        counted = [self._excused(*f) for f in own if not self._is_equivalent(f[0])]
        counts = {measure.name: measure.count(counted) for measure in MEASURES}
        return Row(exercise, counts, sum(verdict.seconds for _, verdict in own))

    def _excused(self, case: Case, verdict: CaseVerdict) -> Found:
        is_listed = verdict.unlike and self._listed(case)
        later = verdict.later and tuple(
            (name, lost) for name, lost in verdict.later if not lost or not self._bars(case, name)
        )
        return case, replace(verdict, unlike=None if is_listed else verdict.unlike, later=later)

    def total(self, measure: str) -> Count:
        """Add up a column of the table."""
        return sum((row.counts[measure] for row in self.rows), Count())

    # -- demands

    def _problems(self) -> Iterator[str]:
        yield from self._rejected()
        for case, verdict in self._of("stub"):
            if verdict.points:
                yield f"{case.label} earn {verdict.points:g} points"
        yield from self._wrong_hints()
        yield from self._unlike()
        yield from self._uncredited()
        yield from self._unmet()
        if (n := len(self.subject.evidence.wholes)) < _WHOLES:
            yield f"{n} whole right notebooks are given, not {_WHOLES}: add [[whole]]"
        if self.has_mutants:
            yield from self._wrong_equivalents()

    def _wrong_hints(self) -> Iterator[str]:
        hints_wait, truth_waits = self._later("hinted"), self._later("true")
        for case, verdict in self._of("mistake"):
            if verdict.is_full:
                yield f"{case.label} loses no points"
            elif case.hint not in verdict.hints and not hints_wait:
                yield _without_hint(case, verdict)
        for case, verdict in self.found:
            for hint in () if truth_waits else verdict.refuted:
                yield f"a hint that is not true of it shows for {_name(case)}: {hint!r}"

    def _unmet(self) -> Iterator[str]:
        for measure in MEASURES:
            count, later = self.total(measure.name), self._later(measure.name)
            is_met = count.is_share(measure.share)
            # If all are demanded, each bad one has been named above.
            if measure.share < 1 and not is_met and not later:
                yield f"only {count} {measure.unmet}, not {measure.share:.0%}"
            if later and is_met and count.all:
                where = f"[[later]] in line {later.line}"
                yield f"{where} is stale: {count} {measure.unmet}, which is enough"

    def _rejected(self) -> Iterator[str]:
        seen = set()
        for case, verdict in self.found:
            is_right = case.kind in ("solution", "right", "whole")
            if is_right and not verdict.is_full and case.label not in seen:
                seen.add(case.label)
                points = f"{verdict.points:g} of {verdict.max_points:g} points"
                yield f"{case.label} gets {points}\n{verdict.lost[0]}"

    def _unlike(self) -> Iterator[str]:
        for case, verdict in self.found:
            # A reason why no test can see it is a reason why a notebook may.
            if verdict.unlike and not self._listed(case) and not self._is_equivalent(case):
                what = f"a mutant of {case.exercise}" if case.is_mutant else case.label
                change = f"\n{case.label}" if case.is_mutant else ""
                yield f"{what} is graded otherwise: {verdict.unlike}{change}"
        unlike = [case for case, verdict in self.found if verdict.unlike]
        is_measured = any(verdict.unlike is not None for _, verdict in self.found)
        for one in self.subject.evidence.unlikes if is_measured else ():
            if not any(one in self._listed(case) for case in unlike):
                yield f"[[unlike]] in line {one.line} is stale: no such answer is graded otherwise"

    def _uncredited(self) -> Iterator[str]:
        lost = [
            (case, name, text)
            for case, verdict in self.found
            for name, text in verdict.later or ()
            if text
        ]
        for case, name, text in lost:
            if not self._bars(case, name):
                yield f"behind {case.label} a right answer to {name} loses points\n{text}"
        is_measured = any(verdict.later is not None for _, verdict in self.found)
        for one in self.subject.evidence.uncrediteds if is_measured else ():
            if not any(one in self._bars(case, name) for case, name, _ in lost):
                where = f"[[uncredited]] in line {one.line}"
                yield f"{where} is stale: a right answer to {one.later} keeps its points"

    def _bars(self, case: Case, later: str) -> list[Uncredited]:
        """Return the entries that give a reason why a right answer after this loses points."""
        uncrediteds = self.subject.evidence.uncrediteds
        return [one for one in uncrediteds if (one.exercise, one.later) == (case.exercise, later)]

    def _listed(self, case: Case) -> list[Unlike]:
        """Return the entries that give a reason why a notebook disagrees about an answer."""
        cells = dict(case.cells)
        unlikes = self.subject.evidence.unlikes
        return [one for one in unlikes if one.text in cells.get(one.exercise, "")]

    def _wrong_equivalents(self) -> Iterator[str]:
        for one in self.subject.evidence.equivalents:
            found = [verdict for case, verdict in self.found if _is_of(case, one)]
            where = f"[[equivalent]] in line {one.line}"
            if not found:
                yield f"{where} is stale: no mutant is like this any more"
            elif not all(verdict.is_full for verdict in found):
                yield f"{where} is wrong: the tests kill this mutant"


def _without_hint(case: Case, verdict: CaseVerdict) -> str:
    if not verdict.rivals:
        return f"{case.label} does not get its own hint"
    lines = " and ".join(map(str, verdict.rivals))
    return (
        f"{case.label} cannot be told from that in line {lines}: make them one, with a hint "
        "that is true of both, or add a check that tells them apart"
    )


def _name(case: Case) -> str:
    """Return a name for an answer; mutants and slips are many."""
    if case.is_mutant or case.kind == "slip":
        return f"the {case.kind} of {case.exercise}\n{case.label}\n"
    return case.label


def _is_of(case: Case, one: Equivalent) -> bool:
    kind = "behaviour" if one.behaviour else "mutant"
    label = one.behaviour or diff(one.old, one.new)
    return (case.kind, case.exercise, case.label) == (kind, one.exercise, label)


@dataclass(frozen=True)
class Audit:
    """Lessons audited, and why others could not be (LessonError)."""

    lessons: tuple[LessonAudit, ...] = ()
    errors: tuple[CourseworkError, ...] = ()

    @property
    def is_good(self) -> bool:
        """Whether every lesson meets every demand."""
        return not self.errors and not any(lesson.problems for lesson in self.lessons)
