"""What an audit grades, in which order, and what it has found about each lesson so far."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import cast

from coursework.audit.cases import Behind, Case, CaseVerdict, Subject, diff
from coursework.audit.credit import Later
from coursework.audit.result import LessonAudit
from coursework.audit.work import Task, effort_for
from coursework.mutants.behaviour import behaviours
from coursework.mutants.machine import mutants
from coursework.mutants.slips import slips

__all__ = ["Keep", "Progress", "Schedule"]

Progress = Callable[[int, int], None]
"""Called with the numbers of notebooks to grade and graded, whenever they change."""

Keep = Callable[[LessonAudit], None]
"""Called with each lesson as soon as it is measured."""

# Solutions come first, with enough after them that their times are known for the rest.
_ORDER = ("solution", "stub", "right", "whole", "mistake", "mutant", "behaviour", "slip")


def _mutants(subject: Subject) -> Iterator[Case]:
    for cell in subject.lesson.of_kind("exercise"):
        for mutant in mutants(cell):
            cells = ((cell.exercise, mutant.source),)
            label = diff(mutant.old, mutant.new)
            yield Case(subject.name, "mutant", label, cell.exercise, cells)
        for one in behaviours(subject.lesson, cell):
            case = Case(subject.name, "behaviour", one.name, cell.exercise)
            yield replace(case, cells=((cell.exercise, one.source),), about=one.about)


def _slips(subject: Subject) -> Iterator[Case]:
    for cell in subject.lesson.of_kind("exercise"):
        for slip in slips(cell.source):
            cells = ((cell.exercise, slip.source),)
            yield Case(subject.name, "slip", slip.label, cell.exercise, cells)


class Schedule:
    """Hands out the cases of lessons, and collects verdicts until a lesson is complete."""

    def __init__(
        self,
        subjects: Mapping[str, Subject],
        keep: Keep,
        progress: Progress,
        *,
        with_mutants: bool,
        has_credit: bool = False,
    ) -> None:
        self._subjects, self._with_mutants = subjects, with_mutants
        self._keep, self._progress = keep, progress
        self._cases = {name: self._of(subject) for name, subject in subjects.items()}
        self._behind = {
            name: list(_behind(cases)) if has_credit else [] for name, cases in self._cases.items()
        }
        self._later: dict[Case, Later] = {}
        self._verdicts: dict[str, dict[Case, CaseVerdict]] = {name: {} for name in subjects}
        self._efforts: dict[tuple[str, str], int] = {}
        self._left = {
            name: len(cases) + len(self._behind[name]) for name, cases in self._cases.items()
        }
        self.total, self._done = sum(self._left.values()), 0
        self.audits: dict[str, LessonAudit] = {}
        progress(self.total, 0)

    def _of(self, subject: Subject) -> list[Case]:
        """Return the cases of a lesson, the solution's first: they set the limits of others."""
        cases = list(subject.cases())
        if self._with_mutants:
            cases += [*_mutants(subject), *_slips(subject)]
        return sorted(dict.fromkeys(cases), key=lambda case: _ORDER.index(case.kind))

    def tasks(self) -> Iterator[Task]:
        """Yield everything to grade, wrong answers with a limit as soon as one is known."""
        for name, cases in self._cases.items():
            first = [case for case in cases if case.kind == "solution"]
            yield from first
            # These take longest.
            yield from self._behind[name]
            for case in cases[len(first) :]:
                yield self._limited(case)

    def _limited(self, case: Case) -> Case:
        if case.kind not in ("mistake", "slip") and not case.is_mutant:
            return case
        return replace(case, effort=self._efforts.get((case.lesson, case.exercise), 0))

    def take(self, task: Task, found: CaseVerdict | tuple[Later, ...]) -> None:
        """Take a result; with the last result of a lesson, the lesson is done."""
        if isinstance(task, Behind):
            self._later |= zip(task.cases, cast("tuple[Later, ...]", found), strict=True)
        else:
            self._take_verdict(task, cast("CaseVerdict", found))
        self._done += 1
        self._left[task.lesson] -= 1
        self._progress(self.total, self._done)
        if not self._left[task.lesson]:
            self._finish(task.lesson)

    def _take_verdict(self, case: Case, verdict: CaseVerdict) -> None:
        if case.kind == "solution" and case.exercise:
            self._efforts[case.lesson, case.exercise] = effort_for(verdict.cpu_seconds)
        self._verdicts[case.lesson][replace(case, effort=0)] = verdict

    def _finish(self, name: str) -> None:
        verdicts = self._verdicts[name]
        found = tuple(
            (case, replace(verdicts[case], later=self._later.get(case)))
            for case in self._cases[name]
        )
        self.audits[name] = LessonAudit(self._subjects[name], found, self._with_mutants)
        self._keep(self.audits[name])


def _behind(cases: Iterable[Case]) -> Iterator[Behind]:
    mistakes = [case for case in cases if case.kind == "mistake"]
    for exercise in dict.fromkeys(case.exercise for case in mistakes):
        own = tuple(case for case in mistakes if case.exercise == exercise)
        yield Behind(own[0].lesson, exercise, own)
