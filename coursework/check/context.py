"""What a check knows besides its arguments: which call made the value, and the seed.

In a notebook this is read off the calling frame; the judge sets a `Context` instead.
"""

import ast
import inspect
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any, Protocol

import executing

__all__ = [
    "Call",
    "CheckFailed",
    "Context",
    "Failure",
    "Observer",
    "calls_behind",
    "context",
    "current",
    "reference",
]


_PACKAGE = Path(__file__).parent


class CheckFailed(AssertionError):  # noqa: N818  (a verdict, not an error)
    """A check did not hold.

    Attributes
    ----------
    message : str
        For the student: which call, inputs, what came, what was expected.
    value : object
        What came, as plain data; the judge compares it with what known mistakes give.
    expected : object
        What was expected, as plain data; None where a check expects no one value.
    """

    def __init__(self, message: str, value: object = None, expected: object = None) -> None:
        super().__init__(message)
        self.message = message
        self.value = value
        self.expected = expected

    def _render_traceback_(self) -> list[str]:
        """Show IPython the line of the cell and the message, not the frames of the checks."""
        frames = traceback.extract_tb(self.__traceback__)
        own = [f for f in frames if not Path(f.filename).is_relative_to(_PACKAGE)]
        where = f"line {own[-1].lineno} of the cell: {own[-1].line}\n" if own else ""
        return [where, f"CheckFailed: {self.message}"]


@dataclass(frozen=True)
class Call:
    """A call of a student's function: its name as it is written, and its arguments."""

    name: str
    inputs: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True)
class Failure:
    """An exception that ended a part of a test cell, or the cell.

    Attributes
    ----------
    part : str
        "" for what stands in no part.
    error : Exception
    count : int
        Checks begun in the part before the exception.
    calls : tuple of Call
        The calls that the failing check looks at, or the last ones before the exception.
    """

    part: str
    error: Exception
    count: int
    calls: tuple[Call, ...]


class Observer(Protocol):
    """Sees what each check sees, in place of an exception where one does not hold."""

    part: str

    def see(
        self, value: object, expected: object, calls: Sequence[Call], *, holds: bool, atol: float
    ) -> None:
        """Take note of a check."""

    def step(self, line: int) -> AbstractContextManager:
        """Return the context of the statement in a line of the test, which may raise."""


@dataclass
class Context:
    """What the judge tells the checks of one test cell.

    Attributes
    ----------
    seed : int
        Seed of `check.rng`.
    calls : list of Call
        Calls of the student's functions since the last check; the judge appends. A check
        with no call of its own looks at a result of the calls before it.
    writable : list
        Arguments that the student's code may change in place.
    count : int
        Checks begun so far.
    earlier : list of Call
        The calls that the last check with calls of its own looked at.
    parts : dict
        Parts that have ended → what ended them, or None for those that held.
    observer : Observer or None
        Where there is one no check raises: the test goes on.
    watch : callable, optional
        Told of each comparison: what was expected, and within which tolerance.
    """

    seed: int = 0
    calls: list[Call] = field(default_factory=list)
    writable: list[object] = field(default_factory=list)
    count: int = 0
    earlier: list[Call] = field(default_factory=list)
    parts: dict[str, Failure | None] = field(default_factory=dict)
    observer: Observer | None = None
    watch: Callable[[object, Any], None] | None = None

    def may_change(self, value: object) -> bool:
        """Whether the test has said that the student's code may change this argument."""
        return any(value is writable for writable in self.writable)

    def failure(self, part: str, error: Exception) -> Failure:
        """Return what an exception says of the part that it ended."""
        return Failure(part, error, self.count, tuple(self.calls[-1:] or self.earlier))


_current: ContextVar[Context | None] = ContextVar("check_context", default=None)


def current() -> Context | None:
    """Return the judge's context, or None in a notebook."""
    return _current.get()


@contextmanager
def context(new: Context) -> Iterator[Context]:
    """Let checks inside the block use this context."""
    token = _current.set(new)
    try:
        yield new
    finally:
        _current.reset(token)


def calls_behind(frame: FrameType) -> list[Call]:
    """Return the calls that made the value which a check in `frame` looks at.

    Read from the source: the first argument of the check, where it is a call of a plain
    name. Its arguments are shown only where they are names or literals, since to evaluate
    anything else would run the student's code a second time.
    """
    judge = _current.get()
    if judge is not None:
        judge.earlier, judge.calls = judge.calls or judge.earlier, []
        return judge.earlier
    node = executing.Source.executing(frame).node
    if not isinstance(node, ast.Call) or not node.args:
        return []
    return [
        Call(ast.unparse(call.func), tuple(_inputs(call, frame)))
        for call in ast.walk(node.args[0])
        if isinstance(call, ast.Call) and not _is_library(call, frame)
    ][:1]


def _is_library(call: ast.Call, frame: FrameType) -> bool:
    name = ast.unparse(call.func).split(".")[0]
    return isinstance(_lookup(name, frame), type(sys)) or name in dir(__builtins__)


def _inputs(call: ast.Call, frame: FrameType) -> Iterator[tuple[str, object]]:
    names = _parameters(call, frame)
    for position, argument in enumerate(call.args):
        name = argument.id if isinstance(argument, ast.Name) else f"argument {position + 1}"
        yield names[position] if position < len(names) else name, _value(argument, frame)
    for keyword in call.keywords:
        yield keyword.arg or "**", _value(keyword.value, frame)


def _parameters(call: ast.Call, frame: FrameType) -> list[str]:
    """Return how the function itself names its positional arguments, as far as it is known."""
    if any(isinstance(argument, ast.Starred) for argument in call.args):
        return []
    function = _lookup(call.func.id, frame) if isinstance(call.func, ast.Name) else None
    try:
        found = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return []
    return [p.name for p in found if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]


def _value(node: ast.expr, frame: FrameType) -> object:
    if isinstance(node, ast.Name):
        return _lookup(node.id, frame)
    return Source(ast.unparse(node))


class Source(str):
    """An argument shown by its source."""

    __slots__ = ()


def _lookup(name: str, frame: FrameType) -> object:
    return frame.f_locals.get(name, frame.f_globals.get(name))


class _Reference:
    """The instructor's functions; in a notebook, the functions of that notebook."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        names = sys._getframe(1).f_globals  # noqa: SLF001  (the notebook that asks)
        if name.startswith("__") or name not in names:
            msg = f"the notebook defines no {name!r}: run the cell that defines it first"
            raise AttributeError(msg)
        return names[name]

    def __repr__(self) -> str:
        return "reference"


reference = _Reference()
