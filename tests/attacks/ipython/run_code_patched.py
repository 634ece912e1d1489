"""Replaces the function with which IPython runs compiled cells."""
# %% start
shell = get_ipython()

async def run_code(code, result=None, *, async_=False):
    carried_out()
    return False

type(shell).run_code = lambda self, code, result=None, **_: run_code(code, result)
shell.run_code = run_code
# %% square
def square(x):
    return x
