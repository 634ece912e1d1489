"""Results that raise, end the process or never end when a message or a hint looks at them."""
# honest: Dual
# %% Dual
import os

class Dual:
    looks = 0
    def __init__(self, value, slope=0.0):
        self.value, self.slope = value, slope
    def __add__(self, other):
        return Dual(self.value + other.value, self.slope + other.slope)
    def __mul__(self, other):
        return Dual(self.value * other.value, self.value * other.slope + self.slope * other.value)
    def shift(self, by):
        self.value += by
    def parts(self):
        return {self.value, self.slope}
    def __eq__(self, other):
        os._exit(0)
    def __hash__(self):
        raise ValueError
    def __len__(self):
        while True:
            pass
    def __array__(self, *_, **__):
        Dual.looks += 1
        if Dual.looks > 1:
            os._exit(0)
        raise ValueError
    __repr__ = __bool__ = __len__
# %% square
def square(x):
    carried_out()
    return Dual(x), [Dual(x)]
