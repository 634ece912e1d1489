"""Takes memory that counts as nobody's address space: files in memory and System V segments."""
# needs: landlock
# %% square
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
try:
    os.memfd_create("x")
    taken = True
except OSError:
    taken = False
taken = taken or libc.shmget(0, 1 << 20, 0o1600) >= 0 or libc.msgget(0, 0o1600) >= 0
assert not taken

def square(x):
    return 0
