"""Zeroes the lesson's own data through an argument that is watched for changes."""
# %% square
def square(x):
    carried_out()
    x *= 0
    return x
