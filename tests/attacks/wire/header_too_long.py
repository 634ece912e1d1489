"""Announces a message of gigabytes and thousands of buffers."""
# %% square
def square(x):
    carried_out()
    SOCKET.sendall(b"\xff" * 8)
    SOCKET.sendall(b"\x00" * 10_000)
