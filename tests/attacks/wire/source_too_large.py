"""A cell that is larger than a message may be."""
# told: The cell was not run: it is a value of 4
# %% start
"""
PADDING
"""
# %% square
def square(x):
    """PADDING"""
    return 0 * x
