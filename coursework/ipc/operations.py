"""Operators by name: what either side may ask of an object across the wire.

The judge's stand-ins ask the student's objects, and the student's proxies ask the judge's.
"""

import operator
from collections.abc import Callable, Iterable
from typing import Any

__all__ = ["OPERATIONS", "defines", "operations_of", "operator_members"]

_ARITHMETIC = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul")
_BITS = ("and", "or", "xor", "lshift", "rshift")
_BINARY = (*_ARITHMETIC, *_BITS, "divmod")
_COMPARISONS = ("lt", "le", "gt", "ge", "eq", "ne")
_NUMBERS = ("bool", "float", "int", "complex", "index")
_PLAIN = ("neg", "pos", "abs", "invert", "len", "iter", "next", "hash", *_NUMBERS)
_OTHERS = ("getitem", "setitem", "delitem", "contains", "repr", "str", "round")
_IN_PLACE = tuple(f"i{name}" for name in (*_ARITHMETIC, *_BITS))
_ALL = (*_COMPARISONS, *_PLAIN, *_OTHERS, *_IN_PLACE, *_BINARY)
_BUILTINS = (len, iter, next, bool, float, int, complex, hash, repr, str, round, divmod)

OPERATIONS: dict[str, Callable[..., Any]] = {kind.__name__: kind for kind in _BUILTINS}
"""Name → function, of all operators."""
OPERATIONS |= {name: getattr(operator, f"__{name}__") for name in _ALL if name not in OPERATIONS}

Ask = Callable[..., Any]
"""(object whose operator it is, operation, operands) → result."""


def operations_of(model: type) -> tuple[str, ...]:
    """Return the operators that a class defines, directly or in reflected form."""
    return tuple(
        name
        for name in _ALL
        if defines(model, f"__{name}__") or (name in _BINARY and defines(model, f"__r{name}__"))
    )


def defines(model: type, name: str) -> bool:
    """Whether a class, or one that it inherits from, has its own member of this name."""
    return any(name in vars(kind) for kind in model.__mro__ if kind is not object)


def operator_members(operations: Iterable[str], ask: Ask) -> dict[str, Callable[..., Any]]:
    """Return the members of a class that ask for these operators."""
    members = {}
    for name in operations:
        members[f"__{name}__"] = _operator(name, ask)
        if name in _BINARY:
            members[f"__r{name}__"] = _reflected(name, ask)
    return members


def _operator(operation: str, ask: Ask) -> Callable[..., Any]:
    def forward(self: Any, *arguments: Any) -> Any:
        return ask(self, operation, self, *arguments)

    return forward


def _reflected(operation: str, ask: Ask) -> Callable[..., Any]:
    def forward(self: Any, other: Any) -> Any:
        return ask(self, operation, other, self)

    return forward
