"""Starts processes until none can be started."""
# needs: landlock
# %% square
import os
import time

started = 0
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
