"""Returns containers that contain themselves."""
# %% square
def square(x):
    carried_out()
    value = [1.0, 4.0]
    value.append(value)
    return value
# %% Dual
class Dual:
    def __init__(self, *_):
        self.value = {}
        self.value[0] = self.value
        self.slope = self.value
    def __iter__(self):
        return self
    def __next__(self):
        return self
    __add__ = __mul__ = lambda self, other: self
    def shift(self, by):
        return self
    def parts(self):
        return [self, {0: self}]
