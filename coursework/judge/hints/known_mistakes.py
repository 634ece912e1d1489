"""Hints: an answer is explained by the known mistake that has the same fingerprint.

The tests of the exercise run in the judge with a known mistake in place of the student's answer,
and each check must see what it saw of the student's. At least one of the checks must be on random
inputs: on a few numbers chosen for readers, two functions may agree by chance.
"""

from collections.abc import Callable, Mapping, Sequence

from coursework.course.lesson import Cell
from coursework.course.mistakes import Mistake, apply
from coursework.judge.hints.fingerprint import IsEnough, Record, are_alike, is_same
from coursework.judge.hints.native import Native, Recording
from coursework.judge.hints.slips import is_slip
from coursework.judge.instructor import Instructor

__all__ = ["Fingerprint", "Replayer"]

_MAX_RUNS = 2000
_MAX_ANSWERS = 100
_SEEDS = (1, 2)

Fingerprint = Mapping[str, Sequence[Record]]
"""Test cell → its records."""


class Replayer:
    """Explains answers to one lesson.

    Parameters
    ----------
    instructor : Instructor
    mistakes : tuple of Mistake
        Of the lesson.
    """

    def __init__(self, instructor: Instructor, mistakes: tuple[Mistake, ...]) -> None:
        self._lesson = instructor.lesson
        self._native = Native(instructor)
        self._mistakes = [mistake for mistake in mistakes if not mistake.right]
        self._runs: dict[tuple[Mistake, str, int], Recording] = {}
        self._answers: dict[tuple[str, str], Recording] = {}
        self._random: dict[str, frozenset[int]] = {}

    def hint(self, exercise: str, seed: int, fingerprint: Fingerprint) -> str:
        """Return the hint of the mistake that has this fingerprint.

        "" if none has it, or if several do, since the student cannot have made them all.

        Parameters
        ----------
        exercise : str
        seed : int
            Seed of the student's random inputs in this exercise.
        fingerprint : mapping
            Of all tests of the exercise.
        """
        found = self.fitting(exercise, seed, fingerprint)
        return found[0].hint if len(found) == 1 else ""

    def fitting(self, exercise: str, seed: int, fingerprint: Fingerprint) -> list[Mistake]:
        """Return the mistakes of an exercise that have this fingerprint."""
        if not self.has_random(_telling(fingerprint)):
            return []
        mistakes = (mistake for mistake in self._mistakes if mistake.exercise == exercise)
        return [mistake for mistake in mistakes if self._fits(mistake, seed, fingerprint)]

    def twins(self, mistake: Mistake, seed: int) -> list[Mistake]:
        """Return the other mistakes that have the fingerprint of this one."""
        fingerprint = self.fingerprint(mistake.exercise, self._source_of(mistake), seed)
        found = self.fitting(mistake.exercise, seed, fingerprint)
        return [other for other in found if other is not mistake]

    def fingerprint(self, exercise: str, source: str, seed: int) -> Fingerprint:
        """Return the fingerprint of an answer that can be trusted to run in the judge.

        Empty if it takes too long, or does not run.

        Parameters
        ----------
        exercise : str
        source : str
            The exercise's cell.
        seed : int
        """
        return self._recorded(exercise, source, seed, lambda *_: True)

    def hint_of(self, exercise: str, source: str, seed: int) -> str | None:
        """Return the hint for an answer that can be trusted to run in the judge; "" for none.

        None if it takes too long, or does not run. Parameters are those of `fingerprint`.
        """
        mistakes = [mistake for mistake in self._mistakes if mistake.exercise == exercise]

        def is_of_interest(test: Cell, records: Sequence[Record]) -> bool:
            # Most answers differ from all mistakes already in the first test.
            nonlocal mistakes
            mistakes = [one for one in mistakes if self._agrees(one, test, seed, records)]
            return bool(mistakes)

        fingerprint = self._recorded(exercise, source, seed, is_of_interest)
        if not fingerprint:
            return None
        return self.hint(exercise, seed, fingerprint) if mistakes else ""

    def _recorded(
        self,
        exercise: str,
        source: str,
        seed: int,
        goes_on: Callable[[Cell, Sequence[Record]], bool],
    ) -> Fingerprint:
        """Record an answer test by test, as long as it does not hang and candidates remain."""
        found = {}
        for test in self._lesson.tests_of(exercise):
            run = self._answer(source, test, self._seed_of(test, seed))
            if not (run.is_whole and run.records):
                return {}
            found[test.id] = run.records
            if not goes_on(test, run.records):
                break
        return found

    def _answer(self, source: str, test: Cell, seed: int) -> Recording:
        """Record an answer; what no seed changes is kept for other students' inputs."""
        if seed:
            return self._native.answer(source, test, seed)
        key = source, test.id
        if key not in self._answers:
            if len(self._answers) >= _MAX_ANSWERS:
                self._answers.clear()
            self._answers[key] = self._native.answer(source, test, seed)
        return self._answers[key]

    def _seed_of(self, test: Cell, seed: int) -> int:
        """Return the seed for a test; 0 if it draws nothing, so that all students share it."""
        given = self._lesson.of_kind("given")
        draws = "rng" in test.source or any("check.rng" in cell.source for cell in given)
        return seed if draws else 0

    # -- what is informative

    def has_random(self, fingerprint: Fingerprint) -> bool:
        """Whether one of the records depends on random inputs.

        It does if the instructor's answer gives something else with another seed.
        """
        return any(
            record.line in self._random_lines(test)
            for test in self._lesson.of_kind("test")
            for record in fingerprint.get(test.id, ())
        )

    def _random_lines(self, test: Cell) -> frozenset[int]:
        if test.id not in self._random:
            one, other = (self._native.solution(test, seed).records for seed in _SEEDS)
            lines = {record.line for record in (*one, *other)}
            self._random[test.id] = frozenset(
                line for line in lines if not are_alike(_at(line, one), _at(line, other))
            )
        return self._random[test.id]

    # -- what agrees

    def _fits(self, mistake: Mistake, seed: int, fingerprint: Fingerprint) -> bool:
        tests = self._lesson.tests_of(mistake.exercise)
        # Where the answer is wrong it differs from most mistakes, which ends the search early.
        ranked = sorted(tests, key=lambda test: all(r.holds for r in fingerprint[test.id]))
        if not all(self._agrees(mistake, test, seed, fingerprint[test.id]) for test in ranked):
            return False
        # Where rounding decides, agreement means nothing.
        runs = {test.id: self._runs[self._key(mistake, test, seed)] for test in tests}
        exact = {name: _exact(run.records, fingerprint[name]) for name, run in runs.items()}
        return self.has_random(_telling(exact))

    def _agrees(self, mistake: Mistake, test: Cell, seed: int, like: Sequence[Record]) -> bool:
        """Whether a test sees of a mistake what it saw of an answer.

        A mistake runs to the first difference, and to its end only if there is none; what is
        known about it is kept for the next answer.
        """
        key = self._key(mistake, test, seed)
        if key not in self._runs:
            if len(self._runs) >= _MAX_RUNS:
                self._runs.clear()
            self._runs[key] = self._run(mistake, test, seed, _differs_from(like))
        run = self._runs[key]
        if not run.is_whole and _agrees(run, like):
            run = self._runs[key] = self._run(mistake, test, seed)
        return run.is_whole and _agrees(run, like)

    def _key(self, mistake: Mistake, test: Cell, seed: int) -> tuple[Mistake, str, int]:
        return mistake, test.id, self._seed_of(test, seed)

    def _run(
        self, mistake: Mistake, test: Cell, seed: int, is_enough: IsEnough | None = None
    ) -> Recording:
        source = self._source_of(mistake)
        return self._native.answer_with_noises(source, test, seed, is_enough)

    def _source_of(self, mistake: Mistake) -> str:
        cells = self._lesson.of_kind("exercise")
        source = next(cell.source for cell in cells if cell.exercise == mistake.exercise)
        return apply(mistake, source)


def _differs_from(like: Sequence[Record]) -> IsEnough:
    return lambda place, record: place >= len(like) or not is_same(record, like[place])


def _agrees(run: Recording, like: Sequence[Record]) -> bool:
    """Whether an answer has the records of a run, as far as the run goes; a failed run has none."""
    n = len(run.records)
    is_length = 0 < n == len(like) if run.is_whole else n <= len(like)
    return is_length and all(map(is_same, run.records, like, run.noises))


def _exact(records: Sequence[Record], like: Sequence[Record]) -> list[Record]:
    return [one for one, other in zip(records, like, strict=True) if is_same(one, other)]


def _telling(fingerprint: Fingerprint) -> Fingerprint:
    """Return the records that say more than that something general went wrong."""
    return {
        name: [r for r in records if r.problem is None or not is_slip(r.problem)]
        for name, records in fingerprint.items()
    }


def _at(line: int, records: Sequence[Record]) -> list[Record]:
    return [record for record in records if record.line == line]
