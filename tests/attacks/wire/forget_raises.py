"""Fails where the judge only tidies up after a test."""
# %% start
def raises(*_):
    carried_out()
    raise RuntimeError("I do not forget")

STUDENT._do_forget = raises
# %% square
def square(x):
    return 0 * x
