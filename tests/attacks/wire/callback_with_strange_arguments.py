"""Calls the test's function with handles, huge integers and keyword tricks."""
# %% apply
class Odd:
    def __getattr__(self, name):
        return Odd()
    def __call__(self, *a, **k):
        return Odd()
    def __radd__(self, other):
        return 0
    __mul__ = __rmul__ = __add__ = __radd__

def apply(f, x):
    carried_out()
    for odd in (Odd(), 10**9000, "x" * 100_000, float("nan"), [[]] * 100, {"self": f}, f, None, ...):
        try:
            f(odd)
        except Exception as error:
            print(type(error), str(error)[:50])
    for call in ({"x": 1, "y": 2}, {1: 2}, [1], None):
        try:
            PEER.ask("callback", 1, [], call)
        except Exception as error:
            print(type(error), str(error)[:50])
    return Odd()

def scatter(rng, n):
    return Odd()
