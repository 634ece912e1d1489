"""Machine learning from scratch: lessons and the autograder that grades them.

Notebooks import `check`, `data` and `plot` from here; everything else is the grader.
`%load_ext coursework` gives them `%check`, `%hint` and `%status`.
"""

from pathlib import Path
from typing import Any

__all__ = ["load_ipython_extension", "unload_ipython_extension"]

# For configurations of older courses.
__path__.append(str(Path(__file__).parent / "former"))


def load_ipython_extension(shell: Any) -> None:
    """Give a kernel the commands; IPython calls this."""
    from coursework.learner.magics import load  # noqa: PLC0415  (only notebooks ask for them)

    load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Remove them, and end what they have started; IPython calls this."""
    from coursework.learner.magics import unload  # noqa: PLC0415

    unload(shell)
