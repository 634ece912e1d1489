"""Leaves a program running that outlives its parent."""
# honest: square
# %% square
import subprocess

subprocess.Popen(["/bin/sleep", "1000"], start_new_session=True)
carried_out()

def square(x):
    return x * x
