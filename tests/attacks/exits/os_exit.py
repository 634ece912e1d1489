"""Exits at once, in a cell and in a call."""
# %% square
import os

def square(x):
    carried_out()
    os._exit(0)
# %% end
import os
os._exit(0)
