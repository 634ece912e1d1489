"""A cell that is larger than a message may be."""
# %% start
"""
PADDING
"""
# %% square
def square(x):
    """PADDING"""
    return 0 * x
