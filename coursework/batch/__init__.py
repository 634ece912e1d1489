"""Many submissions: which to grade, judged in parallel, recorded one after another."""
