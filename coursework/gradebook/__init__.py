"""Marks, into nbgrader's gradebook and out of it."""
