"""Recurses until the C stack is used up."""
# %% square
import sys

sys.setrecursionlimit(10**9)

class Deep:
    def __getattr__(self, name):
        return getattr(self, name + "x")

def square(x):
    carried_out()
    return Deep().y
# %% apply
def apply(f, x):
    return apply(f, x) + 1

def scatter(rng, n):
    return repr(scatter(rng, n))
