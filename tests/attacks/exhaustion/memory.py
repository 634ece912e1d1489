"""Takes all memory."""
# needs: full
# %% square
import numpy as np

def square(x):
    held = []
    while True:
        held.append(np.ones(10**7))
