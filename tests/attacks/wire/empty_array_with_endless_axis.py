"""Returns an empty array whose reductions would have billions of entries."""
# %% square
import numpy as np

def square(x):
    carried_out()
    return np.empty((0, 10**12))
