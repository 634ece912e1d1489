"""What checks do in a notebook: ticks, hints, the student's calls, short tracebacks."""

from coursework.check.notebook.cells import hidden_lines
from coursework.check.notebook.hooks import watch_notebook
from coursework.check.notebook.watching import watched

__all__ = ["hidden_lines", "watch_notebook", "watched"]
