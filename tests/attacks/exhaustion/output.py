"""Prints gigabytes, past Python's streams too."""
# %% square
import os
import sys

for _ in range(200):
    print("x" * 100_000)
    sys.stderr.write("y" * 100_000)
    sys.__stdout__.write("z" * 1000)
    os.write(1, b"w" * 10_000)
    os.write(2, b"v" * 10_000)
carried_out()

def square(x):
    return 0
