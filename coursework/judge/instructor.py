"""The instructor's side of a lesson: the namespace that given code and solutions build."""

import copy
import inspect
import os
import random
import sys
import types
import warnings
from collections.abc import Iterator
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from coursework.course.lesson import Cell, Lesson
from coursework.course.names import defined_names, loaded_names, without_magics
from coursework.errors import LessonError
from coursework.judge.hints.stepwise import stepwise

__all__ = [
    "DATA",
    "Instructor",
    "in_folder_of",
    "quietly",
]

_BITS = np.random.MT19937()
_taken = np.random.get_bit_generator  # type: ignore[attr-defined]  # as documented
_put = np.random.set_bit_generator  # type: ignore[attr-defined]
DATA = (np.ndarray, np.random.Generator, list, dict, set)
"""Types of the values that a test gets a copy of."""


@dataclass
class Instructor:
    """A lesson that has been run: what tests see as `reference`.

    Built once for all submissions. A test cell gets a copy of the namespace, so that its
    assignments end with it.
    """

    lesson: Lesson
    namespace: dict[str, Any] = field(default_factory=dict)
    _codes: dict[tuple[str, bool], types.CodeType] = field(default_factory=dict)

    @classmethod
    def of(cls, lesson: Lesson) -> "Instructor":
        """Run the lesson's given code and solutions.

        Raises
        ------
        LessonError
            A cell raised.
        """
        made = cls(lesson)
        # A class of the lesson belongs to a module; giving it a name keeps pickling and typing
        # tools from looking into the judge's own `__main__`.
        module = types.ModuleType(f"lesson_{lesson.name.replace('-', '_')}")
        made.namespace = module.__dict__
        with in_folder_of(lesson):
            for cell in lesson.of_kind("given", "exercise"):
                made._run(cell)
        return made

    def _run(self, cell: Cell) -> None:
        try:
            with quietly():
                exec(compile(without_magics(cell.source), f"<{cell.id}>", "exec"), self.namespace)  # noqa: S102
        except Exception as error:
            text = f"the cell {cell.id} raises {type(error).__name__}: {error}"
            raise LessonError(self.lesson.path, cell.line, text) from error

    @cached_property
    def exercise_names(self) -> frozenset[str]:
        """The names that exercises define: in a test, stand-ins for the student's."""
        return frozenset(
            name for cell in self.lesson.of_kind("exercise") for name in defined_names(cell.source)
        )

    @cached_property
    def classes(self) -> dict[str, type]:
        """Return the classes that exercises define, by name."""
        named = {name: self.namespace.get(name) for name in self.exercise_names}
        return {name: value for name, value in named.items() if isinstance(value, type)}

    @cached_property
    def functions(self) -> dict[str, frozenset[int]]:
        """Return `id` of the functions that exercises define, by exercise."""
        cells = self.lesson.of_kind("exercise")
        names = {cell.exercise: defined_names(cell.source) for cell in cells}
        return {
            exercise: frozenset(id(self.namespace.get(name)) for name in defined)
            for exercise, defined in names.items()
        }

    @cached_property
    def signatures(self) -> dict[str, inspect.Signature]:
        """Return the signatures of the exercises' functions, classes and methods."""
        return dict(self._signatures())

    def _signatures(self) -> Iterator[tuple[str, inspect.Signature]]:
        for name in self.exercise_names:
            value = self.namespace.get(name)
            if not callable(value):
                continue
            yield name, inspect.signature(value)
            if isinstance(value, type):
                for key, method in vars(value).items():
                    if inspect.isfunction(method):
                        yield f"{name}.{key}", _without_self(inspect.signature(method))

    def code_of(self, test: Cell, *, is_recorded: bool = False) -> types.CodeType:
        """Return a test's code, compiled once; for recording it is compiled by `stepwise`."""
        key = test.id, is_recorded
        if key not in self._codes:
            name = f"<{test.id}>"
            self._codes[key] = (
                stepwise(test.source, name) if is_recorded else compile(test.source, name, "exec")
            )
        return self._codes[key]

    def data_for(self, test: Cell) -> dict[str, Any]:
        """Return copies of the data that a test uses.

        A student's function may change what it is lent to change, and draws from every
        generator that it gets; no other test, and not the next student, may see that.
        """
        used = loaded_names(test.source) & self.namespace.keys()
        data = {name: self.namespace[name] for name in used}
        return copy.deepcopy({k: value for k, value in data.items() if isinstance(value, DATA)})

    @cached_property
    def reference(self) -> types.SimpleNamespace:
        """Return the instructor's functions as a test sees them."""
        return types.SimpleNamespace(**{k: v for k, v in self.namespace.items() if k[:2] != "__"})


def _without_self(signature: inspect.Signature) -> inspect.Signature:
    return signature.replace(parameters=list(signature.parameters.values())[1:])


@contextmanager
def in_folder_of(lesson: Lesson) -> Iterator[None]:
    """Work in the lesson's folder: the instructor's code may read the files there."""
    folder = lesson.path.parent
    if not folder.is_dir():
        yield
        return
    with chdir(folder):
        yield


@contextmanager
def quietly() -> Iterator[None]:
    """Run the instructor's code without output, warnings, or effects on global random state."""
    legacy, plain = _taken(), random.getstate()
    # Replacing the generator takes a tenth of the time of saving its state.
    _put(_BITS)
    with (
        Path(os.devnull).open("w") as nowhere,
        redirect_stdout(nowhere),
        redirect_stderr(nowhere),
        warnings.catch_warnings(),
        np.errstate(all="ignore"),
    ):
        warnings.simplefilter("ignore")
        try:
            yield
        finally:
            _put(legacy)
            random.setstate(plain)
            _close_figures()


def _close_figures() -> None:
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot and pyplot.get_fignums():
        pyplot.close("all")
