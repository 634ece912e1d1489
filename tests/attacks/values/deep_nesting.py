"""Returns lists, tuples and dicts in one another, thousands deep."""
# %% square
turn = 0

def square(x):
    global turn
    carried_out()
    turn += 1
    value = 1.0
    for _ in range(900 if turn % 2 else 10_000):
        value = ([value], (value,), {0: value})[turn % 3]
    return value
