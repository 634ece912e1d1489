"""Starts threads until none can be started."""
# needs: landlock
# %% square
import threading
import time

started = 0
try:
    while started < 1000:
        threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
        started += 1
except RuntimeError as error:
    print(error)
assert started < 100

def square(x):
    return 0
