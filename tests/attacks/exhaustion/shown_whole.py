"""Returns arrays in lists that NumPy shows whole, however many entries they have, and lists of one list."""
# %% square
import numpy as np

turn = 0

def square(x):
    global turn
    turn += 1
    carried_out()
    row = [0.0] * 300
    return [[np.zeros((4,) * 8)], {"x": np.zeros((2,) * 16)}, [[row] * 300] * 300][turn % 3]
