"""Machine learning from scratch: lessons and the autograder that grades them.

Notebooks import `check`, `data` and `plot` from here; everything else is the grader.
"""
