"""Objects that act when they are deleted."""
# %% square
import os

class Last:
    def __del__(self):
        PEER._send([1, 1, 1])

def square(x):
    carried_out()
    Last()
    return Last()
