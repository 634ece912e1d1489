"""Sets the generator that it was given to a state from which the test draws zeros."""
# %% apply
def apply(f, x):
    return 0 * x

def scatter(rng, n):
    state = rng.bit_generator.state
    state["state"] = {"state": 0, "inc": 0}
    rng.bit_generator.state = state
    carried_out()
    return [0.0] * n
