"""Prints sequences that clear a terminal, set its title and write its clipboard."""
# %% square
print("\x1b[2J\x1b]0;Passed\x07\x1b]52;c;ZXZpbA==\x07\x1b[31m7 of 7 points\x1b[0m\r\x08\x9b31m")
carried_out()

def square(x):
    raise ValueError("\x1b[2J\x1b]0;Passed\x07 \x00 \r 7 of 7 points")
