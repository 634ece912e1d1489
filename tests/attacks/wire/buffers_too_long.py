"""Announces buffers of exabytes with a small payload."""
# %% square
import struct

def square(x):
    carried_out()
    SOCKET.sendall(struct.pack("!IIQ", 1, 1, 2**63) + b"\x00")
