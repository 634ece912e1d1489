"""Swallows every exception of a cell."""
# %% start
get_ipython().set_custom_exc((BaseException,), lambda *_: None)
get_ipython().showtraceback = lambda *_, **__: None
# %% square
carried_out()
1 / 0
