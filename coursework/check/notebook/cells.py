"""What a cell's source says: whether it has checks, which are hidden, and what they test."""

import ast
import re
from collections.abc import Mapping, Sequence

__all__ = ["has_checks", "hidden_lines", "names_under_test"]

_CHECK = re.compile(r"^[^#\n]*\bcheck\.\w+\(", re.MULTILINE)
_MAGIC = re.compile(r"^\s*[%!].*$", re.MULTILINE)
_BEGIN, _END = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"
_DEFINITION = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def has_checks(source: str) -> bool:
    """Whether a cell calls checks."""
    return bool(_CHECK.search(source))


def hidden_lines(source: str) -> set[int]:
    """Return the lines that a released notebook does not have, counted from 1."""
    found, is_hidden = set(), False
    for number, line in enumerate(source.splitlines(), start=1):
        is_hidden = is_hidden or line.strip() == _BEGIN
        if is_hidden:
            found.add(number)
        is_hidden = is_hidden and line.strip() != _END
    return found


def names_under_test(source: str, earlier: Sequence[str], exercise: str = "") -> list[str]:
    """Return the functions and classes that a test cell is about, in its order.

    They are those that its exercise defines, among all that the cell uses, even through other
    functions. If the exercise is not known, they are what was last defined for the first time,
    since a test is below its exercise. Running something again does not make it newer.

    Parameters
    ----------
    source : str
        The test cell.
    earlier : sequence of str
        The cells that ran before it, in order.
    exercise : str
        The cell of its exercise in any form, or "".
    """
    born: dict[str, int] = {}
    uses: dict[str, list[str]] = {}
    for place, cell in enumerate(earlier):
        for name, nodes in _definitions(cell).items() if not has_checks(cell) else ():
            born.setdefault(name, place)
            uses[name] = _loaded(nodes)
    named = [name for name in _loaded(_body(source)) if name not in _assigned(source)]
    reached = _reached(named, uses)
    known = _definitions(exercise)
    youngest = max((born[name] for name in reached), default=0)
    found = [name for name in reached if name in known]
    found = found or [name for name in reached if born[name] == youngest]
    return [name for name in found if name in named] or found


def _reached(names: Sequence[str], uses: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the definitions of these names, and of all names that they use."""
    found: dict[str, None] = {}
    left = list(names)
    while left:
        name = left.pop(0)
        if name in uses and name not in found:
            found[name] = None
            left += uses[name]
    return list(found)


def _definitions(source: str) -> dict[str, list[ast.AST]]:
    """Return the functions and classes of a cell, lambdas by their assigned names."""
    found: dict[str, list[ast.AST]] = {}
    for node in _body(source):
        if isinstance(node, _DEFINITION):
            found[node.name] = [node]
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
            names = [target.id for target in node.targets if isinstance(target, ast.Name)]
            found |= {name: [node.value] for name in names}
    return found


def _loaded(nodes: Sequence[ast.AST]) -> list[str]:
    """Return the names that are used, each once, in order."""
    found = [one for node in nodes for one in ast.walk(node) if isinstance(one, ast.Name)]
    found.sort(key=lambda node: (node.lineno, node.col_offset))
    return list(dict.fromkeys(node.id for node in found if isinstance(node.ctx, ast.Load)))


def _assigned(source: str) -> set[str]:
    nodes = [one for node in _body(source) for one in ast.walk(node)]
    stored = {
        one.id for one in nodes if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
    }
    return stored | _definitions(source).keys()


def _body(source: str) -> list[ast.stmt]:
    try:
        return ast.parse(_MAGIC.sub("", source)).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
