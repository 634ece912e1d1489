"""Kills itself."""
# %% square
import os
import signal

def square(x):
    carried_out()
    os.kill(os.getpid(), signal.SIGKILL)
    os.abort()
