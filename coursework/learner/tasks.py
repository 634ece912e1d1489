"""Exercises and questions by their names, as a reader types them."""

from dataclasses import dataclass

from nbformat import NotebookNode
from nbgrader import utils

from coursework.course.cells import grade_id_of
from coursework.errors import WorkError
from coursework.learner.notebook import read_released
from coursework.learner.place import Place, listed, nearest

__all__ = ["Task", "find_task", "names_in"]


@dataclass(frozen=True)
class Task:
    """An exercise or question: its lesson and its name."""

    lesson: str
    name: str


def names_in(notebook: NotebookNode) -> list[str]:
    """Return the names of a lesson's exercises and questions, in order."""
    return [grade_id_of(cell) for cell in notebook.cells if utils.is_solution(cell)]


def find_task(place: Place, command: str, first: str, second: str | None = None) -> Task:
    """Return what `EXERCISE` or `A/n EXERCISE` means.

    If several lessons have the name, the one that is begun is meant.

    Parameters
    ----------
    place : Place
    command : str
        The command that asks, for messages.
    first, second : str

    Raises
    ------
    WorkError
        There is none, or more than one.
    """
    if second is not None:
        if len(lessons := place.named(first)) != 1:
            raise _which(place, first)
        return _in_lesson(place, lessons[0], second)
    if place.is_lesson(first):
        (key,) = place.named(first)
        names = listed(names_in(read_released(place, key)))
        raise WorkError(f"name an exercise, `coursework {command} {key} EXERCISE`: {names}")
    return _anywhere(place, command, first)


def _which(place: Place, assignment: str) -> WorkError:
    lessons = place.named(assignment)
    return WorkError(f"{assignment} has {len(lessons)} lessons, name one: {listed(lessons)}")


def _in_lesson(place: Place, key: str, name: str) -> Task:
    known = names_in(read_released(place, key))
    if name not in known:
        near = nearest(name, known) or f"; it has {listed(known)}"
        raise WorkError(f"{key} has no exercise {name}{near}")
    return Task(key, name)


def _anywhere(place: Place, command: str, name: str) -> Task:
    names = {key: names_in(read_released(place, key)) for key in place.lessons}
    having = [key for key, known in names.items() if name in known]
    begun = [key for key in having if place.is_begun(key)]
    found = begun if len(begun) == 1 else having
    if not found and place.has(name):
        raise _which(place, name)
    if not found:
        near = nearest(name, {one for known in names.values() for one in known})
        raise WorkError(
            f"no exercise is called {name}{near}; `coursework status A/n` lists those of a lesson"
        )
    if len(found) > 1:
        asked = f"`coursework {command} {found[0]} {name}`"
        raise WorkError(f"{name} is an exercise of {listed(found)}: say which, as in {asked}")
    return Task(found[0], name)
