"""Asks the judge to run code, look names up, and call functions that were never lent."""
# %% apply
def apply(f, x):
    carried_out()
    for question in (("run", "x", "1/0", False), ("lookup", "reference"), ("getattr", f, "__globals__"),
                     ("callback", 99, [], {}), ("callback", "__class__", [], {}), ("call", f, [], {}, [])):
        try:
            print(PEER.ask(*question))
        except Exception as error:
            print(error)
    return x

def scatter(rng, n):
    return PEER.ask("callback", 1, [], {})
