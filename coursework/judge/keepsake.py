"""What is kept of a failure after its test: data alone.

A stand-in in it would ask the student's process, which may be another one by then, or
answer something else, or nothing.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from coursework.check import Call, CheckFailed, Failure

__all__ = ["Unknown", "kept"]

_SCALARS = (bool, int, float, complex, str, bytes, np.generic, type(None))
_MAX_ENTRIES = 1_000_000
_MAX_DEPTH = 16


class Unknown:
    """Stands for what is no data, or too large to be kept."""


def kept(failure: Failure) -> Failure:
    """Return a failure that holds data alone; the values of its error are replaced."""
    error = failure.error
    if isinstance(error, CheckFailed):
        error.value, error.expected = _data(error.value), _data(error.expected)
    return replace(failure, calls=tuple(map(_call, failure.calls)))


def _call(call: Call) -> Call:
    inputs = tuple((name, _data(value)) for name, value in call.inputs)
    return Call(call.name, inputs, made=call.made and _call(call.made))


def _data(value: Any, depth: int = 0) -> Any:
    if isinstance(value, _SCALARS):
        return value
    if isinstance(value, np.ndarray):
        return value if value.size <= _MAX_ENTRIES and value.dtype.kind != "O" else Unknown()
    if depth == _MAX_DEPTH or not isinstance(value, list | tuple | set | frozenset | Mapping):
        return Unknown()
    if len(value) > _MAX_ENTRIES:
        return Unknown()
    if isinstance(value, Mapping):
        return {_data(key): _data(item, depth + 1) for key, item in value.items()}
    items = [_data(item, depth + 1) for item in value]
    return type(value)(items) if type(value) in (tuple, set, frozenset) else items
