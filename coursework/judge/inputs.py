"""The inputs of a call, as a message names them."""

import copy
import inspect
from typing import Any

from coursework.check import Context

__all__ = ["as_before", "named_inputs"]

_Inputs = tuple[tuple[str, Any], ...]


def named_inputs(signature: inspect.Signature | None, args: tuple, kwargs: dict) -> _Inputs:
    """Return the arguments of a call by the names of its parameters, or else by their places."""
    try:
        bound = signature.bind(*args, **kwargs).arguments if signature else None
    except TypeError:
        bound = None
    if bound is None:
        bound = {f"argument {i + 1}": value for i, value in enumerate(args)} | kwargs
    return tuple(bound.items())


def as_before(inputs: _Inputs, context: Context) -> _Inputs:
    """Keep what a call may change as it was before."""
    return tuple(
        (name, copy.deepcopy(value) if context.may_change(value) else value)
        for name, value in inputs
    )
