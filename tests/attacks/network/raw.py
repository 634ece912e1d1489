"""Opens packet, raw, netlink, Bluetooth and virtual-machine sockets."""
# needs: landlock
# %% square
import socket

opened = []
for family in (socket.AF_PACKET, socket.AF_NETLINK, socket.AF_INET, 31, 38, 40):
    for kind in (socket.SOCK_RAW, socket.SOCK_DGRAM, socket.SOCK_STREAM):
        try:
            opened.append(socket.socket(family, kind))
        except OSError:
            pass
assert not opened, opened

def square(x):
    return 0 * x
