"""Raises what a keyboard or a closing generator raises."""
# %% square
turn = 0

def square(x):
    global turn
    carried_out()
    turn += 1
    raise (KeyboardInterrupt, GeneratorExit, SystemExit, BaseException)[turn % 4]
# %% end
raise KeyboardInterrupt
