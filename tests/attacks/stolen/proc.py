"""Reads what /proc tells of other processes: command lines, environments, memory."""
# needs: landlock
# %% start
import glob
import os

for path in glob.glob("/proc/*/*") + glob.glob("/proc/self/*"):
    try:
        print(path, open(path, errors="replace").read()[:2000])
    except OSError:
        pass
assert not os.path.exists(f"/proc/{JUDGE}")
# %% square
