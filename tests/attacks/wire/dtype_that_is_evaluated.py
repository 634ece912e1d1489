"""Sends an array whose dtype makes NumPy raise what no decoder expects."""
# %% start
import msgpack, struct

def answer(dtype, shape, data):
    array = msgpack.ExtType(6, msgpack.packb([dtype, shape, data]))
    payload = msgpack.packb(["x", array])
    SOCKET.sendall(struct.pack("!II", len(payload), 0) + payload)

# %% square
def square(x):
    carried_out()
    answer("(,)i4,i4", [1], b"12345678")
# %% end
answer("(,)i4,i4", [1], b"12345678")
