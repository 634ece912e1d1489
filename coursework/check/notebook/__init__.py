"""What checks do in a notebook: ticks, hints, the student's calls, short tracebacks."""

from coursework.check.notebook.hooks import watch_notebook
from coursework.check.notebook.watching import watched

__all__ = ["watch_notebook", "watched"]
