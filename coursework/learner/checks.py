"""Check a reader's notebook: all of it or one exercise, once or whenever it is saved."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from coursework.course.cells import grade_id_of
from coursework.errors import WorkError
from coursework.learner.checker import Change, Checked, Checker, lesson_of_file
from coursework.learner.notebook import read_own, read_released
from coursework.learner.place import Place
from coursework.learner.results import record
from coursework.learner.tasks import find_task

__all__ = ["Target", "check_target", "find_target", "keep_result", "saves"]

_POLL = 0.2  # seconds


@dataclass(frozen=True)
class Target:
    """What to check.

    Attributes
    ----------
    path : Path
    lesson : str
        `A/n` for the reader's own notebook of a lesson; "" for a file anywhere.
    exercise : str
        The only one to judge; "" for all.
    """

    path: Path
    lesson: str = ""
    exercise: str = ""


def find_target(place: Place, first: str | None, second: str | None = None) -> Target:
    """Return what `[A/n | file] [EXERCISE]` means; without words, what was saved last.

    Raises
    ------
    WorkError
        There is no such notebook or exercise.
    ConfigError
        The file belongs to no lesson of the course.
    """
    if first is None:
        return _saved_last(place)
    path = Path(first)
    if path.is_file() or path.suffix == ".ipynb":
        return _file(place, path, second)
    if place.is_lesson(first) and second is None:
        (key,) = place.named(first)
        return _own(place, key)
    if "/" in first and second is None:
        place.named(first)  # says what is wrong with it
    task = find_task(place, "check", first, second)
    return _own(place, task.lesson, task.name)


def _saved_last(place: Place) -> Target:
    if not place.begun:
        raise WorkError("no lesson is begun: `coursework start` begins the next one")
    return _own(place, max(place.begun, key=lambda key: _saved(place.own(key))))


def _own(place: Place, key: str, exercise: str = "") -> Target:
    read_own(place, key)
    return Target(place.own(key), key, exercise)


def _file(place: Place, path: Path, exercise: str | None) -> Target:
    if not path.is_file():
        lessons = {place.shown(place.own(key)): key for key in place.lessons}
        key = lessons.get(place.shown(path.resolve()))
        begin = f": `coursework start {key}` puts it there" if key else ", or is not a file"
        raise WorkError(f"{path} does not exist{begin}")
    keys = {place.own(key).resolve(): key for key in place.begun}
    key = keys.get(path.resolve(), "")
    if exercise:
        lesson = key or "/".join(lesson_of_file(place.course, path))
        find_task(place, "check", lesson, exercise)
    return Target(path, key, exercise or "")


def check_target(
    place: Place, target: Target, checker: Checker, change: Change = lambda same: same
) -> Checked:
    """Judge a notebook, as grading does except for the random inputs.

    Parameters
    ----------
    place : Place
    target : Target
    checker : Checker
        Of the same course.
    change : callable
        As in `Checker.check`.

    Raises
    ------
    WorkError
        The exercise is a question, which has no test.
    ConfigError
        The notebook belongs to no lesson of the course.
    LessonError
        The lesson does not run.
    JudgeError
        The judge cannot work on this host.
    """
    test = _first_test(place, target) if target.exercise else ""
    checked = checker.check(target.path, test, change)
    if not target.exercise:
        return checked
    outcomes = tuple(one for one in checked.report.outcomes if one.exercise == target.exercise)
    return replace(checked, report=replace(checked.report, outcomes=outcomes), by_hand=0)


def _first_test(place: Place, target: Target) -> str:
    lesson = target.lesson or "/".join(lesson_of_file(place.course, target.path))
    cells = read_released(place, lesson).cells
    found = (grade_id_of(cell) for cell in cells if cell.metadata.get("test") == target.exercise)
    if test := next(found, ""):
        return test
    show = f"`coursework show {lesson} {target.exercise}`"
    msg = f"{target.exercise} is a question, which a person marks: {show} gives a model answer"
    raise WorkError(msg)


def keep_result(place: Place, target: Target, checked: Checked, saved: int) -> None:
    """Keep what was found in a reader's own notebook for `coursework status`.

    Raises
    ------
    WorkError
        It cannot be written.
    """
    if target.lesson == f"{checked.report.assignment}/{checked.report.notebook}":
        record(place, target.lesson, checked.report, saved)


def saves(
    path: Path, *, once: bool = False, wait: Callable[[float], None] = time.sleep
) -> Iterator[int]:
    """Yield the time of the last save, in nanoseconds: at once, and then after every save.

    A notebook that is being written is waited for: it must stay unchanged for a moment.
    """
    seen = _saved(path)
    yield seen
    if once:
        return
    while True:
        now = _saved(path)
        if now and now != seen:
            wait(_POLL)
            if _saved(path) == now:
                seen = now
                yield now
        else:
            wait(_POLL)


def _saved(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:  # it is being replaced
        return 0
