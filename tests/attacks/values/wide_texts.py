"""Returns one long text among many empty ones: as an array each is as long as the longest."""
# told: too large to be compared
# %% square
def square(x):
    carried_out()
    return ["a" * 100_000] + [""] * 2_000
