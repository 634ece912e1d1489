"""Becomes another program."""
# %% square
import os

def square(x):
    carried_out()
    os.set_inheritable(SOCKET.fileno(), True)
    os.execv("/bin/sh", ["sh", "-c", f"head -c 1000 /dev/zero >&{SOCKET.fileno()}; sleep 100"])
