"""The run of one test cell in a notebook: the student's calls, and the checks that held."""

import inspect
from collections import deque
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from types import CodeType, FrameType
from typing import Any

import numpy as np

from coursework.check.context import Call
from coursework.check.describe import MAX_CALLS
from coursework.check.notebook.calling import Listener

__all__ = ["Run", "watched"]

_MAX_ENTRIES = 1000
_OWN = "__main__"


class Run:
    """A test cell that runs.

    Parameters
    ----------
    names : mapping
        Functions and classes that the cell tests, by their names.
    namespace : dict
        Of the notebook.

    Attributes
    ----------
    lines : set of int
        Of the cell, those with a check that held, each time that it was made.
    """

    def __init__(self, names: Mapping[str, object], namespace: dict[str, Any]) -> None:
        self.lines: set[int] = set()
        self._namespace = namespace
        self._labels = dict(pair for name, value in names.items() for pair in _codes(name, value))
        self._calls: deque[Call] = deque(maxlen=MAX_CALLS + 1)
        self._earlier: list[Call] = []
        self._listener = Listener(self._labels, self._hear)

    def start(self) -> None:
        """Watch from now on."""
        _current.set(self)
        if self._labels:
            self._listener.start()

    def stop(self) -> None:
        """Watch no longer."""
        if self._labels:
            self._listener.stop()
        _current.set(None)

    def calls(self) -> list[Call]:
        """Return the student's calls since the last check, or those that it looked at."""
        if not self._listener.is_on:
            return []
        self._earlier, self._calls = list(self._calls) or self._earlier, deque(maxlen=MAX_CALLS + 1)
        return self._earlier

    def hold(self, frame: FrameType | None) -> None:
        """Take note of a check that held, called in this frame."""
        line = 0
        while frame is not None:
            if frame.f_globals is self._namespace:
                line = frame.f_lineno
            frame = frame.f_back
        self.lines.add(line)

    def _hear(self, frame: FrameType) -> None:
        if label := self._labels[frame.f_code]:
            self._calls.append(Call(label, tuple(_inputs(frame))))


def _codes(name: str, value: object) -> Iterator[tuple[CodeType, str]]:
    """Yield a function's code, or a class's; with "" what is called by way of an operator."""
    if not isinstance(value, type):
        code = getattr(inspect.unwrap(value), "__code__", None) if callable(value) else None
        if isinstance(code, CodeType):
            yield code, name
        return
    for owner in reversed(value.__mro__):
        members = vars(owner).items() if owner.__module__ == _OWN else ()
        for key, member in members:
            code = getattr(getattr(member, "__func__", member), "__code__", None)
            if isinstance(code, CodeType):
                yield code, _label(name, key)


def _label(name: str, method: str) -> str:
    if method in ("__init__", "__call__"):
        return name
    return "" if method.startswith("__") else f"{name}.{method}"


def _inputs(frame: FrameType) -> Iterator[tuple[str, object]]:
    """Yield the arguments of a call that begins, but the object whose method it is."""
    code, values = frame.f_code, frame.f_locals
    n_named = code.co_argcount + code.co_kwonlyargcount
    names = code.co_varnames[: n_named + bool(code.co_flags & inspect.CO_VARARGS)]
    is_method = "." in code.co_qualname.replace("<locals>.", "")
    for name in names[1:] if is_method and names[:1] in (("self",), ("cls",)) else names:
        yield name, _as_now(values.get(name))


def _as_now(value: object) -> object:
    """Keep what the function may change in place as it is at the call."""
    if isinstance(value, np.ndarray) and value.size <= _MAX_ENTRIES:
        return value.copy()
    if type(value) in (list, dict) and len(value) <= _MAX_ENTRIES:
        return value.copy()
    return value


_current: ContextVar[Run | None] = ContextVar("notebook_run", default=None)


def watched() -> Run | None:
    """Return the run of the test cell, or None outside of one in a notebook."""
    return _current.get()
