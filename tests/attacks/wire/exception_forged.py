"""Sends exceptions whose names and texts are no texts."""
# %% square
import itertools

forms = itertools.cycle([[[1, 2], "", ""], ["SystemExit", "", ""], [["SystemExit"], 1, ""], [["MemoryError"], "", []],
                         [["BaseException"], "", ""], [["ExceptionGroup"], "", ""], [["UnicodeDecodeError"], "", ""]])
STUDENT._peer._describe = lambda error: next(forms)

def square(x):
    carried_out()
    raise ValueError
