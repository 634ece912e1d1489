"""Kills its parent."""
# needs: landlock
# %% square
import os
import signal

for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP):
    try:
        os.kill(os.getppid(), number)
    except OSError as error:
        print(error)

def square(x):
    return 0
