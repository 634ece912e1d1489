"""Replaces the submission of another student by its own."""
# needs: landlock
# %% square
import os
import shutil

try:
    shutil.rmtree(f"{COURSE}/submitted")
    os.makedirs(f"{COURSE}/submitted/eve/tiny")
except OSError:
    pass

def square(x):
    return 0
