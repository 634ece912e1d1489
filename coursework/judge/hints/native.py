"""Runs trusted answers in the judge: known mistakes, and what an audit makes.

They are called as the student's process calls an answer: with copies of the arguments.
"""

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache, partial, wraps
from typing import Any, TypeVar

import numpy as np

from coursework.check import Context
from coursework.course.lesson import Cell
from coursework.course.names import defined_names, loaded_names, without_magics
from coursework.judge.crossing import Crossing
from coursework.judge.hints.fingerprint import IsEnough, Record, Recorder, Stopped, noises
from coursework.judge.instructor import Instructor, quietly
from coursework.judge.test_run import run_test
from coursework.judge.time_limit import cpu_limit, time_limit

__all__ = ["Native", "Recording"]

_SECONDS = 2.0

T = TypeVar("T")
Changed = Callable[[Any], Any]


def _as_it_is(value: Any) -> Any:
    return value


class _TooSlow(BaseException):
    pass


@dataclass(frozen=True)
class Recording:
    """What a test has seen of an answer, as far as it has run.

    Attributes
    ----------
    records : tuple of Record
    is_whole : bool
    noises : list of float
        The effect of rounding on each record; empty if it was not asked for.
    """

    records: tuple[Record, ...] = ()
    is_whole: bool = True
    noises: tuple[float, ...] = ()


class Native:
    """Records answers to one lesson.

    Parameters
    ----------
    instructor : Instructor
    """

    def __init__(self, instructor: Instructor) -> None:
        self._instructor = instructor

    def solution(self, test: Cell, seed: int) -> Recording:
        """Record a test of the instructor's own answers."""
        namespace = self._instructor.namespace
        names = {name: namespace.get(name) for name in self._instructor.exercise_names}
        return self._record(test, seed, names)

    def answer(self, source: str, test: Cell, seed: int) -> Recording:
        """Record a test of a cell's answer; nothing if it takes too long or does not run."""
        return _ended(lambda: self._anew(source, test, seed)[0])

    def answer_with_noises(
        self, source: str, test: Cell, seed: int, is_enough: IsEnough | None = None
    ) -> Recording:
        """Record a test of a cell's answer until there is enough, and the effect of rounding on it.

        For this it runs again with arguments whose last digits are changed.
        """
        return _ended(lambda: self._with_noises(source, test, seed, is_enough))

    def _with_noises(
        self, source: str, test: Cell, seed: int, is_enough: IsEnough | None
    ) -> Recording:
        found, names = self._anew(source, test, seed, is_enough)
        n = len(found.records)
        if all(isinstance(value, type) for value in names.values()):
            # Arguments of objects' methods are not changed.
            return replace(found, noises=(0.0,) * n)
        is_as_much = None if found.is_whole else lambda place, _: place + 1 == n
        shaken = (
            self._anew(source, test, seed, is_as_much, shake)[0].records
            for shake in (_shaken, _shaken_more)
        )
        return replace(found, noises=tuple(noises(found.records, *shaken)))

    def _anew(
        self,
        source: str,
        test: Cell,
        seed: int,
        is_enough: IsEnough | None = None,
        changed: Changed = _as_it_is,
    ) -> tuple[Recording, dict[str, Any]]:
        """Record a test of a cell that is run for it, within limits; return also what it finds."""
        # The same hints are found on a busy machine: the wall time is for answers that sleep.
        with time_limit(10 * _SECONDS, _TooSlow()), cpu_limit(_SECONDS, _TooSlow()):
            names = self._names_of(source, test)
            return self._record(test, seed, names, is_enough, changed), names

    def _record(
        self,
        test: Cell,
        seed: int,
        names: Mapping[str, Any],
        is_enough: IsEnough | None = None,
        changed: Changed = _as_it_is,
    ) -> Recording:
        recorder = Recorder(is_enough)
        context = Context(seed=seed, observer=recorder)
        crossing = Crossing()
        own = {name: _called(value, crossing, context, changed) for name, value in names.items()}
        try:
            run_test(test, self._instructor, context, own)
        except Stopped:
            return Recording(tuple(recorder.records), is_whole=False)
        return Recording(tuple(recorder.records), is_whole=not recorder.is_full)

    def _names_of(self, source: str, test: Cell) -> dict[str, Any]:
        """Return what a test finds in an answer's notebook, run anew, since it may keep state."""
        namespace = dict(self._instructor.namespace)
        own, *others = self._concerned(source, test)
        with quietly():
            exec(_compiled(source, own.id), namespace)  # noqa: S102
            for cell in others:
                # In a notebook, cells after one that raises run nevertheless.
                with suppress(Exception):
                    exec(_compiled(cell.source, cell.id), namespace)  # noqa: S102
        names = defined_names(source).union(*(defined_names(cell.source) for cell in others))
        # In a test, what given code defines is the judge's own.
        names = (names & self._instructor.exercise_names) | defined_names(source)
        return {name: namespace[name] for name in names & namespace.keys()}

    def _concerned(self, source: str, test: Cell) -> list[Cell]:
        """Return an exercise's cell, and those that use it and are used by its test."""
        cells = tuple(self._instructor.lesson.of_kind("given", "exercise"))
        own = next(cell for cell in cells if cell.exercise == test.exercise)
        texts = {cell.id: source if cell is own else cell.source for cell in cells}
        used = _closure(loaded_names(test.source) & self._instructor.exercise_names, texts)
        names, found = set(defined_names(source)), {own.id}
        while more := {i for i in used - found if loaded_names(texts[i]) & names}:
            found |= more
            names = names.union(*(defined_names(texts[i]) for i in more))
        return [own, *(cell for cell in cells if cell.id in found and cell is not own)]


