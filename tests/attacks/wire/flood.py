"""Floods the judge with large messages while it waits."""
# %% square
import os
import threading

def flood():
    while True:
        SOCKET.sendall(os.urandom(1 << 20))

def square(x):
    carried_out()
    threading.Thread(target=flood, daemon=True).start()
    return x
