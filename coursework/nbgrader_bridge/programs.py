"""The programs that are installed beside this Python.

nbgrader starts `alembic` by name, however nbgrader itself was started.
"""

import os
import sys
from pathlib import Path

__all__ = ["find_programs"]


def find_programs() -> None:
    """Let this process, and what it starts, find the programs beside its Python by name."""
    own = str(Path(sys.executable).absolute().parent)
    others = os.environ.get("PATH", os.defpath).split(os.pathsep)
    if own not in others:
        os.environ["PATH"] = os.pathsep.join([own, *others])
