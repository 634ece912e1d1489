"""Returns a generator that never ends, where an array is expected."""
# %% square
import itertools

def square(x):
    carried_out()
    return itertools.count()
# %% Dual
class Dual:
    def __init__(self, *_):
        pass
    def __iter__(self):
        while True:
            yield 1
    def parts(self):
        while True:
            yield self
