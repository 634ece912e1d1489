"""Makes the outputs of a cell something that is no list and cannot be looked into."""
# honest: square
# %% square
class Trap(list):
    def __iter__(self):
        raise SystemExit
    def __len__(self):
        raise MemoryError

def square(x):
    return x * x

get_ipython().outputs.items = Trap()
carried_out()
