"""Returns integers that take for ever to write down."""
# %% square
def square(x):
    carried_out()
    return 7 ** (10 ** 5)
# %% apply
def apply(f, x):
    return 10 ** 19_000

def scatter(rng, n):
    return [10 ** 19_000] * n
