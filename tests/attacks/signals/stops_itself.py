"""Stops instead of ending."""
# %% square
import os
import signal

def square(x):
    os.kill(os.getpid(), signal.SIGSTOP)
    while True:
        pass
