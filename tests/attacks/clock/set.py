"""Sets the clock, so that no time passes for the judge."""
# needs: landlock
# %% square
import time

for clock in (time.CLOCK_REALTIME, time.CLOCK_MONOTONIC):
    try:
        time.clock_settime(clock, 0)
    except OSError as error:
        print(error)
    else:
        raise AssertionError("the clock was set")

def square(x):
    return 0
