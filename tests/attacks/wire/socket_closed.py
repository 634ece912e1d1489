"""Closes the connection and goes on working behind it."""
# %% square
def square(x):
    SOCKET.close()
    while True:
        pass
