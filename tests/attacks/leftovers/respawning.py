"""A chain of processes, each of which starts the next and ends."""
# needs: landlock
# honest: square
# %% square
import os
import time

if not os.fork():
    SOCKET.close()
    while True:
        if os.fork():
            os._exit(0)
        os.setsid()
        time.sleep(0.001)

def square(x):
    return x * x
