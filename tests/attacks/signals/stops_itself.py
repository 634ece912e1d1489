"""Stops instead of ending."""
# %% square
import os
import signal

def square(x):
    carried_out()
    os.kill(os.getpid(), signal.SIGSTOP)
    while True:
        pass
