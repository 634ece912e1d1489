"""Takes all memory."""
# needs: landlock
# %% square
import numpy as np

def square(x):
    held = []
    while True:
        held.append(np.ones(10**7))
