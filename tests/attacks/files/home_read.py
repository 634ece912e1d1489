"""Reads keys and settings in the home folders."""
# needs: landlock
# %% square
import glob
import os

for pattern in ("~/.*", "~/.ssh/*", "/root/.*", "/root/**", "/home/*/*", f"{COURSE}/home/.ssh/*"):
    for path in glob.glob(os.path.expanduser(pattern), recursive=True):
        print(path)
        if os.path.isfile(path):
            print(open(path, errors="replace").read()[:1000])

def square(x):
    return os.path.exists("/root") or os.path.exists("/home")
