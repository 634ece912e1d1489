"""Looks for shared memory of others, and leaves some for an accomplice."""
# needs: landlock
# %% square
import ctypes
import os
from multiprocessing import shared_memory

libc = ctypes.CDLL(None, use_errno=True)
attached = libc.shmget(0x5EED, 4096, 0o1666)
for look in (lambda: os.listdir("/dev/shm"), lambda: shared_memory.SharedMemory("accomplice").buf[:6]):
    try:
        print("segment", attached, look())
    except OSError as error:
        print(error)
try:
    left = shared_memory.SharedMemory("accomplice", create=True, size=4096)
    left.buf[:6] = b"answer"
except OSError as error:
    print(error)
carried_out()

def square(x):
    return attached
