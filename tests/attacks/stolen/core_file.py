"""Crashes with a core file, to be read by an accomplice."""
# needs: landlock
# %% square
import ctypes
import os
import resource

try:
    resource.setrlimit(resource.RLIMIT_CORE, (-1, -1))
except (ValueError, OSError) as error:
    print(error)
os.chdir("/tmp")
if not os.fork():
    ctypes.string_at(0)
os.wait()
assert not [name for name in os.listdir("/tmp") if name.startswith("core")]
