"""Names, errors and outputs with marks that reorder text, lone surrogates and null bytes."""
# %% square
print("\u202e7 fo 7\u202c \u2066\u200b \ud800 \x00 \ufffe")
from IPython.display import display
display({"text/plain": "\ud800\x00", "text/html": "\u202e<b>\ud800</b>"}, raw=True)

class Е(Exception):
    pass

Е.__name__ = "\u202eEror"

def square(x):
    carried_out()
    raise Е("\u202e\ud800\x00" * 100)
