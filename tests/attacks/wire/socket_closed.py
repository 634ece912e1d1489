"""Closes the connection and goes on working behind it."""
# %% square
def square(x):
    carried_out()
    SOCKET.close()
    while True:
        pass
