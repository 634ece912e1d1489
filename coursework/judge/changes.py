"""Brings back what a student's code may change in place, and what it has drawn.

Of a random generator only how far it has been: one that came back in any other state would
let the student's code choose the random inputs of the test's next checks.
"""

from typing import Any

import numpy as np

from coursework.check import Context

__all__ = ["copy_back", "is_watched"]

# PCG64 is x ← a x + c modulo 2^128 (O'Neill 2014, section 4.1); NumPy's a.
_MULTIPLIER = 0x2360ED051FC65DA44385DF649FCCF645
_MODULUS = 1 << 128
_MAX_DRAWS = 1 << 32


def is_watched(value: Any, context: Context) -> bool:
    """Whether changes of an argument come back."""
    return isinstance(value, np.random.Generator) or context.may_change(value)


def copy_back(old: Any, new: Any, kept: Any = None) -> None:
    """Give an argument the content that the student's code left in its copy.

    Parameters
    ----------
    kept : list, dict or None
        Which entries of the copy are the objects that they were, see `entries.kept_entries`.
    """
    if isinstance(old, np.random.Generator) and isinstance(new, np.random.Generator):
        _advance(old, new)
    elif isinstance(old, np.ndarray) and isinstance(new, np.ndarray):
        if old.shape == new.shape and np.can_cast(new.dtype, old.dtype, "same_kind"):
            old[...] = new
    elif isinstance(old, list) and isinstance(new, list):
        flags = dict(enumerate(kept)) if isinstance(kept, list) else {}
        entries = enumerate(new)
        old[:] = [_merged(_at(old, i), value, flags.get(i, False)) for i, value in entries]
    elif isinstance(old, dict) and isinstance(new, dict):
        flags = kept if isinstance(kept, dict) else {}
        merged = {k: _merged(old.get(k), value, flags.get(k, False)) for k, value in new.items()}
        old.clear()
        old.update(merged)


def _at(values: list, index: int) -> Any:
    return values[index] if index < len(values) else None


def _merged(old: Any, new: Any, kept: Any) -> Any:
    """Keep the identity of a container or array inside a container, if the code has kept it."""
    is_same_array = (
        isinstance(old, np.ndarray)
        and isinstance(new, np.ndarray)
        and (old.shape, old.dtype) == (new.shape, new.dtype)
    )
    is_alike = is_same_array or (type(old) is type(new) and isinstance(old, list | dict))
    if kept is False or not is_alike:
        return new
    copy_back(old, new, kept)
    return old


def _advance(generator: np.random.Generator, copy: np.random.Generator) -> None:
    """Advance a generator as far as its copy has been; leave it where that is not so."""
    state, other = generator.bit_generator.state, copy.bit_generator.state
    if not state["bit_generator"] == other["bit_generator"] == "PCG64":
        return
    inc = state["state"]["inc"]
    if other["state"]["inc"] == inc:
        draws = _distance(state["state"]["state"], other["state"]["state"], inc)
        if draws <= _MAX_DRAWS:
            generator.bit_generator.state = other


def _distance(start: int, end: int, inc: int) -> int:
    """Return the number of steps between two states: a bit of it from each lowest bit."""
    multiplier, bit, distance = _MULTIPLIER, 1, 0
    while start != end:
        if (start ^ end) & bit:
            start = (start * multiplier + inc) % _MODULUS
            distance |= bit
        inc = (multiplier + 1) * inc % _MODULUS
        multiplier = multiplier * multiplier % _MODULUS
        bit <<= 1
    return distance
