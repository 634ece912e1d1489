"""Stand-ins: the student's functions and objects as a test cell sees them.

A stand-in has the operators that the instructor's class of the same name has, and nothing more:
an object of any other class can be read as data, but cannot influence a comparison.
"""

from collections.abc import Iterator
from typing import Any, Protocol, Self

import numpy as np

from coursework.ipc.operations import defines, operations_of, operator_members
from coursework.ipc.wire import Handle
from coursework.judge.student_error import StudentError

__all__ = ["Owner", "StandIn", "handle_of", "kind_of", "mirror", "topic_of"]

_MAX_NAME = 200
_READABLE = ("iter", "len", "getitem", "float", "int", "complex")


class Owner(Protocol):
    """Asks the student's process for a stand-in."""

    def ask(self, topic: str, operation: str, *arguments: Any) -> Any:
        """Return the answer."""

    def call(
        self,
        target: "StandIn",
        name: str,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        owner: "StandIn | None" = None,
    ) -> Any:
        """Call what the stand-in stands for; a method with its owner."""


class StandIn:
    """An object in the student's process."""

    __slots__ = ("_handle_", "_owner_", "_topic_")
    __array_ufunc__ = None  # in an operation with an array, the student's object is asked

    def __init__(self, owner: Owner, handle: Handle, topic: str) -> None:
        object.__setattr__(self, "_owner_", owner)
        object.__setattr__(self, "_handle_", handle)
        object.__setattr__(self, "_topic_", topic)

    def __repr__(self) -> str:
        kind = handle_of(self).kind
        return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind} of type {_label(self)}"

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Stay the stand-in of the same object."""
        return self

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:  # noqa: FBT001
        """Read the object as an array."""
        came = _ask(self, "array", self)
        if not isinstance(came, np.ndarray):
            raise TypeError(f"{self!r} is not an array")
        return came if dtype is None else came.astype(dtype)


def handle_of(standin: StandIn) -> Handle:
    """Return the handle of the object that it stands for."""
    handle: Handle = object.__getattribute__(standin, "_handle_")
    return handle


def _label(standin: StandIn) -> str:
    names = handle_of(standin).names
    return names[0][:_MAX_NAME] if names else "?"


def _owner(standin: StandIn) -> Owner:
    owner: Owner = object.__getattribute__(standin, "_owner_")
    return owner


def _ask(standin: StandIn, operation: str, *arguments: Any) -> Any:
    return _owner(standin).ask(topic_of(standin), operation, *arguments)


def topic_of(standin: StandIn) -> str:
    """Return the exercise that it came from."""
    topic: str = object.__getattribute__(standin, "_topic_")
    return topic


class _WithAttributes(StandIn):
    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        value = _ask(self, "getattr", self, name)
        if isinstance(value, _Function):
            return _Method(value, f"{_label(self)}.{name}", self)
        return value

    def __setattr__(self, name: str, value: Any) -> None:
        _ask(self, "setattr", self, name, value)

    def __delattr__(self, name: str) -> None:
        _ask(self, "delattr", self, name)


class _Function(StandIn):
    __slots__ = ()

    @property
    def __name__(self) -> str:
        return _label(self)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return _owner(self).call(self, self.__name__, args, kwargs)


class _Method:
    """A bound method: a function whose name in messages is `Class.method`."""

    def __init__(self, function: _Function, name: str, owner: StandIn) -> None:
        self._function = function
        self._of = owner
        self.__name__ = name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        call = _owner(self._function).call
        return call(self._function, self.__name__, args, kwargs, self._of)


class _Class(_WithAttributes):
    __slots__ = ()

    @property
    def __name__(self) -> str:
        return _label(self)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return _owner(self).call(self, _label(self), args, kwargs)

    def __instancecheck__(self, instance: Any) -> bool:
        return isinstance(instance, StandIn) and bool(_ask(self, "isinstance", instance, self))


class _Iterator(StandIn):
    __slots__ = ()

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        return _next(self)


class _Opaque(_WithAttributes):
    """An object of a class that no exercise defines: readable, without operators."""

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]

    def _refuse(self, *_: Any) -> Any:
        raise TypeError(f"an object of type {_label(self)} came, not plain data")

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __bool__ = _refuse


_KINDS = {"function": _Function, "callable": _Function, "class": _Class, "iterator": _Iterator}


def kind_of(handle: Handle) -> type[StandIn]:
    """Return the kind of stand-in for an object of a class that no exercise defines."""
    return _KINDS.get(handle.kind, _Opaque)


def _next(self: StandIn) -> Any:
    try:
        return _ask(self, "next", self)
    except StudentError as error:
        if error.type_name == "StopIteration":
            raise StopIteration from None
        raise


for _name, _member in operator_members(_READABLE, _ask).items():
    setattr(_Opaque, _name, _member)


def mirror(name: str, model: type) -> type:
    """Make a kind of stand-in with the operators that the instructor's class has."""
    members: dict[str, Any] = {"__slots__": ()}
    members |= operator_members(operations_of(model), _ask)
    if "__next__" in members:
        members["__next__"] = _next
    if defines(model, "__call__"):
        members["__call__"] = _Class.__call__
    members.setdefault("__eq__", _is_same)
    members.setdefault("__hash__", _hash)
    return type(name, (_WithAttributes,), members)


def _is_same(self: StandIn, other: Any) -> bool:
    return isinstance(other, StandIn) and handle_of(self).id == handle_of(other).id


def _hash(self: StandIn) -> int:
    return hash(handle_of(self).id)
