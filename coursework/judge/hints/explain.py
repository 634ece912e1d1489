"""Explains each failure of a notebook as far as possible, once all marks are settled.

What failed runs once more, recorded: if earlier exercises are wrong, with the instructor's
answers in their place; otherwise their mistakes would be taken for this one's.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from coursework.check import CheckFailed, Context, Failure
from coursework.check.notebook import hidden_lines
from coursework.course.lesson import Cell
from coursework.course.names import defined_names, loaded_names
from coursework.judge.fair_credit import replaced, used_by
from coursework.judge.hints.diagnosis import diagnose, nothing
from coursework.judge.hints.fingerprint import Record, Recorder, n_entries, problem_of
from coursework.judge.hints.known_mistakes import Fingerprint, Replayer
from coursework.judge.hints.slips import slip, stub_left
from coursework.judge.instructor import Instructor
from coursework.judge.replayable import ReplayableProcess
from coursework.judge.report import Outcome, explained, retold
from coursework.judge.test_run import Trial

__all__ = ["Explainer", "Failures"]

_LARGE = 12

Failures = Mapping[str, Mapping[str, Failure]]
"""Test cell → part → what ended it."""


@dataclass
class Explainer:
    """Explains the failures of one notebook.

    Attributes
    ----------
    instructor : Instructor
    replayer : Replayer
    process : ReplayableProcess
        The process in which the notebook's cells have run.
    seed : callable
        Exercise → seed of its random inputs.
    printed : mapping
        Failure of a check → what was printed when None came back.
    """

    instructor: Instructor
    replayer: Replayer
    process: ReplayableProcess
    seed: Callable[[str], int]
    printed: Mapping[CheckFailed, str]
    _smallest: dict[str, Mapping[str, tuple[int, str]]] = field(default_factory=dict)

    def explain(self, outcomes: dict[str, Outcome], failures: Failures) -> None:
        """Add a hint or a diagnosis to the outcomes, by test cell, of everything that failed."""
        wrong: list[str] = []
        right: list[str] = []
        for exercise, cells in self._tests().items():
            ran = [outcomes[cell.id] for cell in cells if cell.id in failures]
            failed = [outcome for outcome in ran if outcome.status != "passed"]
            if failed:
                records = self._records(exercise, cells, failed, wrong, right)
                hint = self.replayer.hint(exercise, self.seed(exercise), records or {})
                for outcome in failed:
                    found = failures.get(outcome.id, {})
                    outcomes[outcome.id] = self._explained(outcome, found, records, hint)
            (wrong if failed else right).append(exercise)

    def _tests(self) -> dict[str, list[Cell]]:
        tests: dict[str, list[Cell]] = {}
        for test in self.instructor.lesson.of_kind("test"):
            tests.setdefault(test.exercise, []).append(test)
        return tests

    # -- the second run

    def _records(
        self,
        exercise: str,
        cells: Sequence[Cell],
        failed: Sequence[Outcome],
        wrong: Sequence[str],
        right: Sequence[str],
    ) -> Fingerprint | None:
        """Record an exercise's tests; None if that says nothing about this exercise alone."""
        source = self.process.sources.get(exercise, "")
        if self.process.faults.get(exercise) or not _can_go_on(failed):
            return None
        earlier = [one for one in wrong if any(used_by(self.instructor, c, [one]) for c in cells)]
        if self._uses(source, set(wrong) - set(earlier)):
            return None
        self.process.renew()
        found = {cell.id: self._record(cell, earlier, right) for cell in cells}
        known = {name: records for name, records in found.items() if records is not None}
        return known if len(known) == len(found) else None

    def _uses(self, source: str, exercises: Collection[str]) -> bool:
        """Whether an answer uses something that is wrong and not replaced."""
        cells = [c for c in self.instructor.lesson.of_kind("exercise") if c.exercise in exercises]
        return any(loaded_names(source) & defined_names(cell.source) for cell in cells)

    def _record(
        self, test: Cell, wrong: Sequence[str], right: Sequence[str]
    ) -> Sequence[Record] | None:
        recorder = Recorder(keeps_messages=not wrong)
        context = Context(seed=self.seed(test.exercise), observer=recorder)
        others = replaced(self.instructor, test, wrong, right) if wrong else ()
        trial = Trial(test, self.instructor, context, replaced=others)
        outcome = self.process.test(trial)
        self._smallest[test.id] = recorder.smallest
        is_whole = outcome.status not in ("timeout", "died") and not recorder.is_full
        return recorder.records if is_whole else None

    # -- what is said

    def _explained(
        self,
        outcome: Outcome,
        failures: Mapping[str, Failure],
        records: Fingerprint | None,
        hint: str,
    ) -> Outcome:
        wrong = {name: _wrong(found) for name, found in (records or {}).items()}
        places = {record.part for record in wrong.get(outcome.id, ())}
        for part, failure in failures.items():
            is_seen = part in places
            hints = (hint,) if hint and is_seen else ()
            text = "" if hints else self._diagnosis(outcome, failure, wrong if is_seen else {})
            outcome = explained(outcome, part, hints, text)
            if is_seen and (message := self._easier(outcome.id, part, failure, wrong[outcome.id])):
                outcome = retold(outcome, part, message)
        return outcome

    def _easier(self, test: str, part: str, failure: Failure, wrong: Sequence[Record]) -> str:
        """Return the message of a later check that fails on little input, if the first has more.

        Visible checks always report the first failure: they are read in order.
        """
        size, message = self._smallest.get(test, {}).get(part, (0, ""))
        first = next(record.line for record in wrong if record.part == part)
        is_large = isinstance(failure.error, CheckFailed) and n_entries(failure.calls) > _LARGE
        cell = next(cell for cell in self.instructor.lesson.of_kind("test") if cell.id == test)
        is_hidden = first in hidden_lines(cell.source)
        return message if is_large and is_hidden and size <= _LARGE else ""

    def _diagnosis(self, outcome: Outcome, failure: Failure, wrong: Fingerprint) -> str:
        error = failure.error
        if isinstance(error, NotImplementedError):
            return stub_left(self.process.sources.get(outcome.exercise, ""))
        if not isinstance(error, CheckFailed):
            return slip(problem_of(error))
        if error.value is None and error.expected is not None:
            return nothing(self.printed.get(error, ""))
        if not self.replayer.has_random(wrong):
            return ""
        return diagnose([record for records in wrong.values() for record in records])


def _wrong(records: Sequence[Record]) -> list[Record]:
    return [record for record in records if not record.holds]


def _can_go_on(failed: Sequence[Outcome]) -> bool:
    """Whether the answer ends, and does so without ending its process."""
    found = {outcome.status for outcome in failed}
    found |= {part.status for outcome in failed for part in outcome.parts}
    return not found & {"timeout", "died", "broken"}
