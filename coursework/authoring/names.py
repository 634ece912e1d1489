"""Names in a cell's code: what it binds, what it uses from elsewhere."""

import ast
import builtins
import functools
import re
import symtable
from collections.abc import Iterator

from IPython.core.inputtransformer2 import TransformerManager

__all__ = [
    "attributes_of",
    "bound_names",
    "defined_names",
    "has_star_import",
    "parsed",
    "plain",
    "used_names",
]

_IPYTHON_NAMES = frozenset({"get_ipython"})
# What IPython may read in another way than Python does; to ask it takes longer than to parse.
_MAGIC = re.compile(r"^\s*[%!,;/]|=\s*[%!]|\?|^\s*(>>>|\.\.\.|In \[)|\A\s", re.MULTILINE)
_BUILTINS = frozenset(dir(builtins)) | {"__name__", "__file__", "__doc__"} | _IPYTHON_NAMES


@functools.lru_cache(maxsize=4096)  # rule after rule asks for the same cells
def plain(source: str) -> str:
    """Return a cell with its magics turned into Python; lines stay where they are."""
    if not _MAGIC.search(source):
        return source if source.endswith("\n") else f"{source}\n"
    return TransformerManager().transform_cell(source)


@functools.lru_cache(maxsize=4096)
def parsed(source: str) -> tuple[ast.AST, ...]:
    """Return all nodes of a cell's code, in no order."""
    return tuple(ast.walk(ast.parse(source)))


def defined_names(source: str) -> frozenset[str]:
    """Return the functions, classes and variables that a cell makes at its top level."""
    table = _table(source)
    return frozenset(s.get_name() for s in table.get_symbols() if s.is_assigned())


@functools.lru_cache(maxsize=4096)
def bound_names(source: str) -> frozenset[str]:
    """Return all names that a cell binds at its top level, imports too."""
    table = _table(source)
    names = {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported()}
    return frozenset(names | set(_global_assignments(table)))


def used_names(source: str) -> dict[str, int]:
    """Return the global names that a cell uses and does not bind, with the first line of each."""
    outside = set(_references(_table(source))) - bound_names(source) - _BUILTINS
    lines: dict[str, int] = {}
    for node in parsed(source):
        if isinstance(node, ast.Name) and node.id in outside:
            lines[node.id] = min(node.lineno, lines.get(node.id, node.lineno))
    return lines


def attributes_of(name: str, source: str) -> dict[str, int]:
    """Return the attributes that a cell asks of a name, with a line of each."""
    return {
        node.attr: node.lineno
        for node in parsed(source)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == name
    }


def has_star_import(source: str) -> bool:
    """Whether a cell imports names that its text does not tell."""
    return any(
        isinstance(node, ast.ImportFrom) and node.names[0].name == "*" for node in parsed(source)
    )


@functools.lru_cache(maxsize=4096)
def _table(source: str) -> symtable.SymbolTable:
    return symtable.symtable(source, "<cell>", "exec")


def _references(table: symtable.SymbolTable) -> Iterator[str]:
    is_module = table.get_type() == "module"
    for symbol in table.get_symbols():
        if symbol.is_referenced() and (is_module or symbol.is_global()):
            yield symbol.get_name()
    for child in table.get_children():
        yield from _references(child)


def _global_assignments(table: symtable.SymbolTable) -> Iterator[str]:
    for child in table.get_children():
        for symbol in child.get_symbols():
            if symbol.is_declared_global() and symbol.is_assigned():
                yield symbol.get_name()
        yield from _global_assignments(child)
