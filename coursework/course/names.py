"""Names in code: what it binds and what it uses. No other module says what a cell defines.

`check.notebook.cells`, which imports nothing else of the package, finds what a cell tests. What a
student wrote may not be Python: `submissions.definitions` handles that.
"""

import ast
import builtins
import functools
import re
import symtable
from collections.abc import Iterable, Iterator

__all__ = [
    "UNREADABLE",
    "attributes_of",
    "bound_names",
    "bound_names_in",
    "defined_names",
    "has_star_import",
    "loaded_names",
    "parsed",
    "plain",
    "used_names",
    "without_magics",
]

UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError)
"""What Python raises where it cannot read code."""

_IPYTHON_NAMES = frozenset({"get_ipython"})
# What IPython may read differently from Python; asking it takes longer than parsing.
_MAGIC = re.compile(r"^\s*[%!,;/]|=\s*[%!]|\?|^\s*(>>>|\.\.\.|In \[)|\A\s", re.MULTILINE)
_BUILTINS = frozenset(dir(builtins)) | {"__name__", "__file__", "__doc__"} | _IPYTHON_NAMES


@functools.lru_cache(maxsize=4096)  # many rules ask for the same cells
def plain(source: str) -> str:
    """Return a cell with its magics turned into Python; lines stay where they are."""
    if not _MAGIC.search(source):
        return source if source.endswith("\n") else f"{source}\n"
    from IPython.core.inputtransformer2 import (  # noqa: PLC0415  (rarely needed, and slow)
        TransformerManager,
    )

    return TransformerManager().transform_cell(source)


@functools.lru_cache(maxsize=4096)
def parsed(source: str) -> tuple[ast.AST, ...]:
    """Return all nodes of a cell's code, in no order."""
    return tuple(ast.walk(ast.parse(source)))


def without_magics(source: str) -> str:
    """Return code with `pass` in place of lines that only IPython understands."""
    lines = source.split("\n")
    return "\n".join("pass" if line.startswith(("%", "!")) else line for line in lines)


@functools.lru_cache(maxsize=1024)
def defined_names(source: str) -> frozenset[str]:
    """Return the functions, classes and variables that code makes at its top level.

    Imports do not count; code that cannot be read makes none.
    """
    try:
        body = ast.parse(without_magics(source)).body
    except UNREADABLE:
        return frozenset()
    return frozenset(name for node in _nodes_in(body) for name in _made_by(node))


@functools.lru_cache(maxsize=4096)
def bound_names(source: str) -> frozenset[str]:
    """Return all names that code binds at its top level, imports too."""
    return bound_names_in(ast.parse(source))


def bound_names_in(tree: ast.Module) -> frozenset[str]:
    """Return all names that code binds at its top level, imports too."""
    found = {name for node in _nodes_in(tree.body) for name in _bound_by(node)}
    return frozenset(found.union(*map(_globals_of, ast.walk(tree))))


@functools.lru_cache(maxsize=1024)
def loaded_names(source: str) -> frozenset[str]:
    """Return the plain names that code uses."""
    nodes = ast.walk(ast.parse(without_magics(source)))
    return frozenset(node.id for node in nodes if isinstance(node, ast.Name))


def used_names(source: str) -> dict[str, int]:
    """Return the global names that a cell uses and does not bind, with the first line of each."""
    outside = set(_references(_table(source))) - bound_names(source) - _BUILTINS
    lines: dict[str, int] = {}
    for node in parsed(source):
        if isinstance(node, ast.Name) and node.id in outside:
            lines[node.id] = min(node.lineno, lines.get(node.id, node.lineno))
    return lines


def attributes_of(name: str, source: str) -> dict[str, int]:
    """Return the attributes that a cell uses of a name, with a line of each."""
    return {
        node.attr: node.lineno
        for node in parsed(source)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == name
    }


def has_star_import(source: str) -> bool:
    """Whether a cell imports names that its text does not state."""
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


def _nodes_in(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Yield what belongs to the scope of these statements, in no order."""
    left = list(body)
    while left:
        node = left.pop()
        yield node
        left += _children_in_scope(node)


def _children_in_scope(node: ast.AST) -> Iterable[ast.AST]:
    """Return the parts of a node that belong to the scope around it."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return [*node.decorator_list, *_defaults(node.args)]
    if isinstance(node, ast.Lambda):
        return _defaults(node.args)
    if isinstance(node, ast.ClassDef):
        return [*node.decorator_list, *node.bases, *node.keywords]
    if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        return [one for one in ast.walk(node) if isinstance(one, ast.NamedExpr)]
    return ast.iter_child_nodes(node)


def _defaults(arguments: ast.arguments) -> list[ast.expr]:
    return [*arguments.defaults, *filter(None, arguments.kw_defaults)]


def _bound_by(node: ast.AST) -> Iterator[str]:
    """Yield the names that a node itself binds."""
    yield from _made_by(node)
    if isinstance(node, ast.Import | ast.ImportFrom):
        yield from ((alias.asname or alias.name).partition(".")[0] for alias in node.names)


def _made_by(node: ast.AST) -> Iterator[str]:
    """Yield the names that a node itself binds, unless it imports them."""
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Name(id=name, ctx=ast.Store()):
            yield name
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
            yield name
        case ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
            yield name


def _globals_of(node: ast.AST) -> frozenset[str]:
    """Return the names of the top level that a function or a class binds."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return frozenset()
    own = list(_nodes_in(node.body))
    declared = {name for one in own if isinstance(one, ast.Global) for name in one.names}
    return frozenset(declared & {name for one in own for name in _bound_by(one)})
