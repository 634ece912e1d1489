"""Leaves a generator that gives one number for ever, on which a draw never ends."""
# %% apply
def apply(f, x):
    return x

def scatter(rng, n):
    state = rng.bit_generator.state
    state["state"] = {"state": 1, "inc": 0}
    state["has_uint32"], state["uinteger"] = 1, 0
    rng.bit_generator.state = state
    carried_out()
    return [0.0] * n
