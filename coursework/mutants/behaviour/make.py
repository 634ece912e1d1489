"""Make the behaviours of an exercise: whole cells that define what the solution's cell does."""

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice, zip_longest
from pathlib import Path
from typing import Any

from coursework.course.lesson import Cell, Lesson
from coursework.mutants.behaviour import (
    aliasing,
    memory,
    order,
    precision,
    shortcuts,
    state,
    tools,
    visible,
)
from coursework.mutants.behaviour.choice import Wrapping, edited, sentence
from coursework.mutants.behaviour.promises import broken
from coursework.mutants.behaviour.routine import Routine, routines

__all__ = ["FAMILIES", "MOST", "Behaviour", "behaviours"]

FAMILIES = {
    "memory": memory.BEHAVIOURS + state.BEHAVIOURS,
    "precision": precision.BEHAVIOURS,
    "aliasing": aliasing.BEHAVIOURS,
    "shortcuts": shortcuts.BEHAVIOURS + visible.BEHAVIOURS,
    "order": order.BEHAVIOURS,
}
MOST = 60
"""Behaviours of an exercise; one that asks for many routines has of each kind for some."""


@dataclass(frozen=True)
class Behaviour:
    """A wrong answer of a kind that occurs in every exercise.

    Attributes
    ----------
    name : str
        `family.kind`, with what it is about: `aliasing.changes_input(X)`; unique in its exercise.
    family : str
    sentence : str
        What it does, for people.
    broken : tuple of str
        What the docstring says against it.
    source : str
        The whole cell.
    """

    name: str
    family: str
    sentence: str
    broken: tuple[str, ...]
    source: str

    @property
    def about(self) -> str:
        """What it does, and the sentences of the docstring that it breaks, a line each."""
        return "\n".join([self.sentence, *(f"> {one}" for one in self.broken)])


def behaviours(lesson: Lesson, cell: Cell) -> tuple[Behaviour, ...]:
    """Return the behaviours that apply to an exercise of a lesson, at most `MOST`."""
    test = "\n".join(_visible(one.source) for one in lesson.tests_of(cell.exercise)[:1])
    wanted = routines(cell, lesson.of_kind("exercise"))
    columns = [list(_of_routine(one, test, is_named=len(wanted) > 1)) for one in wanted]
    kinds = dict.fromkeys(name for column in columns for name, _ in column)
    made = []
    for turn, kind in enumerate(kinds):
        found = [one for column in columns for name, one in column if name == kind]
        # Each kind begins with a different routine.
        made.append(found[turn % len(found) :] + found[: turn % len(found)])
    rounds = chain.from_iterable(zip_longest(*made))
    chosen = {one.name: one for one in rounds if one is not None and _is_code(one.source)}
    return tuple(sorted(islice(chosen.values(), MOST), key=_place))


def _place(one: Behaviour) -> tuple[int, str]:
    return list(FAMILIES).index(one.family), one.name


def _is_code(source: str) -> bool:
    try:
        ast.parse(source)
    except SyntaxError:
        return False
    return True


def _of_routine(routine: Routine, test: str, *, is_named: bool) -> Iterator[tuple[str, Behaviour]]:
    for family, kinds in FAMILIES.items():
        for kind in kinds:
            for names, source in _sources(kind, routine, test):
                about = ", ".join([*([routine.name] if is_named else []), *names])
                name = f"{family}.{kind.name}" + (f"({about})" if about else "")
                told = sentence(kind, names)
                promise = broken(routine.doc, kind.about, names)
                yield kind.name, Behaviour(name, family, told, promise, source)


def _sources(kind: Any, routine: Routine, test: str) -> Iterator[tuple[tuple[str, ...], str]]:
    source = routine.cell.source
    if isinstance(kind, Wrapping):
        for names in kind.where(routine):
            yield names, f"{source}\n\n\n{_wrapped(kind.wrapper, routine.name, names, test)}"
    else:
        changes = list(kind.edits(routine))
        for number, edits in enumerate(changes, start=1):
            yield (str(number),) if len(changes) > 1 else (), edited(source, edits)


def _wrapped(wrapper: Callable, target: str, names: Iterable[str], test: str) -> str:
    """Return code that binds a wrapped routine to the routine's name."""
    # In a function of its own, so that no name clashes with one of the student's.
    inner = "\n\n".join([_TOOLS, *_needed(wrapper), f"return {wrapper.__name__}"])
    arguments = [target, *map(repr, names)]
    if "test" in inspect.signature(wrapper).parameters:
        arguments.append(f"test={test!r}")
    made = f"def _behaviour():\n{textwrap.indent(inner, '    ')}"
    return f"{made}\n\n\n{target} = _behaviour()({', '.join(arguments)})"


_TOOLS = Path(tools.__file__).read_text(encoding="utf-8")


def _needed(function: Callable) -> list[str]:
    """Return the source of a function, after those of the neighbouring functions that it calls."""
    module = vars(inspect.getmodule(function))
    found: dict[str, str] = {}
    waiting = [function]
    while waiting:
        one = waiting.pop()
        source = inspect.getsource(one)
        found[one.__name__] = source
        names = {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
        beside = (module.get(name) for name in sorted(names - found.keys()))
        waiting += [f for f in beside if inspect.isfunction(f) and f.__module__ == one.__module__]
    return list(found.values())[::-1]


def _visible(source: str) -> str:
    """Return a test as students see it."""
    kept, is_hidden = [], False
    for line in source.split("\n"):
        if "HIDDEN TESTS" in line:
            is_hidden = "BEGIN" in line
        elif not is_hidden:
            kept.append(line)
    return "\n".join(kept)
