"""Starts processes until none can be started."""
# needs: landlock
# %% square
import os
import time

started = 0
carried_out()  # as root it has no limit but time
try:
    while started < 1000:
        if not os.fork():
            time.sleep(1000)
        started += 1
except OSError as error:
    print(error)
assert started < 100

def square(x):
    return 0
