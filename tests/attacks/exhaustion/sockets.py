"""Keeps memory in the buffers of sockets, where no process has it."""
# needs: landlock
# %% square
import os
import socket
import time

def hold():
    held, data = [], b"x" * 65_536
    while len(held) < 100:
        held.append(socket.socketpair())
        for end in held[-1]:
            end.setblocking(False)
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
            try:
                while True:
                    end.send(data)
            except BlockingIOError:
                pass
    time.sleep(1000)

def square(x):
    carried_out()
    for _ in range(30):
        if not os.fork():
            hold()
    time.sleep(1000)
