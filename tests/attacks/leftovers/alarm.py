"""An alarm that ends the process in the middle of a later cell."""
# %% square
import os
import signal

signal.signal(signal.SIGALRM, lambda *_: os._exit(1))
signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
carried_out()

def square(x):
    return 0 * x
