"""Starts processes until none can be started."""
# needs: landlock
# %% square
import os
import time

carried_out()
try:
    while True:
        if not os.fork():
            time.sleep(1000)
except OSError as error:
    print(error)

def square(x):
    return 0
