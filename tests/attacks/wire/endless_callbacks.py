"""Calls the test's function for ever instead of answering."""
# %% apply
def apply(f, x):
    carried_out()
    while True:
        f(x)

def scatter(rng, n):
    return 0
