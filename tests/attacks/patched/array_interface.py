"""Shows a different content at each look, through the array interface."""
# %% square
class Shifting:
    looks = 0
    def __array__(self, dtype=None, copy=None):
        Shifting.looks += 1
        import numpy as np
        return np.full(2, float(Shifting.looks))
    def __len__(self):
        return 2
    def __getitem__(self, index):
        return [1.0, 4.0][index]

def square(x):
    carried_out()
    return Shifting()
