"""A test cell that continues: an exception ends only the statement that raised it.

Statements in `if`, `for` and `with` are steps, too, so that one of many inputs that raises hides
none of the others. A `while` ends with the first statement that raises: it may wait for a value
that now never comes. So does a `try`, which relies on its exceptions.
"""

import ast
import types

__all__ = ["STEP", "stepwise"]

STEP = "__step__"
"""The name under which the code calls for a context manager around each statement."""

_WHOLE = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
_JUMPS = (ast.Pass, ast.Break, ast.Continue)


def stepwise(source: str, filename: str) -> types.CodeType:
    """Compile a test cell so that each statement runs in `with __step__(line):`."""
    tree = ast.parse(source, filename)
    tree.body = [_step(node) for node in tree.body]
    return compile(ast.fix_missing_locations(tree), filename, "exec")


def _step(node: ast.stmt) -> ast.stmt:
    if isinstance(node, _WHOLE + _JUMPS):
        return node
    if isinstance(node, ast.If | ast.For | ast.With):
        node.body = [_step(inner) for inner in node.body]
    if isinstance(node, ast.If | ast.For):
        node.orelse = [_step(inner) for inner in node.orelse]
    step = ast.Call(ast.Name(STEP, ast.Load()), [ast.Constant(node.lineno)], [])
    return ast.copy_location(ast.With([ast.withitem(step)], [node]), node)
