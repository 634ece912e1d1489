"""Objects that cannot be shown: every attempt to say what came fails."""
# %% Dual
class Dual:
    def __init__(self, *_):
        carried_out()
        self.value = self.slope = 0.0
    def __repr__(self):
        raise SystemExit("no")
    __str__ = __format__ = __repr__
    def __add__(self, other):
        raise ValueError(self)
    __mul__ = __add__
    def shift(self, by):
        return self
    def parts(self):
        return [self]
