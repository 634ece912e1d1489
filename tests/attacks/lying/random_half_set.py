"""Draws as it should, and puts half a draw of its own choice into the generator for the test.

A right answer would be `f(f(x))`; this one is right for the factor that it chooses alone.
"""
# %% apply
def apply(f, x):
    return 1_000_001**2 * x  # the largest factor that the test can draw

def scatter(rng, n):
    out = rng.normal(size=n)
    state = rng.bit_generator.state
    state["has_uint32"], state["uinteger"] = 1, 2**32 - 1
    rng.bit_generator.state = state
    carried_out()
    return out
