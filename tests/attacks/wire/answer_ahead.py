"""Sends answers before the questions, so that they lie ready."""
# %% square
def square(x):
    return x
# %% start
carried_out()
for number in range(20):
    PEER._send([1, number, True])
