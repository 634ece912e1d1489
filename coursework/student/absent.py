"""What an exception reveals about things that are not there while a notebook is graded.

This module runs in the student's process.
"""

import builtins
import errno
from typing import NoReturn

__all__ = ["absence_behind", "refuse_input"]

_INPUT = "nobody can type while a notebook is graded: assign the value instead of asking for it"
_FILE = (
    "Of the files beside the notebook only those that were handed out or declared are there "
    "while it is graded: write what you need into the notebook."
)
_MODULE = (
    "It is not installed where notebooks are graded, or is a file of your own, which is not "
    "there: write its code into the notebook."
)
_READ_ONLY = "Files can be written beside the notebook only, and are gone after grading."


def refuse_input() -> None:
    """Make `input` say why nobody answers."""

    def refuse(_prompt: object = "", /) -> NoReturn:
        raise EOFError(_INPUT)

    refuse.__name__ = refuse.__qualname__ = "input"
    builtins.input = refuse


def absence_behind(error: BaseException) -> str:
    """Return what is absent, with the remedy; "" if the exception is about no such thing."""
    if isinstance(error, ModuleNotFoundError):
        return _MODULE
    if isinstance(error, FileNotFoundError):
        return _FILE
    if isinstance(error, OSError) and error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return _READ_ONLY if error.filename is not None else ""
    return ""
