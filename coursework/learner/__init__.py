"""A place to work in: a reader's own notebooks in `work/`, from start to a solved lesson."""
