"""What the cells of a lesson have in common: the names they use, and lists that they change."""

import ast
import itertools
import types
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from coursework.course.lesson import Lesson
from coursework.course.names import defined_names, without_magics
from coursework.judge.instructor import Instructor

__all__ = ["ITERATORS", "companions", "shared", "used_at_once", "used_names"]

ITERATORS = (
    types.GeneratorType,
    itertools.count,
    *map(type, (iter([]), iter(()), iter({}), iter({}.values()), iter({}.items()))),
)
"""Built-in iterators that can be lent."""

_STATE = (list, dict, set, Iterator)

_Uses = Mapping[str, frozenset[str]]


def used_names(lesson: Lesson, exercises: Collection[str]) -> frozenset[str]:
    """Return all names that given cells and the answers to these exercises use."""
    uses = _given(lesson) | _answers(lesson, exercises)
    return frozenset().union(*uses.values())


def shared(
    lesson: Lesson, namespace: Mapping[str, Any], exercises: Collection[str]
) -> dict[str, Any]:
    """Return the given names that must come from the same side as the answers to some exercises.

    These are classes, since their objects may reach an answer that computes with them; and
    functions that use the same list or the like as an answer: one may change it, and the other
    must see that. An iterator is lent itself.
    """
    given, home = _given(lesson), namespace["__name__"]
    state = _state(lesson, namespace, exercises)

    def is_shared(name: str, value: Any) -> bool:
        if isinstance(value, types.FunctionType):
            return not state.isdisjoint(_reached({name}, given))
        is_class = isinstance(value, type) and value.__module__ == home
        return is_class or (name in state and isinstance(value, ITERATORS))

    found = {name: namespace.get(name) for name in given}
    return {name: value for name, value in found.items() if is_shared(name, value)}


def companions(
    instructor: Instructor, exercises: Collection[str], others: Iterable[str]
) -> list[str]:
    """Return the other exercises whose answers share lists or the like with these."""
    lesson = instructor.lesson
    given, state = _given(lesson), _state(lesson, instructor.namespace, exercises)
    return [
        other
        for other in others
        if state & _reached(frozenset().union(*_answers(lesson, [other]).values()), given)
    ]


@lru_cache(maxsize=256)
def used_at_once(source: str) -> frozenset[str]:
    """Return the names that a cell uses while it runs, not only when its functions are called."""
    try:
        left: list[ast.AST] = list(ast.parse(without_magics(source)).body)
    except SyntaxError:
        return frozenset()
    found = set()
    while left:
        node = left.pop()
        if isinstance(node, ast.Name):
            found.add(node.id)
        inner = list(ast.iter_child_nodes(node))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            inner = [*node.decorator_list, node.args, *filter(None, [node.returns])]
        left += [node.args] if isinstance(node, ast.Lambda) else inner
    return frozenset(found)


def _state(lesson: Lesson, namespace: Mapping[str, Any], exercises: Collection[str]) -> set[str]:
    """Return the given names of mutable objects that the answers to these exercises use."""
    given, answers = _given(lesson), _answers(lesson, exercises)
    names = _reached(frozenset().union(*answers.values()), given) & given.keys()
    return {name for name in names if isinstance(namespace.get(name), _STATE)}


def _reached(names: Iterable[str], uses: _Uses) -> set[str]:
    """Return these names and all that their definitions use."""
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
    """Return, for each name that a cell defines, the names in its definition."""
    found: dict[str, frozenset[str]] = {}
    for node in ast.parse(without_magics(source)).body:
        names = frozenset(one.id for one in ast.walk(node) if isinstance(one, ast.Name))
        for name in defined_names(ast.unparse(node)):
            found[name] = found.get(name, frozenset()) | names
    return found
