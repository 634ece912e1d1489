"""Puts objects that compare as they like into the outputs of a cell."""
# %% start
class Yes:
    def __eq__(self, other):
        raise ValueError("compared")
    def __hash__(self):
        return 0
    def __str__(self):
        return "stream"

get_ipython().outputs.items.append({"output_type": Yes(), "name": Yes(), "text": Yes(), Yes(): 1})
# %% Dual
class Dual:
    def __eq__(self, other):
        raise ValueError("compared")
    def __hash__(self):
        return 0
    def __len__(self):
        raise ValueError
    __repr__ = __mul__ = __add__ = __len__

for item in ({"output_type": Dual(), "data": {Dual(): Dual()}}, {"output_type": "stream", "name": Dual(), "text": Dual()},
             {"output_type": "error", "ename": Dual(), "traceback": [Dual()]}, Dual(), {Dual(): Dual()},
             {"output_type": "display_data", "data": {"text/plain": Dual(), Dual(): "x"}}):
    get_ipython().outputs.items.append(item)
carried_out()
