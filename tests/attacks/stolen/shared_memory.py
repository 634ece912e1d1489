"""Looks for shared memory of others, and leaves some for an accomplice."""
# needs: landlock
# %% square
import ctypes
import os
from multiprocessing import shared_memory

libc = ctypes.CDLL(None, use_errno=True)
attached = libc.shmget(0x5EED, 4096, 0o1666)
print("segment", attached, os.listdir("/dev/shm"))
try:
    print(shared_memory.SharedMemory("accomplice").buf[:6])
except FileNotFoundError:
    shared_memory.SharedMemory("accomplice", create=True, size=4096).buf[:6] = b"answer"

def square(x):
    return attached
