"""What a check knows besides its arguments: the judge's context, and whose functions are right.

In a notebook there is no context.
"""

import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, cast

__all__ = [
    "Call",
    "CheckFailed",
    "Context",
    "Failure",
    "Observer",
    "Source",
    "context",
    "current",
    "reference",
]


_PACKAGE = Path(__file__).parent
_MAX_CALLS = 10


class CheckFailed(AssertionError):  # noqa: N818  (a verdict, not an error)
    """A check did not hold.

    Attributes
    ----------
    message : str
        For the student: the call, its inputs, the result, what was expected.
    value : object
        The result, as plain data; the judge compares it with the results of known mistakes.
    expected : object
        What was expected, as plain data; None if a check expects no single value.
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
        # The line of the cell, and the line in the test's function that it calls, if any.
        cell = [f for f in own if f.name == "<module>"][-1:]
        lines = [f"line {f.lineno} of the cell: {f.line}\n" for f in cell or own[-1:]]
        inner = own[-1:] if cell and own[-1:] != cell else []
        lines += [f"line {f.lineno} of {f.name}: {f.line}\n" for f in inner]
        where = "".join(lines)
        return [where, f"CheckFailed: {self.message}"]


class Source(str):
    """An argument shown by its source."""

    __slots__ = ()


@dataclass(frozen=True)
class Call:
    """A call of a student's function: its name as written, and its arguments.

    Attributes
    ----------
    source : str
        The call as the test writes it, if it was read there.
    behind : str
        The test's call as written, if it calls another function.
    made : Call, optional
        For a method: the call that made its object.
    """

    name: str
    inputs: tuple[tuple[str, object], ...] = ()
    source: str = ""
    behind: str = ""
    made: "Call | None" = None


@dataclass(frozen=True)
class Failure:
    """An exception that ended a part of a test cell, or the cell.

    Attributes
    ----------
    part : str
        "" for what is in no part.
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
    """Sees what each check sees; a failing check raises no exception."""

    part: str

    def see(
        self,
        value: object,
        expected: object,
        calls: Sequence[Call],
        *,
        holds: bool,
        atol: float,
        message: Callable[[], str],
    ) -> None:
        """Note a check; the message is for one that fails."""

    def step(self, line: int) -> AbstractContextManager[Any]:
        """Return the context of the statement in a line of the test, which may raise."""


@dataclass
class Context:
    """What the judge tells the checks of one test cell.

    Attributes
    ----------
    seed : int
        Seed of `check.rng`.
    calls : list of Call
        Calls of the student's functions since the last check, see `called`. A check
        with no call of its own looks at a result of the calls before it.
    writable : list
        Arguments that the student's code may change in place.
    count : int
        Checks begun so far.
    earlier : list of Call
        The calls that the last check with calls of its own looked at.
    parts : dict
        Parts that have ended → what ended them, or None for those that passed.
    observer : Observer or None
        If there is one, no check raises: the test continues.
    source : str
        Of the test cell.
    watch : callable, optional
        Called with each comparison: what was expected, and with which tolerance.
    """

    seed: int = 0
    calls: list[Call] = field(default_factory=list)
    writable: list[object] = field(default_factory=list)
    count: int = 0
    earlier: list[Call] = field(default_factory=list)
    parts: dict[str, Failure | None] = field(default_factory=dict)
    observer: Observer | None = None
    source: str = ""
    watch: Callable[[object, Any], None] | None = None

    def called(self, call: Call) -> None:
        """Note a call; if there are many, keep the last ones."""
        self.calls.append(call)
        del self.calls[:-_MAX_CALLS]

    def may_change(self, value: object) -> bool:
        """Whether the test has said that the student's code may change this argument."""
        return any(value is writable for writable in self.writable)

    def failure(self, part: str, error: Exception) -> Failure:
        """Return what an exception says about the part that it ended."""
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


class _Reference:
    """The instructor's functions; in a notebook, the functions of that notebook."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        names = sys._getframe(1).f_globals  # noqa: SLF001  (the notebook that asks)
        if name.startswith("__") or name not in names:
            msg = f"the notebook defines no {name!r}: run the cell that defines it first"
            raise AttributeError(msg)
        return cast("Callable[..., Any]", names[name])

    def __repr__(self) -> str:
        return "reference"


reference = _Reference()
