"""Values, calls and differences in words."""

import re
from collections.abc import Iterable

import numpy as np

from coursework.check.context import Call, Source

__all__ = ["MAX_CALLS", "beside", "describe", "describe_call", "describe_value", "is_short"]

_MAX_ITEMS = 12
_MAX_TEXT = 300
MAX_CALLS = 3
_MAX_ATTRIBUTES = 4
_LARGE = 1e5
_ADDRESS = re.compile(r"<(?:\w+\.|<locals>\.)*(\w+) object at 0x[0-9a-fA-F]+>")


def describe_value(value: object) -> str:
    """Return a value as text of at most a few lines."""
    if value is None:
        return "None"
    if isinstance(value, Source):
        return str(value)
    if isinstance(value, np.ndarray) and value.ndim:
        return f"{_entries(value)}  ({describe(value)})"
    if callable(value):
        return f"the function {getattr(value, '__name__', type(value).__name__)}"
    if isinstance(value, np.ndarray | np.generic):
        value = value.item()
    if isinstance(value, float):
        return f"{value:.10g}"
    try:
        has_none = type(value).__repr__ is object.__repr__
        text = _without_repr(value) if has_none else _ADDRESS.sub(r"<\1 object>", repr(value))
    except Exception as error:  # noqa: BLE001  (a student's __repr__ may raise anything)
        return f"a value that cannot be shown ({type(error).__name__}: {error})"
    return text if len(text) <= _MAX_TEXT else f"{text[:_MAX_TEXT]}… ({type(value).__name__})"


def is_short(value: object) -> bool:
    """Whether all of a value is shown: no array of many entries, or of more than two axes."""
    is_array = isinstance(value, np.ndarray)
    return not is_array or (value.size <= _MAX_ITEMS and value.ndim <= 2)  # noqa: PLR2004


def _entries(array: np.ndarray) -> str:
    """Show the entries of a short array, the ends of a sequence, and of others their range."""
    if array.ndim > 1 and not is_short(array):
        return _range(array)
    return np.array2string(
        array,
        precision=6,
        threshold=_MAX_ITEMS,
        edgeitems=2,
        separator=", ",
        max_line_width=90,
        formatter=_formatter(array),
    )


def _range(array: np.ndarray) -> str:
    finite = array[np.isfinite(array)] if array.dtype.kind in "biuf" else array[:0]
    if not finite.size:
        return "an array"
    return f"numbers from {finite.min():.6g} to {finite.max():.6g}"


def _without_repr(value: object) -> str:
    """Show an object whose class does not say how: its class and its public attributes."""
    public = [pair for pair in getattr(value, "__dict__", {}).items() if pair[0][:1] != "_"]
    shown = [f"{name}={_attribute(item)}" for name, item in public[:_MAX_ATTRIBUTES]]
    shown += ["…"] * (len(public) > _MAX_ATTRIBUTES)
    return f"<{type(value).__name__} object{': ' * bool(shown)}{', '.join(shown)}>"


def _attribute(value: object) -> str:
    if isinstance(value, np.ndarray) and value.ndim:
        return _entries(value) if is_short(value) and value.ndim == 1 else f"({describe(value)})"
    if isinstance(value, bool | int | float | complex | str | np.generic | np.ndarray | None):
        return describe_value(value)
    if isinstance(value, list | tuple | set | frozenset | dict):
        return f"{type(value).__name__} of {len(value)}"
    return f"<{type(value).__name__}>"


def _formatter(array: np.ndarray) -> dict | None:
    """Show large numbers to all their digits: 1e9 + 1 is not 1e9."""
    is_large = array.dtype.kind == "f" and array.size and np.nanmax(np.abs(array)) >= _LARGE
    return {"float_kind": "{:.12g}".format} if is_large else None


def describe(value: object) -> str:
    """Name the kind of a value: its shape and dtype, or its type."""
    if isinstance(value, np.ndarray):
        return f"shape {value.shape}, {value.dtype}" if value.ndim else f"scalar, {value.dtype}"
    return f"{type(value).__name__}"


def describe_call(calls: Iterable[Call]) -> str:
    """Say which call is meant and with which inputs, a line each; "" where unknown."""
    shown = list(calls)
    lines = []
    if len(shown) > MAX_CALLS:
        # Of many, as the steps of an optimiser are, the last ones.
        lines, shown = ["… after other calls:"], shown[-MAX_CALLS:]
    for call in shown:
        lines.append(f"{call.name}({', '.join(name for name, _ in call.inputs)})")
        lines.extend(
            beside(f"  {name} = ", value)
            for name, value in call.inputs
            if not isinstance(value, Source) or name != str(value)
        )
        lines += [f"  called by {call.behind}"] * bool(call.behind)
    return "\n".join(lines)


def beside(label: str, value: object) -> str:
    """Return a label and a value, whose further lines stand below its first."""
    return label + describe_value(value).replace("\n", "\n" + " " * len(label))
