"""Ends the process at every second running of its cells, so that no replay ends."""
# %% start
import time

carried_out()
if int(time.time() * 100) % 2:
    import os
    os._exit(0)
# %% square
import os
import time

def square(x):
    os._exit(0)
