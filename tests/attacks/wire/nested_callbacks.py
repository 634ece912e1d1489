"""Lets the test's function call the student's function that calls it back, without end."""
# %% apply
def apply(f, x):
    carried_out()
    return apply(apply, lambda y: apply(f, y))

def scatter(rng, n):
    return scatter(rng, n)
# %% square
def square(x):
    return PEER.ask("callback", 1, [x], {})
