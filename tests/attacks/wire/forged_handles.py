"""Sends handles with kinds and names that the judge does not expect."""
# %% square
from coursework.ipc.wire import Handle

shapes = iter([Handle(1, "callback", ()), Handle(1, "Dual", ("Dual",)), Handle(1, "class", ()),
               Handle(-1, "function", ()), Handle(2**62, "iterator", ("Dual",) * 1000),
               Handle(1, "__init__", ("__class__", "StandIn"))])

class Odd:
    pass

CODEC.lend = lambda value: next(shapes, Handle(1, "object", ()))

def square(x):
    carried_out()
    return Odd()
