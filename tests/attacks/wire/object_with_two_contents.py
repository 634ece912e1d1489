"""Sends a list that contains itself: to compare it would never end."""
# %% square
from coursework.ipc.wire import Numbered

STUDENT._counterparts.label = lambda value: value

def square(x):
    carried_out()
    inner = [Numbered(0, -1, []), 1.0]
    return [Numbered(0, -1, [Numbered(0, -1, inner), Numbered(0, -1, inner)])] * 2
