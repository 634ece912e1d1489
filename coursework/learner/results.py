"""What the last checks of a reader's notebooks found: a small JSON file in `work/`.

It is the reader's own note, which they may edit or remove: no mark depends on it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from coursework.judge.report import Report, by_exercise, sums
from coursework.learner.place import Place, writing

__all__ = ["Result", "forget", "read_results", "record"]

_NAME = "results.json"


@dataclass(frozen=True)
class Result:
    """The last check of a lesson.

    Attributes
    ----------
    exercises : mapping
        Name of each checked exercise → points and possible points.
    saved : int
        When the checked notebook had been saved, in nanoseconds.
    """

    exercises: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    saved: int = 0


def read_results(place: Place) -> dict[str, Result]:
    """Return the last result of each lesson that was checked; a damaged file holds none."""
    try:
        raw = json.loads(_path(place).read_text(encoding="utf-8"))
        return {key: _result(entry) for key, entry in raw.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}


def _result(entry: dict) -> Result:
    exercises = {
        name: (float(points), float(possible))
        for name, (points, possible) in entry["exercises"].items()
    }
    return Result(exercises, int(entry["saved"]))


def record(place: Place, key: str, report: Report, saved: int) -> None:
    """Keep what a check of a lesson, or of some of its exercises, found.

    Raises
    ------
    WorkError
        The file cannot be written.
    """
    results = read_results(place)
    before = results.get(key, Result()).exercises
    found = {name: sums(outcomes) for name, outcomes in by_exercise(report)}
    _write(place, {**results, key: Result({**before, **found}, saved)})


def forget(place: Place, key: str, exercise: str) -> None:
    """Forget what was found about an exercise.

    Raises
    ------
    WorkError
        The file cannot be written.
    """
    results = read_results(place)
    if exercise in results.get(key, Result()).exercises:
        left = {name: one for name, one in results[key].exercises.items() if name != exercise}
        _write(place, {**results, key: Result(left, results[key].saved)})


def _write(place: Place, results: Mapping[str, Result]) -> None:
    raw = {name: {"exercises": one.exercises, "saved": one.saved} for name, one in results.items()}
    with writing(_path(place)) as part:
        part.write_text(json.dumps(raw, indent=1), encoding="utf-8")


def _path(place: Place) -> Path:
    return place.course.work / _NAME
