"""An attribute that is another value at each reading."""
# %% Dual
import itertools

class Dual:
    count = itertools.count()
    def __init__(self, *_):
        pass
    @property
    def value(self):
        carried_out()
        return float(next(self.count))
    slope = value
    __add__ = __mul__ = lambda self, other: self
    def shift(self, by):
        pass
    def parts(self):
        return {float(next(self.count))}
