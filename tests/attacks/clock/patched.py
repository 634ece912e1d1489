"""Replaces the functions that tell the time, and then takes its time."""
# %% square
import time

time.time = time.monotonic = time.perf_counter = time.process_time = lambda: 0.0

def square(x):
    carried_out()
    while time.monotonic() < 1:
        pass
    return 0
