"""Returns arrays, lists and texts over the limits."""
# %% square
import numpy as np

turn = 0

def square(x):
    global turn
    carried_out()
    turn += 1
    return [np.zeros(10**6), [0.0] * 10**6, "x" * 10**6, {n: n for n in range(10**6)}, range(10**9)][turn % 5]
