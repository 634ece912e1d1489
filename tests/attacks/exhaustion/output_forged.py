"""Answers the running of each cell with as many outputs as a message can hold."""
# %% start
items = [{"output_type": "stream", "name": "stdout", "text": "x" * 1000}] * 200
STUDENT._do_run = lambda *_: (items, "")
carried_out()
# %% square
# %% Dual
# %% apply
