"""Crashes by reading where nothing is."""
# %% square
import ctypes

def square(x):
    carried_out()
    ctypes.string_at(0)
# %% apply
def apply(f, x):
    ctypes.memset(id(None), 0, 1000)
    return f(x)

def scatter(rng, n):
    return None
