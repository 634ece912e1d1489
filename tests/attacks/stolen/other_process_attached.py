"""Attaches to the processes around it as a debugger, and reads their memory."""
# needs: landlock
# %% square
import ctypes
import os

libc = ctypes.CDLL(None, use_errno=True)
for pid in [*range(1, 50), JUDGE, os.getppid()]:
    result = libc.ptrace(16, pid, 0, 0)
    assert result == -1
    buffer = ctypes.create_string_buffer(100)
    assert libc.syscall(310, pid, buffer, 1, buffer, 1, 0) == -1

def square(x):
    return 0
