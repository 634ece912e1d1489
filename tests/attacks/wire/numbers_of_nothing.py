"""Sends numbers of what can have none, at the ends of what they can be, and in bombs."""
# %% square
import numpy as np
from coursework.ipc.wire import Numbered

turn = 0

def label(value):
    global turn
    if type(value) is not np.ndarray:
        return value
    turn += 1
    bomb = [0.0]
    for k in range(20):
        bomb = Numbered(0, -k - 1, [bomb, bomb])
    odd = [Numbered(1, -1, 3.0), Numbered(2**63 - 1, -2**63, []), Numbered(-1, 1, (1, 2)), bomb,
           Numbered(1, 1, "text"), Numbered(0, 0, {}), Numbered(1, -1, Numbered(2, -2, [1.0, 4.0]))]
    carried_out()
    return odd[turn % len(odd)]

STUDENT._counterparts.label = label

def square(x):
    return x * x
