"""Values, calls and differences in words."""

from collections.abc import Iterable

import numpy as np

from coursework.check.context import Call, Source

__all__ = ["beside", "describe", "describe_call", "describe_value"]

_MAX_ITEMS = 12
_MAX_TEXT = 300
_LARGE = 1e5


def describe_value(value: object) -> str:
    """Return a value as text of at most a few lines."""
    if value is None:
        return "None"
    if isinstance(value, Source):
        return str(value)
    if isinstance(value, np.ndarray) and value.ndim:
        text = np.array2string(
            value,
            precision=6,
            threshold=_MAX_ITEMS,
            edgeitems=2,
            separator=", ",
            max_line_width=90,
            formatter=_formatter(value),
        )
        return f"{text}  ({describe(value)})"
    if callable(value):
        return f"the function {getattr(value, '__name__', type(value).__name__)}"
    if isinstance(value, np.ndarray | np.generic):
        value = value.item()
    if isinstance(value, float):
        return f"{value:.10g}"
    try:
        text = repr(value)
    except Exception as error:  # noqa: BLE001  (a student's __repr__ may raise anything)
        return f"a value that cannot be shown ({type(error).__name__}: {error})"
    return text if len(text) <= _MAX_TEXT else f"{text[:_MAX_TEXT]}… ({type(value).__name__})"


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
    lines = []
    for call in calls:
        lines.append(f"{call.name}({', '.join(name for name, _ in call.inputs)})")
        lines.extend(
            beside(f"  {name} = ", value)
            for name, value in call.inputs
            if not isinstance(value, Source) or name != str(value)
        )
    return "\n".join(lines)


def beside(label: str, value: object) -> str:
    """Return a label and a value, whose further lines stand below its first."""
    return label + describe_value(value).replace("\n", "\n" + " " * len(label))
