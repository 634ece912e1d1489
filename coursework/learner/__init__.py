"""A place to work in: a reader's own notebooks in `work/`, from start to a solved lesson.

In a notebook, `%load_ext coursework.learner` gives `%check`, `%hint` and `%status`.
"""

from typing import Any

__all__ = ["load_ipython_extension", "unload_ipython_extension"]


def load_ipython_extension(shell: Any) -> None:
    """Give a kernel the commands; IPython calls this."""
    from coursework.learner.magics import load  # noqa: PLC0415  (others have no IPython)

    load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Take them away, and end what they have started; IPython calls this."""
    from coursework.learner.magics import unload  # noqa: PLC0415

    unload(shell)
