"""Brings back what a student's code has drawn from a random generator.

Only that: a generator that came back in any other state would let the student's code
choose the random inputs of the test's next checks.
"""

import numpy as np

__all__ = ["advance"]

# PCG64 is x ← a x + c modulo 2^128 (O'Neill 2014, section 4.1); NumPy's a.
_MULTIPLIER = 0x2360ED051FC65DA44385DF649FCCF645
_MODULUS = 1 << 128
_MAX_DRAWS = 1 << 32


def advance(generator: np.random.Generator, copy: np.random.Generator) -> None:
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
