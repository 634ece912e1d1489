"""Starts threads until none can be started."""
# needs: landlock
# %% square
import threading
import time

carried_out()
try:
    while True:
        threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
except RuntimeError as error:
    print(error)

def square(x):
    return 0
