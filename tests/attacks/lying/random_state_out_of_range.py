"""Returns a random generator whose position lies outside its table."""
# %% square
import numpy as np
from coursework.ipc import wire

class Forged:
    pass

def square(x):
    carried_out()
    state = np.random.MT19937(1).state
    state["state"]["pos"] = 10**6
    return np.random.Generator(np.random.MT19937(1)), state
