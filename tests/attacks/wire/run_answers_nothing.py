"""Answers the running of a cell with anything but its outputs."""
# %% square
def square(x):
    return x * 0

answers = iter([None, (), ([], 1), ({}, ""), ([], "", ""), [[], ""], 3])
STUDENT._do_run = lambda *_: carried_out() or next(answers)
# %% Dual
class Dual:
    pass
