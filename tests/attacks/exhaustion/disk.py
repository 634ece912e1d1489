"""Fills every place that can be written."""
# needs: landlock
# %% square
import os

written = 0
for folder in ("/tmp", "/dev/shm", "/var/tmp", "/dev", "/run", "."):
    try:
        for number in range(100):
            with open(f"{folder}/{number}", "wb") as file:
                for _ in range(4):
                    written += file.write(bytes(1 << 20))
    except OSError as error:
        print(error)
assert written < 50_000_000

def square(x):
    return 0
