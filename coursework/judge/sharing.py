"""What the cells of a lesson have in common: the names they use, and lists that they change."""

import ast
import types
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from coursework.judge.instructor import Instructor, defined_names, without_magics
from coursework.lesson import Lesson

__all__ = ["companions", "shared", "used_names"]

_STATE = (list, dict, set, Iterator)

_Uses = Mapping[str, frozenset[str]]


def used_names(lesson: Lesson, exercises: Collection[str]) -> frozenset[str]:
    """Return all names that given cells and the answers to these exercises use."""
    uses = _given(lesson) | _answers(lesson, exercises)
    return frozenset().union(*uses.values())


def shared(
    lesson: Lesson, namespace: Mapping[str, Any], exercises: Collection[str]
) -> dict[str, Any]:
    """Return what is given and has to come from where the answers to some exercises do.

    These are classes, since an object of one may come to an answer, which computes with it.
    And functions that use a list or the like that an answer uses, too: one may change it, and
    the other has to see that.
    """
    given = _given(lesson)
    state = _state(lesson, namespace, exercises)
    return {
        name: value
        for name in given
        if (isinstance(value := namespace.get(name), type) and value.__module__ == _home(namespace))
        or (isinstance(value, types.FunctionType) and state & _reached({name}, given))
    }


def companions(
    instructor: Instructor, exercises: Collection[str], others: Iterable[str]
) -> list[str]:
    """Return those other exercises whose answers share lists or the like with these."""
    lesson = instructor.lesson
    given, state = _given(lesson), _state(lesson, instructor.namespace, exercises)
    return [
        other
        for other in others
        if state & _reached(frozenset().union(*_answers(lesson, [other]).values()), given)
    ]


def _home(namespace: Mapping[str, Any]) -> str:
    return namespace["__name__"]


def _state(lesson: Lesson, namespace: Mapping[str, Any], exercises: Collection[str]) -> set[str]:
    """Return given names of what may be changed that the answers to these exercises use."""
    given, answers = _given(lesson), _answers(lesson, exercises)
    names = _reached(frozenset().union(*answers.values()), given) & given.keys()
    return {name for name in names if isinstance(namespace.get(name), _STATE)}


def _reached(names: Iterable[str], uses: _Uses) -> set[str]:
    """Return these names and all that what they mean uses."""
    found, left = set(names), list(names)
    while left:
        fresh = uses.get(left.pop(), frozenset()) - found
        found |= fresh
        left += fresh
    return found


def _given(lesson: Lesson) -> dict[str, frozenset[str]]:
    return {k: v for cell in lesson.of_kind("given") for k, v in _uses(cell.source).items()}


def _answers(lesson: Lesson, exercises: Collection[str]) -> dict[str, frozenset[str]]:
    cells = [cell for cell in lesson.of_kind("exercise") if cell.exercise in exercises]
    return {k: v for cell in cells for k, v in _uses(cell.source).items()}


@lru_cache(maxsize=256)
def _uses(source: str) -> dict[str, frozenset[str]]:
    """Return, for each name that a cell defines, the names that stand in its definition."""
    found: dict[str, frozenset[str]] = {}
    for node in ast.parse(without_magics(source)).body:
        names = frozenset(one.id for one in ast.walk(node) if isinstance(one, ast.Name))
        for name in defined_names(ast.unparse(node)):
            found[name] = found.get(name, frozenset()) | names
    return found
