"""Measure the tests of lessons with known mistakes, right answers and mutants.

Nothing is imported here: the processes that grade need little of it.
"""
