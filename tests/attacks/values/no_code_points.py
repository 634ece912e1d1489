"""Returns and raises texts of code points that do not exist, which no message and no file can hold."""
# honest: apply
# %% square
import numpy as np

turn = 0

def square(x):
    global turn
    turn += 1
    text = np.array([0x7FFFFFFF, 0xD800], dtype=np.uint32).view("U1")
    carried_out()
    if turn % 4 == 3:
        raise ValueError("\ud800")
    return [text, text.reshape(2, 1), [text], {"x": text}][turn % 4]
# %% apply
def apply(f, x):
    return f(f(x))

def scatter(rng, n):
    return rng.normal(size=n)
