"""Proxies: classes and objects of the judge's as the student's code sees them.

A proxy is a number. Operators, attributes and methods ask the judge, which says for each class
what it can be asked for: nothing else of the judge's is known here.

This module runs in the student's process.
"""

from collections.abc import Callable
from typing import Any, ClassVar, cast

from coursework.ipc.operations import OPERATIONS, operator_members
from coursework.ipc.wire import Handle

__all__ = ["CLASS", "OBJECT", "Proxies", "proxied"]

CLASS, OBJECT = "lent class", "lent object"
"""Kinds of handles: for a class, whose names are its own name, its bases' numbers and its
members; for an object, with the number of its class."""

Ask = Callable[..., Any]
"""(operation, *arguments, **keywords) → answer."""


class _Class(type):
    """The class of the proxies of one class of the judge's."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        return cls._ask_("call", cls, *args, **kwargs)

    def __getattr__(cls, name: str) -> Any:
        _demand_public(name)
        return cls._ask_("getattr", cls, name)

    def __setattr__(cls, name: str, value: Any) -> None:
        _demand_public(name)
        cls._ask_("setattr", cls, name, value)


class _Proxy:
    __slots__ = ("_number_",)
    _ask_: ClassVar[Ask]

    def __init_subclass__(cls) -> None:
        if "_own_" not in vars(cls):
            base = cast("type", cls.__base__)  # which all classes but object have
            raise TypeError(f"{base.__name__} is lent, and has no classes below it here")

    def __getattr__(self, name: str) -> Any:
        _demand_public(name)
        return type(self)._ask_("getattr", self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        _demand_public(name)
        type(self)._ask_("setattr", self, name, value)

    def __reduce_ex__(self, _: Any) -> Any:
        raise TypeError(f"a {type(self).__name__} is lent, and cannot be copied")


def _demand_public(name: str) -> None:
    if name.startswith("_"):
        raise AttributeError(name)


def proxied(value: Any) -> int | None:
    """Return the judge's number of what a proxy stands for; None for anything else."""
    if isinstance(type(value), _Class):
        return _number_of(value)
    return vars(value)["_own_"] if isinstance(value, _Class) else None


_NUMBER: Any = vars(_Proxy)["_number_"]
_number_of = _NUMBER.__get__


class Proxies:
    """Makes proxies, one for each number.

    Parameters
    ----------
    ask : callable
        Asks the judge.
    """

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._known: dict[int, Any] = {}
        self._special = {
            "__array_ufunc__": None,
            "__call__": lambda one, *args, **kwargs: ask("call", one, *args, **kwargs),
            "__enter__": lambda one: ask("enter", one),
            "__exit__": lambda one, kind, *_: ask("exit", one, kind is not None),
        }

    def of(self, handle: Handle) -> Any:
        """Return the proxy of a handle: the same one for the same number."""
        if handle.id not in self._known:
            make = self._class if handle.kind == CLASS else self._object
            self._known[handle.id] = make(handle.id, *handle.names)
        return self._known[handle.id]

    def _object(self, number: int, kind: str) -> Any:
        made = object.__new__(self._known[int(kind)])
        _NUMBER.__set__(made, number)
        return made

    def _class(self, number: int, name: str, bases: str, *members: str) -> type:
        kinds = tuple(self._known[int(base)] for base in bases.split()) or (_Proxy,)
        found = {"__slots__": (), "_own_": number, "_ask_": staticmethod(self._ask)}
        operators = [name for one in members if (name := one.strip("_")) in OPERATIONS]
        found |= operator_members(operators, self._asked)
        found |= {one: self._special[one] for one in self._special.keys() & set(members)}
        found |= {one: self._method(one) for one in members if not one.startswith("__")}
        return _Class(name, kinds, found)

    def _asked(self, _: Any, operation: str, *operands: Any) -> Any:
        return self._ask(operation, *operands)

    def _method(self, name: str) -> Callable[..., Any]:
        def method(self: Any, *args: Any, **kwargs: Any) -> Any:
            return ask("method", self, name, *args, **kwargs)

        ask = self._ask
        method.__name__ = name
        return method

    def clear(self) -> None:
        """Forget everything: what was lent is taken back."""
        self._known.clear()
