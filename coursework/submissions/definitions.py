"""What a student's cell defines, whatever is written in it: it may be long, or not Python.

`course.names` says what code binds; nothing of a student's is cached there.
"""

import ast
import re
import symtable
import warnings
from collections.abc import Iterator
from functools import lru_cache

from coursework.course.names import UNREADABLE, bound_names_in

__all__ = ["Definitions", "defines", "definition_of", "needs_at_once", "stub_names"]

_PARSED = 200_000  # characters of a notebook: parsing more would cost the judge's time
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
    """Return the names that a cell binds at its top level, even if it does not parse.

    Parameters
    ----------
    source : str
    is_parsed : bool
        Whether to read more than the beginnings of its lines.
    """
    code = _RUN_AT_ONCE.sub("", source)
    if code.lstrip().startswith("%%"):
        return frozenset()  # not Python, or text of a file
    try:
        if is_parsed:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return bound_names_in(ast.parse(_MAGIC.sub("pass", code)))
    except UNREADABLE:
        pass
    return frozenset(function or variable for function, variable in _DEFINED.findall(code))


@lru_cache(maxsize=1024)  # the same lesson for a whole class
def stub_names(source: str) -> frozenset[str]:
    """Return the names that a stub of the lesson's defines."""
    return defines(source)


@lru_cache(maxsize=2)  # asked about one cell for each answer in it
def needs_at_once(source: str) -> frozenset[str]:
    """Return the names that code looks up while it runs, not only when a function is called."""
    try:
        table = symtable.symtable(_MAGIC.sub("pass", source[:_PARSED]), "<cell>", "exec")
    except UNREADABLE:
        return frozenset()
    return frozenset(one.get_name() for one in table.get_symbols() if one.is_referenced())


def definition_of(names: frozenset[str], source: str) -> str:
    """Return the statements of a cell that define some of these names; "" if none is found."""
    return "\n\n\n".join(text for text, bound in _statements(source) if names & bound)


@lru_cache(maxsize=2)
def _statements(source: str) -> tuple[tuple[str, frozenset[str]], ...]:
    """Return the statements of a cell, each with the names that it binds."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            body = ast.parse(_MAGIC.sub("pass", source[:_PARSED])).body
    except UNREADABLE:
        return ()
    lines = source.splitlines()
    spans = ((min(_first_lines(node)) - 1, node.end_lineno) for node in body)
    texts = ("\n".join(lines[first:last]) for first, last in spans)
    return tuple((text, defines(text)) for text in texts)


def _first_lines(node: ast.stmt) -> Iterator[int]:
    yield node.lineno
    yield from (one.lineno for one in getattr(node, "decorator_list", ()))
