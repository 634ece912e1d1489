"""Values, calls and differences in words."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

import numpy as np

from coursework.check.context import Call, Source
from coursework.check.digits import DIGITS, digits_for
from coursework.check.shown import shown

__all__ = [
    "MAX_CALLS",
    "beside",
    "describe",
    "describe_call",
    "describe_shapes",
    "describe_value",
    "is_short",
]

_MAX_ITEMS = 12
_MAX_TEXT = 300
_MAX_ENTRY = 60
MAX_CALLS = 3
_MAX_ATTRIBUTES = 4
_MAX_SETTING = 30
_USUAL = DIGITS[0]
_LARGE = 1e5


def describe_value(value: object, digits: int = _USUAL) -> str:
    """Return a value as text of at most a few lines.

    Parameters
    ----------
    value : object
    digits : int
        Of the entries of arrays, after the point; a scalar has four more.
    """
    if value is None:
        return "None"
    if isinstance(value, Source):
        return str(value)
    if isinstance(value, np.ndarray) and value.ndim:
        return f"{_entries(value, digits)}  ({describe(value)})"
    if callable(value):
        return f"the function {getattr(value, '__name__', type(value).__name__)}"
    if isinstance(value, np.ndarray | np.generic):
        value = value.item()
    if isinstance(value, float):
        return f"{value:.{min(digits + 4, 17)}g}"
    try:
        text = _as_text(value, digits)
    except Exception as error:  # noqa: BLE001  (a student's __repr__ may raise anything)
        return f"a value that cannot be shown ({type(error).__name__}: {error})"
    return text if len(text) <= _MAX_TEXT else f"{text[:_MAX_TEXT]}… ({type(value).__name__})"


def _as_text(value: object, digits: int) -> str:
    if type(value).__repr__ is object.__repr__:
        return _without_repr(value)
    with np.printoptions(precision=max(digits, np.get_printoptions()["precision"])):
        return shown(value)


def is_short(value: Any) -> bool:
    """Whether a value is shown in full: no array of many entries, or of more than two axes."""
    is_array = isinstance(value, np.ndarray)
    return not is_array or (value.size <= _MAX_ITEMS and value.ndim <= 2)  # noqa: PLR2004


def _entries(array: np.ndarray, digits: int = _USUAL) -> str:
    """Show the entries of a short array, the ends of a sequence, or else the range."""
    if array.ndim > 1 and not is_short(array):
        return _range(array)
    return np.array2string(
        array,
        precision=digits,
        threshold=_MAX_ITEMS,
        edgeitems=2,
        separator=", ",
        max_line_width=90,
        formatter=cast("Any", _formatter(array, digits)),
    )


def _range(array: np.ndarray) -> str:
    finite = array[np.isfinite(array)] if array.dtype.kind in "biuf" else array[:0]
    if not finite.size:
        return "an array"
    return f"numbers from {finite.min():.6g} to {finite.max():.6g}"


def _without_repr(value: object) -> str:
    """Show an object whose class has no `__repr__`: its class and its public attributes."""
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


def _formatter(array: np.ndarray, digits: int) -> dict[str, Callable[[Any], str]] | None:
    """Show large numbers with all digits, since 1e9 + 1 is not 1e9; of texts, the beginning."""
    if array.dtype.kind in "fc":
        is_large = array.dtype.kind == "f" and np.any(np.abs(array) >= _LARGE)
        return {"float_kind": f"{{:.{max(digits, 12)}g}}".format} if is_large else None
    return {"object": _entry, "numpystr": _entry} if array.dtype.kind in "OUS" else None


def _entry(value: object) -> str:
    text = shown(value.item() if isinstance(value, np.generic) else value)
    return text if len(text) <= _MAX_ENTRY else f"{text[:_MAX_ENTRY]}…"


def describe(value: object) -> str:
    """Name the kind of a value: its shape and dtype, or its type."""
    if isinstance(value, np.ndarray):
        return f"shape {value.shape}, {value.dtype}" if value.ndim else f"scalar, {value.dtype}"
    return f"{type(value).__name__}"


def describe_call(calls: Iterable[Call]) -> str:
    """Say which call is meant and with which inputs, a line each; "" if unknown.

    Calls that made objects are named where the objects are used.
    """
    shown = list(calls)
    last = max((place for place, call in enumerate(shown) if call.made), default=0)
    made = {call.made.name for call in shown if call.made}
    shown = [
        call
        for place, call in enumerate(shown)
        if place >= last or call.made or call.name not in made
    ]
    lines = []
    if len(shown) > MAX_CALLS:
        # If there are many, such as the steps of an optimiser, the last ones.
        lines, shown = ["… after other calls:"], shown[-MAX_CALLS:]
    values = [
        value for call in shown for one in (call, call.made) if one for _, value in one.inputs
    ]
    digits = digits_for(values, describe_value)
    for call in shown:
        lines += _call_lines(call, digits)
    return "\n".join(lines)


def _call_lines(call: Call, digits: int) -> list[str]:
    """Name a call, preceded by the call that made its object, and the inputs of both."""
    name, listed = call.name, list(call.inputs)
    if call.made:
        settings = [(key, _setting(value, digits)) for key, value in call.made.inputs]
        written = ", ".join(_written(key, text) for key, text in settings)
        method = name.partition(".")[2]
        name = f"{call.made.name}({written}){'.' * bool(method)}{method}"
        large = {key for key, text in settings if not text}
        listed[:0] = [pair for pair in call.made.inputs if pair[0] in large]
    return [
        f"{name}({', '.join(key for key, _ in call.inputs)})",
        *(
            beside(f"  {key} = ", describe_value(value, digits) + _shapes(value))
            for key, value in listed
            if not isinstance(value, Source) or key != str(value)
        ),
        *[f"  called by {call.behind}"] * bool(call.behind),
    ]


def _shapes(value: object) -> str:
    """Return the shapes of arrays in a list, which itself does not show them."""
    shapes = [] if isinstance(value, np.ndarray) else _shapes_in(value)
    return f"  ({_named(shapes)})" if shapes else ""


def _named(shapes: Sequence[tuple[int, ...]]) -> str:
    return f"shape{'s' * (len(shapes) > 1)} {', '.join(map(str, shapes))}"


def _shapes_in(value: object) -> list[tuple[int, ...]]:
    """Return the shape of an array, or those in a list of nothing but arrays."""
    items: Sequence[Any] = (
        value if isinstance(value, list | tuple) and len(value) <= _MAX_ITEMS else [value]
    )
    are_arrays = all(isinstance(item, np.ndarray) for item in items)
    return [item.shape for item in items] if are_arrays else []


def describe_shapes(call: Call) -> str:
    """Say in a line which shapes a call's arguments have; "" if it has no arrays."""
    found = [(name, _shapes_in(value)) for name, value in call.inputs]
    texts = [f"{name} of {_named(shapes)}" for name, shapes in found if shapes]
    return f"{call.name} was called with {'; '.join(texts)}." if texts else ""


def _setting(value: object, digits: int) -> str:
    """Return the text of a value that is short enough to be shown in a call; "" for the rest."""
    text = repr(value) if type(value) is float else describe_value(value, digits)
    is_array = isinstance(value, np.ndarray) and value.ndim
    return "" if is_array or len(text) > _MAX_SETTING or "\n" in text else text


def _written(key: str, text: str) -> str:
    is_unnamed = key.startswith("argument ")
    return (text or key) if is_unnamed else f"{key}={text}" if text else key


def beside(label: str, text: str) -> str:
    """Return a label and a text, whose further lines are aligned below its first."""
    return label + text.replace("\n", "\n" + " " * len(label))
