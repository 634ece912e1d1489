"""Hints: a failure is explained by the known mistakes that fail in the same way.

The failing test runs again in the judge, with each known mistake of the exercise in place
of the student's answer. A mistake that fails at the same check with the same value, or
with the same exception, is what the student most likely did.
"""

import functools
from typing import Any

import numpy as np

from coursework.check import CheckFailed, Context, Failure
from coursework.check.compare import Tolerance, difference
from coursework.judge.alarm import cpu_limit, time_limit
from coursework.judge.crossing import Crossing
from coursework.judge.instructor import Instructor, defined_names, quietly
from coursework.judge.raised import StudentError
from coursework.judge.trial import run_test
from coursework.lesson import Cell
from coursework.mistakes import Mistake, apply

__all__ = ["Failures", "Place", "Replayer"]

_SECONDS = 1.0
_MAX_HINTS = 2
_SAME = Tolerance(1e-6, 1e-9)

Place = tuple[str, str]
Failures = dict[Place, Failure]


class _TooSlow(BaseException):
    pass


class Replayer:
    """Explains failures in one lesson.

    Parameters
    ----------
    instructor : Instructor
    mistakes : tuple of Mistake
        Of the lesson, most common first.
    """

    def __init__(self, instructor: Instructor, mistakes: tuple[Mistake, ...]) -> None:
        self._instructor = instructor
        self._mistakes = [mistake for mistake in mistakes if not mistake.right]
        self._names: dict[Mistake, dict[str, Any]] = {}
        self._replays: dict[tuple[Mistake, str, int], dict[str, Failure]] = {}

    def hints(self, exercise: str, seed: int, failures: Failures) -> dict[Place, tuple[str, ...]]:
        """Return hints for each failure of an exercise: those of the mistakes that fail alike.

        Of several such mistakes those come first that agree with the student's answer in
        more of the exercise's tests, and then those that are more common.

        Parameters
        ----------
        exercise : str
        seed : int
            Of the student's random inputs in this exercise.
        failures : dict
            Test cell and part → failure, of all that failed.
        """
        mistakes = [mistake for mistake in self._mistakes if mistake.exercise == exercise]
        tests = self._instructor.lesson.tests_of(exercise)
        if not failures or not mistakes:
            return {}
        replays = {mistake: self._replays_of(mistake, tests, seed) for mistake in mistakes}
        score = {mistake: _agreement(replay, failures) for mistake, replay in replays.items()}
        ranked = sorted(mistakes, key=score.__getitem__, reverse=True)
        hints = {}
        for place, failure in failures.items():
            fitting = [m.hint for m in ranked if _fits(replays[m].get(place), failure)]
            hints[place] = tuple(fitting[:_MAX_HINTS])
        return hints

    def _replays_of(self, mistake: Mistake, tests: tuple[Cell, ...], seed: int) -> Failures:
        found = {test.id: self._replay(mistake, test, seed) for test in tests}
        return {
            (name, part): failure
            for name, parts in found.items()
            for part, failure in parts.items()
        }

    def _replay(self, mistake: Mistake, test: Cell, seed: int) -> dict[str, Failure]:
        key = mistake, test.id, seed
        if key not in self._replays:
            if len(self._replays) > 10_000:  # noqa: PLR2004  (some megabytes)
                self._replays.clear()
            context = Context(seed=seed)
            try:
                # On a busy machine the same hints are found: the wall time is for what sleeps.
                with time_limit(10 * _SECONDS, _TooSlow()), cpu_limit(_SECONDS, _TooSlow()):
                    names = self._names_of(mistake, context)
                    self._replays[key] = run_test(test, self._instructor, context, names)
            except _TooSlow:
                self._replays[key] = {}
        return self._replays[key]

    def _names_of(self, mistake: Mistake, context: Context) -> dict[str, Any]:
        """Return what the mistaken cell defines, called as over the wire."""
        if mistake not in self._names:
            cells = self._instructor.lesson.of_kind("exercise")
            source = next(cell.source for cell in cells if cell.exercise == mistake.exercise)
            mistaken = apply(mistake, source)
            namespace = dict(self._instructor.namespace)
            with quietly():
                exec(compile(mistaken, f"<{mistake.exercise}>", "exec"), namespace)  # noqa: S102
            self._names[mistake] = {name: namespace[name] for name in defined_names(mistaken)}
        crossing = Crossing()
        names = self._names[mistake]
        return {name: _called(value, crossing, context) for name, value in names.items()}


def _called(value: Any, crossing: Crossing, context: Context) -> Any:
    """Let a function work on what it would be given in the student's process."""
    if isinstance(value, type) or not callable(value):
        return value

    @functools.wraps(value)
    def call(*args: Any, **kwargs: Any) -> Any:
        places = [*args, *kwargs.values()]
        counterparts = crossing.of(*places)
        # What comes back from there is the test's own from the start.
        own = [
            mine if context.may_change(mine) else other
            for mine, other in zip(places, counterparts, strict=True)
        ]
        return value(*own[: len(args)], **dict(zip(kwargs, own[len(args) :], strict=True)))

    return call


def _agreement(replay: Failures, failures: Failures) -> int:
    """Count where a mistake and the student agree, less where they do not."""
    alike = sum(_fits(replay.get(place), failure) for place, failure in failures.items())
    return 2 * alike - len(replay.keys() | failures.keys())


def _fits(replay: Failure | None, failure: Failure) -> bool:
    return replay is not None and _is_alike(replay, failure)


def _is_alike(one: Failure, other: Failure) -> bool:
    if one.count != other.count:
        return False
    if isinstance(one.error, CheckFailed) and isinstance(other.error, CheckFailed):
        return _is_same_value(one.error.value, other.error.value)
    return _type_name(one.error) == _type_name(other.error)


def _is_same_value(one: object, other: object) -> bool:
    try:
        return _shape(one) == _shape(other) and difference(one, other, _SAME) is None
    except (ValueError, TypeError, RecursionError):
        return False


def _shape(value: object) -> tuple[int, ...] | None:
    try:
        return np.shape(value)
    except ValueError:  # nested lists of several lengths have none
        return None


def _type_name(error: Exception) -> str:
    return error.type_name if isinstance(error, StudentError) else type(error).__name__
