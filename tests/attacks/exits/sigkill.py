"""Kills itself."""
# %% square
import os
import signal

def square(x):
    os.kill(os.getpid(), signal.SIGKILL)
    os.abort()
