"""Answers another question than the one that was asked."""
# %% square
def square(x):
    carried_out()
    for number in (0, 1, -1, 2**62):
        PEER._send([1, number, x * 0])
