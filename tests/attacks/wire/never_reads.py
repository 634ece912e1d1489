"""Lets the judge wait with a question that nobody reads."""
# %% square
import time

def square(x):
    time.sleep(1000)
