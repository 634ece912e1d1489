"""Reads the course: sources with solutions, other submissions, the gradebook."""
# needs: landlock
# %% square
import glob
import os

for path in glob.glob(f"{COURSE}/**", recursive=True):
    print(path)
    if os.path.isfile(path):
        print(open(path).read())

def square(x):
    return os.path.exists(COURSE)
