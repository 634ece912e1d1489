"""Many submissions: which to grade, side by side, recorded one after the other."""
