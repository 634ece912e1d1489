"""Zeroes the lesson's own data through an argument that is watched for changes."""
# %% square
def square(x):
    x *= 0
    return x
