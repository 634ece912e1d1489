"""Returns one long text among many empty ones: as an array each is as long as the longest."""
# %% square
def square(x):
    carried_out()
    return ["a" * 2_000_000] + [""] * 2_000