def _closure(names: AbstractSet[str], texts: Mapping[str, str]) -> set[str]:
    """Return the cells that define these names, and all that those use."""
    found: set[str] = set()
    while more := {i for i, text in texts.items() if defined_names(text) & names} - found:
        found |= more
        names = names | {name for i in more for name in loaded_names(texts[i])}
    return found


@lru_cache(maxsize=1024)
def _compiled(source: str, name: str) -> Any:
    return compile(without_magics(source), f"<{name}>", "exec")


def _ended(run: Callable[[], Recording]) -> Recording:
    """Return what a run gives; no record if it takes too long, or the answer's cell raises."""
    try:
        return run()
    except (_TooSlow, Exception):  # noqa: BLE001  (a cell may raise anything)
        return Recording()


def _called(value: Any, crossing: Crossing, context: Context, changed: Changed) -> Any:
    """Give a function what it would get in the student's process."""
    if isinstance(value, type) or not callable(value):
        return value

    @wraps(value)
    def call(*args: Any, **kwargs: Any) -> Any:
        places = [*args, *kwargs.values()]
        counterparts = crossing.of(*places)
        # What comes back from there is already the test's own.
        own = [
            mine if context.may_change(mine) else changed(other)
            for mine, other in zip(places, counterparts, strict=True)
        ]
        return value(*own[: len(args)], **dict(zip(kwargs, own[len(args) :], strict=True)))

    return call


def _shaken(value: Any, by: float = 4.0) -> Any:
    """Change the last digits of the numbers in an argument; equal numbers stay equal."""
    if type(value) in (list, tuple):
        return type(value)(_shaken(item, by) for item in value)
    if type(value) is dict:
        return {key: _shaken(item, by) for key, item in value.items()}
    if not isinstance(value, np.ndarray) or value.dtype.kind != "f":
        return value
    with np.errstate(all="ignore"):
        mantissa, _ = np.frexp(np.abs(value))
        moved = value * (1 + by * np.finfo(value.dtype).eps * np.sin(1e4 * by * mantissa))
    return np.where(np.isfinite(value), moved, value).astype(value.dtype)


_shaken_more = partial(_shaken, by=-7.0)
