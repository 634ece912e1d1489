"""Returns pickles and objects that act when they are copied or pickled."""
# %% square
import os
import pickle

class Act:
    def __reduce__(self):
        return os.system, (f"touch {COURSE}/pickled",)
    __reduce_ex__ = lambda self, _: self.__reduce__()
    def __deepcopy__(self, memo):
        raise SystemExit
    def __array__(self, *_, **__):
        import numpy as np
        return np.array([Act()], dtype=object)

turn = 0

def square(x):
    global turn
    carried_out()
    turn += 1
    return [pickle.dumps(Act()), Act(), [Act()], {"x": Act()}][turn % 4]
