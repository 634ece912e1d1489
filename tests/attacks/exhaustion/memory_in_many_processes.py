"""Takes all memory, by as many processes as it can start."""
# needs: landlock
# %% square
import os
import time

def square(x):
    for _ in range(100):
        if not os.fork():
            held = b"x" * 60_000_000
            time.sleep(1000)
    time.sleep(1000)
