"""The parts of test cells: `with check.part("name", points):`.

The judge reads them from the source before it runs the cell, and counts each by itself.
"""

import ast
from collections.abc import Iterator, Mapping
from functools import lru_cache
from math import isclose
from types import MappingProxyType
from typing import TypeGuard

from coursework.course.lesson import Cell

__all__ = ["broken_parts", "parts_of"]

_FORM = 'write `with check.part("name", points):` with a name and points that are literals'


def broken_parts(cell: Cell) -> Iterator[tuple[int, str]]:
    """Yield what is wrong with the parts of a test cell: the offset of the line, and a text."""
    tree = ast.parse(cell.source)
    calls = [node for node in ast.walk(tree) if _is_part(node)]
    top = {id(opened) for node in tree.body if (opened := _call_of(node))}
    total, names = 0.0, set[str]()
    for call in sorted(calls, key=lambda call: call.lineno):
        part = _name_and_points(call)
        if id(call) not in top:
            text = "a part stands by itself at the cell's top level, in no other part or loop"
            yield call.lineno - 1, text
        elif part is None:
            yield call.lineno - 1, _FORM
        elif part[0] in names:
            yield call.lineno - 1, f"a part of this cell is already called {part[0]!r}"
        if part is not None:
            names.add(part[0])
            total += part[1]
    if names and not isclose(total, cell.points):
        yield 0, f"its parts add up to {total:g} points, the cell has {cell.points:g}"


@lru_cache(maxsize=1024)
def parts_of(source: str) -> Mapping[str, float]:
    """Return the named parts of a test cell with their points, in order.

    Raises
    ------
    ValueError
        A part's name or points are not literals, or two parts have the same name.
    """
    found: dict[str, float] = {}
    for call in filter(_is_part, ast.walk(ast.parse(source))):
        part = _name_and_points(call)
        if part is None:
            raise ValueError(_FORM)
        if part[0] in found:
            raise ValueError(f"two parts are named {part[0]!r}")
        found[part[0]] = part[1]
    return MappingProxyType(found)


def _is_part(node: ast.AST) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "check.part"


def _call_of(node: ast.stmt) -> ast.expr | None:
    """Return what a `with` statement opens if that is one thing without a name."""
    if isinstance(node, ast.With) and len(node.items) == 1 and not node.items[0].optional_vars:
        return node.items[0].context_expr
    return None


def _name_and_points(call: ast.Call) -> tuple[str, float] | None:
    """Return the literals of a part; None if they are not literals."""
    if [keyword.arg for keyword in call.keywords] not in ([], ["points"]):
        return None
    values = [*call.args, *(keyword.value for keyword in call.keywords)]
    match [value.value for value in values if isinstance(value, ast.Constant)]:
        case [str(name), int() | float() as points] if len(values) == 2 and name and points > 0:  # noqa: PLR2004
            return name, float(points)
    return None
