"""Leaves a child in a session of its own, twice removed."""
# honest: square
# %% square
import os
import time

if not os.fork():
    os.setsid()
    if not os.fork():
        SOCKET.close()
        time.sleep(1000)
    os._exit(0)
carried_out()

def square(x):
    return x * x
