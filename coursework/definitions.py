"""What a student's cell defines, whatever is written in it.

`authoring.names` asks the same of lessons. It keeps what it has read, and raises where code
does not parse: neither is for code that anybody can write.
"""

import re
import symtable
import warnings
from functools import lru_cache

__all__ = ["Definitions", "defines", "stub_names"]

_PARSED = 500_000  # letters of a notebook: to parse more would take the judge's time
_RUN_AT_ONCE = re.compile(r"\A\s*%%(?:time|capture|prun)\b.*")
_MAGIC = re.compile(r"^[%!?].*|^.*\?[ \t]*$", re.MULTILINE)
_DEFINED = re.compile(
    r"^(?:async\s+)?(?:def|class)\s+(\w+)|^(\w+)\s*(?::[^=\n]+)?=(?!=)", re.MULTILINE
)


class Definitions:
    """What the cells of a notebook define, each read once."""

    def __init__(self) -> None:
        self._found: dict[str, frozenset[str]] = {}
        self._left = _PARSED

    def __call__(self, source: str) -> frozenset[str]:
        """Return the names that a cell binds at its top level."""
        if source not in self._found:
            self._left -= len(source)
            self._found[source] = defines(source, is_parsed=self._left >= 0)
        return self._found[source]


def defines(source: str, *, is_parsed: bool = True) -> frozenset[str]:
    """Return the names that a cell binds at its top level, even where it does not parse.

    Parameters
    ----------
    source : str
    is_parsed : bool
        Whether more is read than the beginnings of its lines.
    """
    code = _RUN_AT_ONCE.sub("", source)
    if code.lstrip().startswith("%%"):
        return frozenset()  # not Python, or text of a file
    try:
        if is_parsed:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return _bound(symtable.symtable(_MAGIC.sub("pass", code), "<cell>", "exec"))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        pass
    return frozenset(function or variable for function, variable in _DEFINED.findall(code))


@lru_cache(maxsize=1024)  # the same lesson's for a whole class
def stub_names(source: str) -> frozenset[str]:
    """Return the names that a stub of the lesson's defines."""
    return defines(source)


def _bound(table: symtable.SymbolTable) -> frozenset[str]:
    """Return what code binds in its module; nothing is kept of what a student wrote."""
    is_module = table.get_type() == "module"
    own = (
        symbol.get_name()
        for symbol in table.get_symbols()
        if (symbol.is_assigned() and (is_module or symbol.is_declared_global()))
        or (symbol.is_imported() and is_module)
    )
    return frozenset(own).union(*map(_bound, table.get_children()))
