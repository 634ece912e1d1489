"""The course as a map: what a reader has begun, the points of the last checks, what comes next."""

from dataclasses import dataclass

from nbformat import NotebookNode
from nbgrader import utils

from coursework.authoring.syllabus import titles
from coursework.course.cells import grade_id_of
from coursework.errors import WorkError
from coursework.learner.notebook import cells_called, read_own, read_released
from coursework.learner.place import Place
from coursework.learner.results import Result, read_results
from coursework.submissions.touched import cells_of_work

__all__ = ["Exercise", "Progress", "Status", "status"]


@dataclass(frozen=True)
class Exercise:
    """An exercise or question of a lesson that is begun.

    Attributes
    ----------
    name : str
    is_answered : bool
        Whether its cell holds something other than the stub.
    points : float or None
        Of the last check; None if there was none, and for questions.
    max_points : float
    is_question : bool
    """

    name: str
    is_answered: bool
    points: float | None
    max_points: float
    is_question: bool

    @property
    def is_done(self) -> bool:
        """Whether it has all its points; for a question, whether it is answered."""
        return self.is_answered if self.is_question else (self.points or 0.0) == self.max_points


@dataclass(frozen=True)
class Progress:
    """A lesson on the map.

    Attributes
    ----------
    key, title : str
    is_planned, is_begun : bool
    max_points : float
        Of its tests.
    exercises : tuple of Exercise
        Of a lesson that is begun.
    is_saved_since : bool
        Whether the notebook was saved after its last check, or never checked.
    problem : str
        Why its notebook cannot be read; "" if it can.
    """

    key: str
    title: str
    is_planned: bool = False
    is_begun: bool = False
    max_points: float = 0.0
    exercises: tuple[Exercise, ...] = ()
    is_saved_since: bool = False
    problem: str = ""

    @property
    def points(self) -> float:
        """Points of the last check."""
        return sum(one.points or 0.0 for one in self.exercises)

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do in it."""
        return self.is_begun and not self.problem and all(one.is_done for one in self.exercises)


@dataclass(frozen=True)
class Status:
    """The map, and what to do next: a sentence with the command for it."""

    lessons: tuple[Progress, ...]
    next: str


def status(place: Place, *names: str) -> Status:
    """Return the map of all lessons, or of some.

    Parameters
    ----------
    place : Place
    *names : str
        Assignments (`A`) or lessons (`A/n`).

    Raises
    ------
    WorkError
        A name is unknown, or a notebook of `release/` cannot be read.
    LessonError
        The teaching order cannot be read.
    """
    named = set(place.named(*names))
    order, results = place.course.order(), read_results(place)
    known = titles(place.course, order)
    keys = order.sorted({*place.lessons, *(one.key for one in order.entries if one.planned)})
    lessons = tuple(
        _progress(place, key, known.get(key, key), results.get(key, Result()))
        if key in place.lessons
        else Progress(key, known[key], is_planned=True)
        for key in keys
    )
    shown = tuple(one for one in lessons if one.key in named or not names)
    return Status(shown, _next(place, lessons))


def _progress(place: Place, key: str, title: str, result: Result) -> Progress:
    release = read_released(place, key)
    possible = {name: _points(release, name) for name in map(grade_id_of, release.cells)}
    tasks = [cell for cell in release.cells if utils.is_solution(cell)]
    total = sum(possible[grade_id_of(cell)] for cell in tasks if not utils.is_grade(cell))
    if not place.is_begun(key):
        return Progress(key, title, max_points=total)
    try:
        own = read_own(place, key)
    except WorkError as error:
        return Progress(key, title, is_begun=True, max_points=total, problem=str(error))
    written = set(map(grade_id_of, cells_of_work(own, release)))
    exercises = tuple(
        Exercise(
            name := grade_id_of(cell),
            name in written,
            result.exercises.get(name, (None, 0.0))[0],
            possible[name],
            utils.is_grade(cell),
        )
        for cell in tasks
    )
    is_new = place.own(key).stat().st_mtime_ns != result.saved
    return Progress(
        key, title, is_begun=True, max_points=total, exercises=exercises, is_saved_since=is_new
    )


def _points(release: NotebookNode, name: str) -> float:
    """Return the points of an exercise's tests, or of a question."""
    tests = [cell for cell in release.cells if cell.metadata.get("test") == name]
    cells = tests or [cell for cell in cells_called(release, name) if name]
    counting = (cell for cell in cells if not cell.metadata.get("void"))
    return sum(cell.metadata.nbgrader.get("points") or 0.0 for cell in counting)


def _next(place: Place, lessons: tuple[Progress, ...]) -> str:
    if broken := next((one for one in lessons if one.problem), None):
        return broken.problem
    open_lessons = [one for one in lessons if one.is_begun and not one.is_done]
    if open_lessons:
        one = max(open_lessons, key=lambda one: place.own(one.key).stat().st_mtime_ns)
        return _go_on(place, one)
    for one in lessons:
        if not one.is_begun and not one.is_planned:
            return f"begin {one.title}: `coursework start {one.key}`"
    return "every lesson is solved"


def _go_on(place: Place, one: Progress) -> str:
    path = place.shown(place.own(one.key))
    left = [exercise for exercise in one.exercises if not exercise.is_done]
    if one.is_saved_since and any(e.is_answered and not e.is_question for e in left):
        return f"`coursework check {one.key}` judges {path} as it is saved now"
    if left[0].is_question:
        name = left[0].name
        return f"answer {name} in {path}, then `coursework show {one.key} {name}`"
    text = f"{left[0].name} in {path}, then `coursework check {one.key}`"
    is_begun = any(e.is_answered for e in one.exercises)
    return f"continue with {text}" if is_begun else f"answer {text}"
