"""Returns a set of which all members have the same hash."""
# %% Dual
class Dual:
    def __init__(self, *_):
        self.value = self.slope = 0.0
    def parts(self):
        carried_out()
        return {complex(-1_000_003.0 * n, n) for n in range(1, 3000)}
    def shift(self, by):
        return {complex(-1_000_003.0 * n, n): 0 for n in range(1, 3000)}
    __mul__ = __add__ = lambda self, other: self.parts()
