"""The inputs of a call, as a message names them."""

import inspect
from typing import Any

from coursework.check.snapshot import as_now

__all__ = ["as_before", "named_inputs"]

_Inputs = tuple[tuple[str, Any], ...]


def named_inputs(
    signature: inspect.Signature | None, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> _Inputs:
    """Return the arguments of a call by parameter name, or else by position."""
    try:
        bound = signature.bind(*args, **kwargs).arguments if signature else None
    except TypeError:
        bound = None
    if bound is None:
        names = _positional(signature)[: len(args)] if signature else []
        names += [f"argument {i + 1}" for i in range(len(names), len(args))]
        bound = dict(zip(names, args, strict=True)) | kwargs
    return tuple(bound.items())


def _positional(signature: inspect.Signature) -> list[str]:
    kinds = inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD
    return [one.name for one in signature.parameters.values() if one.kind in kinds]


def as_before(inputs: _Inputs) -> _Inputs:
    """Keep inputs as they are before a call, which may change some; the test may change others."""
    names, values = zip(*inputs, strict=True) if inputs else ((), ())
    return tuple(zip(names, as_now(*values), strict=True))
