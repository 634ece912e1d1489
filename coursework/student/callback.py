"""A function of the judge's, as the student's code sees it.

This module runs in the student's process.
"""

import builtins
from collections.abc import Callable
from typing import Any

from coursework.ipc.rpc import Raised

__all__ = ["Callback", "exception_of"]

# As they are before the student's code can change the module's contents.
_EXCEPTIONS = {
    name: kind
    for name, kind in vars(builtins).items()
    if isinstance(kind, type) and issubclass(kind, Exception)
}


class Callback:
    """Calls a function of the judge's.

    Parameters
    ----------
    number : int
        The judge's number for it.
    ask : callable
        (number, *arguments, **keywords) → what the function returns.
    name : str
    """

    def __init__(self, number: int, ask: Callable[..., Any], name: str) -> None:
        self.number = number
        self._ask = ask
        self.__name__ = name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Ask the judge."""
        return self._ask(self.number, *args, **kwargs)

    def __repr__(self) -> str:
        return f"<function {self.__name__}>"


def exception_of(error: Raised) -> Exception:
    """Return what the judge's code raised, as the nearest built-in exception."""
    known = (_EXCEPTIONS[name] for name in error.names if name in _EXCEPTIONS)
    return next(known, RuntimeError)(error.message)
