"""Connects to a server, and listens as one."""
# needs: landlock
# %% square
import socket

reached = []
for family, address in ((socket.AF_INET, ("127.0.0.1", 22)), (socket.AF_INET6, ("::1", 22)), (socket.AF_INET, ("10.0.0.1", 80))):
    try:
        with socket.socket(family, socket.SOCK_STREAM) as sock:
            sock.settimeout(0.2)
            sock.connect(address)
            reached.append(address)
    except OSError:
        pass
assert not reached
try:
    socket.create_server(("", 0))
    reached.append("server")
except OSError:
    pass
assert not reached

def square(x):
    return 0 * x
