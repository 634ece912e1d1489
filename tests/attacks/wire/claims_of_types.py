"""Returns arrays and scalars of every odd kind: long doubles that are no numbers, texts, times."""
# %% square
import numpy as np

turn = 0
odd = [np.array([1, 4], "m8[s]"), np.array(["1", "4"]), np.array([1, 4], object), np.zeros(2, "i4,f8"),
       np.frombuffer(b"\xff" * 32, "<g"), np.array([b"1", b"4"]), np.ma.masked_all(2), np.float16([1, 4.01])]

def square(x):
    global turn
    carried_out()
    turn += 1
    return odd[turn % len(odd)]
