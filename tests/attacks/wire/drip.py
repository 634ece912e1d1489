"""Answers one byte at a time, for ever."""
# %% square
import time

def square(x):
    carried_out()
    SOCKET.sendall(b"\x00\x00\xff\xff\x00\x00\x00\x00")
    while True:
        SOCKET.sendall(b"\x90")
        time.sleep(0.1)
