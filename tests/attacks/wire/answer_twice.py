"""Answers each question twice, the second time for the next one."""
# %% square
def square(x):
    carried_out()
    result = 0 * x
    PEER._send([1, 0, result])
    return result
