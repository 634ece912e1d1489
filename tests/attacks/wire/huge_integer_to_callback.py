"""Gives the test's function integers on which it would compute for hours."""
# %% apply
def apply(f, x):
    carried_out()
    n = 7 ** (10 ** 6)
    for _ in range(10):
        n = f(n)
    return n

def scatter(rng, n):
    return 7 ** (10 ** 7)
