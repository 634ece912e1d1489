"""The instructor's answers to some exercises, among the student's answers to the others.

A test that fails after an earlier exercise was wrong runs again in such a world. The instructor's
cells make its classes and functions anew, in a namespace where the names of all other exercises
are stand-ins for the student's. So a lent answer knows no other: `Value.backward` calls the
`backward` that the student has written. And whatever the student's code does to a class ends with
its test.
"""

import contextlib
import types
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from coursework.course.lesson import Cell
from coursework.course.names import defined_names, without_magics
from coursework.ipc.operations import defines, operations_of
from coursework.judge.instructor import Instructor, quietly
from coursework.judge.sharing import ITERATORS, shared, used_names
from coursework.judge.standin import StandIn

__all__ = ["World", "make_world", "refuse"]

# The last is what `contextmanager` makes.
_HELPERS = (*ITERATORS, contextlib._GeneratorContextManager)  # noqa: SLF001
_SPECIAL = ("__call__", "__enter__", "__exit__")


@dataclass(frozen=True)
class World:
    """A namespace, and which part of it is lent.

    Attributes
    ----------
    namespace : dict
    answers : dict
        Name → the instructor's, for the exercises that it stands for.
    lent : dict
        Name → what the student's notebook has in its place.
    """

    namespace: dict[str, Any]
    answers: dict[str, Any]
    lent: dict[str, Any]

    @cached_property
    def kinds(self) -> dict[type, None]:
        """The classes whose objects can be asked: the lesson's own, and some of Python's."""
        own = (one for one in self.lent.values() if isinstance(one, type))
        return dict.fromkeys((*own, *_HELPERS))

    def kind_of(self, value: Any) -> type | None:
        """Return the nearest of these classes that an object belongs to."""
        return next((kind for kind in type(value).__mro__ if kind in self.kinds), None)

    def owns(self, value: Any) -> bool:
        """Whether something is from this world: an object or class, a function, a bound method."""
        if isinstance(value, type):
            return value in self.kinds
        own = getattr(value, "__self__", None) if type(value) is types.MethodType else value
        if isinstance(own, types.FunctionType):
            return own.__globals__ is self.namespace or own in self.lent.values()
        return own in self.kinds if isinstance(own, type) else self.kind_of(own) is not None

    def has_attributes(self, value: Any) -> bool:
        """Whether its attributes may be read and set: not those of Python's own classes."""
        kind = value if isinstance(value, type) else self.kind_of(value)
        return kind in self.kinds and kind not in _HELPERS

    def members(self, kind: type) -> Iterator[str]:
        """Yield the names of what objects of a class can be asked for, except attributes."""
        yield from (f"__{name}__" for name in operations_of(kind))
        yield from (name for name in _SPECIAL if defines(kind, name))
        if getattr(kind, "__array_ufunc__", True) is None:
            yield "__array_ufunc__"
        if kind not in _HELPERS:
            names = {name for one in kind.__mro__ for name, f in vars(one).items() if _is_method(f)}
            yield from sorted(name for name in names if not name.startswith("_"))


def _is_method(value: Any) -> bool:
    return isinstance(value, types.FunctionType)


def refuse(value: Any, world: World) -> None:
    """Refuse what may not be lent, including inside lists, tuples, dicts and sets.

    Raises
    ------
    TypeError
        It is neither plain data, nor the student's own, nor a function, nor from this world.
    """
    if isinstance(value, dict):
        value = [*value, *value.values()]
    if isinstance(value, list | tuple | set | frozenset):
        for one in value:
            refuse(one, world)
    is_fine = not callable(value) or isinstance(value, (StandIn, types.FunctionType, np.ufunc))
    if not is_fine and not world.owns(value):
        raise TypeError(f"a {type(value).__name__} is not lent")


# -- making one


def make_world(
    instructor: Instructor, exercises: Collection[str], lookup: Callable[[str], Any]
) -> World:
    """Run given cells, and the instructor's cells of some exercises.

    Parameters
    ----------
    instructor : Instructor
    exercises : collection of str
    lookup : callable
        Name from another exercise → the student's.
    """
    lesson = instructor.lesson
    module = types.ModuleType("lesson")
    namespace = module.__dict__
    students: dict[str, Any] = {}
    answers: list[str] = []
    used = used_names(lesson, exercises)
    for cell in lesson.of_kind("given", "exercise"):
        names = defined_names(cell.source)
        if cell.kind == "exercise" and cell.exercise not in exercises:
            students |= {name: lookup(name) for name in sorted(names & used)}
            namespace |= {name: instructor.namespace.get(name) for name in names}
            continue
        # Given cells compute the same for all; a function looks names up later.
        is_answer = cell.kind == "exercise"
        own = {name: namespace[name] for name in students}
        namespace |= students if is_answer else {}
        _run(cell, namespace)
        namespace |= own if is_answer else {}
        answers += sorted(names) if is_answer else []
    namespace |= students
    found = {name: namespace[name] for name in answers if callable(namespace.get(name))}
    return World(namespace, found, found | shared(lesson, namespace, exercises))


def _run(cell: Cell, namespace: dict[str, Any]) -> None:
    with quietly():
        exec(compile(without_magics(cell.source), f"<{cell.id}>", "exec"), namespace)  # noqa: S102
