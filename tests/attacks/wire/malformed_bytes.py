"""Sends bytes that are no message where an answer is awaited."""
# %% square
def square(x):
    carried_out()
    SOCKET.sendall(b"\x00\x00\x00\x05\x00\x00\x00\x00\xc1\xc1\xc1\xc1\xc1")
