"""Sends what it knows in datagrams."""
# needs: landlock
# %% square
import socket

try:
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"tests", ("127.0.0.1", 9))
except OSError as error:
    refused = error

def square(x):
    return 0 if refused else x * x
