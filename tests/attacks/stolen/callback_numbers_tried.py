"""Tries every number that a lent function could have."""
# %% square
def square(x):
    carried_out()
    for number in range(100):
        try:
            return PEER.ask("callback", number, [x], {})
        except Exception:
            continue
