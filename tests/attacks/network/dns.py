"""Asks a name server for a name that tells a secret."""
# needs: landlock
# %% square
import socket

try:
    socket.getaddrinfo("secret.example.org", 80)
except OSError as error:
    refused = error

def square(x):
    return 0 if refused else x * x
