"""Fails or lies where the judge looks names up."""
# %% start
def lookup(name):
    carried_out()
    if name == "square":
        raise SystemExit
    return {"Dual": 3, "apply": None}.get(name)

STUDENT._do_lookup = lookup
# %% square
def square(x):
    return x * 0
# %% Dual
Dual = 1
# %% apply
apply = scatter = 2
