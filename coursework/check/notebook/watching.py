"""The run of one test cell in a notebook: the student's calls, and the checks that passed."""

import inspect
from collections import deque
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from types import CodeType, FrameType, MappingProxyType
from typing import Any

from coursework.check.context import Call
from coursework.check.describe import MAX_CALLS
from coursework.check.notebook.calling import Listener
from coursework.check.snapshot import as_now

__all__ = ["Run", "watched"]

_MAX_OBJECTS = 100
_OWN = "__main__"


class Run:
    """A running test cell.

    Parameters
    ----------
    names : mapping
        Functions and classes that the cell tests, by name.
    namespace : dict
        Of the notebook.

    Attributes
    ----------
    lines : set of int
        Lines of the cell with a check that passed each time it was made.
    """

    def __init__(self, names: Mapping[str, object], namespace: dict[str, Any]) -> None:
        self.lines: set[int] = set()
        self._namespace = namespace
        self._members = dict(
            pair for name, value in names.items() for pair in _members(name, value)
        )
        self._made: dict[int, tuple[object, Call]] = {}
        self._calls: deque[Call] = deque(maxlen=MAX_CALLS + 1)
        self._earlier: list[Call] = []
        self._last: tuple[CodeType | None, Call | None] = None, None
        self._listener = Listener(self._members, self._hear)

    def start(self) -> None:
        """Watch from now on."""
        _current.set(self)
        if self._members:
            self._listener.start()

    def stop(self) -> None:
        """Watch no longer."""
        if self._members:
            self._listener.stop()
        _current.set(None)

    def calls(self) -> list[Call]:
        """Return the student's calls since the last check, or those that it looked at."""
        if not self._listener.is_on:
            return []
        self._earlier, self._calls = list(self._calls) or self._earlier, deque(maxlen=MAX_CALLS + 1)
        return self._earlier

    def raised(self, error: BaseException) -> Call | None:
        """Return the student's call that raised an exception."""
        trace = error.__traceback__
        while trace is not None:
            if trace.tb_frame.f_code is self._last[0]:
                return self._last[1]
            trace = trace.tb_next
        return None

    def hold(self, frame: FrameType | None) -> None:
        """Note a check that passed, called in this frame."""
        line = 0
        while frame is not None:
            if frame.f_globals is self._namespace:
                line = frame.f_lineno
            frame = frame.f_back
        self.lines.add(line)

    def _hear(self, frame: FrameType) -> None:
        member = self._members[frame.f_code]
        if member.is_operator:
            return
        call = self._method(frame, member) if member.is_bound else Call(member.name, _inputs(frame))
        self._calls.append(call)
        self._last = frame.f_code, call

    def _method(self, frame: FrameType, member: "_Member") -> Call:
        owner = frame.f_locals.get(next(iter(frame.f_code.co_varnames), ""))
        name = owner.__name__ if isinstance(owner, type) else type(owner).__name__
        if member.name == "__init__":
            call = Call(name, _inputs(frame, n_left_out=1, usual=_defaults(type(owner))))
            self._keep(owner, call)
            return call
        name += "" if member.name == "__call__" else f".{member.name}"
        known, made = self._made.get(id(owner), (None, None))
        return Call(name, _inputs(frame, n_left_out=1), made=made if known is owner else None)

    def _keep(self, owner: object, call: Call) -> None:
        """Note how an object was made; keep the object, so that no other gets its `id`."""
        self._made.pop(id(owner), None)
        self._made[id(owner)] = owner, call
        if len(self._made) > _MAX_OBJECTS:
            del self._made[next(iter(self._made))]


@dataclass(frozen=True)
class _Member:
    """A function, or what a class has under this name.

    Attributes
    ----------
    is_bound : bool
        Whether its first argument is the object or the class that it belongs to.
    """

    name: str
    is_bound: bool = False

    @property
    def is_operator(self) -> bool:
        """Whether it is called through an operator, or a built-in function."""
        is_named = self.name in ("__init__", "__call__")
        return self.is_bound and self.name.startswith("__") and not is_named


def _members(name: str, value: object) -> Iterator[tuple[CodeType, _Member]]:
    """Yield a function's code, or a class's."""
    if not isinstance(value, type):
        code = getattr(inspect.unwrap(value), "__code__", None) if callable(value) else None
        if isinstance(code, CodeType):
            yield code, _Member(name)
        return
    for owner in reversed(value.__mro__):
        members = vars(owner).items() if owner.__module__ == _OWN else ()
        for key, member in members:
            code = getattr(getattr(member, "__func__", member), "__code__", None)
            if isinstance(code, CodeType):
                is_static = isinstance(member, staticmethod)
                yield code, _Member(f"{name}.{key}") if is_static else _Member(key, is_bound=True)


def _inputs(
    frame: FrameType, n_left_out: int = 0, usual: Mapping[str, object] = MappingProxyType({})
) -> tuple[tuple[str, object], ...]:
    """Return the arguments of a call that begins, as they are now, without the usual ones."""
    code, values = frame.f_code, frame.f_locals
    n_named = code.co_argcount + code.co_kwonlyargcount
    n_packed = bool(code.co_flags & inspect.CO_VARARGS) + bool(
        code.co_flags & inspect.CO_VARKEYWORDS
    )
    names = [
        name
        for name in code.co_varnames[n_left_out : n_named + n_packed]
        if name not in usual or usual[name] is not values.get(name)
    ]
    return tuple(zip(names, as_now(*map(values.get, names)), strict=True))


def _defaults(kind: type) -> dict[str, object]:
    """Return the default arguments of a class."""
    try:
        parameters = inspect.signature(kind).parameters.values()
    except (TypeError, ValueError):
        return {}
    return {one.name: one.default for one in parameters if one.default is not one.empty}


_current: ContextVar[Run | None] = ContextVar("notebook_run", default=None)


def watched() -> Run | None:
    """Return the run of the test cell, or None outside a test cell of a notebook."""
    return _current.get()
