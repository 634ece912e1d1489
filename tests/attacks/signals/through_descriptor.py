"""Has the kernel signal others when the judge writes to the socket."""
# needs: landlock
# %% square
import fcntl
import os
import signal

for owner in (JUDGE, -1, 1, os.getppid()):
    try:
        fcntl.fcntl(SOCKET, fcntl.F_SETOWN, owner)
        fcntl.fcntl(SOCKET, fcntl.F_SETSIG, signal.SIGKILL)
        fcntl.fcntl(SOCKET, fcntl.F_SETFL, os.O_ASYNC)
    except OSError as error:
        print(error)

def square(x):
    return 0
