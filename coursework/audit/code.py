"""What code does, without what it says about itself: changing prose or types alters no figure."""

import ast
from typing import Any

__all__ = ["bare"]

_FOR_TYPES = frozenset({"typing", "collections.abc", "numpy.typing", "types"})


def bare(source: str) -> Any:
    """Return the syntax of code as lists and dicts, the same in each version of Python.

    Comments, docstrings, the types of arguments, results and variables in a function's own block,
    the imports that these need, and `cast` are left out. Other types stay: dataclasses read those
    in the body of a class.

    Raises
    ------
    SyntaxError
        It is not Python.
    """
    return _plain(_Bare().visit(ast.parse(source)))


def _plain(value: Any) -> Any:
    if isinstance(value, ast.AST):
        # What newer versions add is empty in code that older ones can also read.
        fields = {name: _plain(field) for name, field in ast.iter_fields(value)}
        return [
            type(value).__name__,
            {name: f for name, f in fields.items() if f not in (None, [])},
        ]
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return None if value is None else repr(value)


class _Bare(ast.NodeTransformer):
    def generic_visit(self, node: ast.AST) -> ast.AST:
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and _is_text(body[0]):
            node.body = body[1:]  # type: ignore[attr-defined]
        return super().generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return self._function(node)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST:
        node.returns = None
        node.body = [_untyped(statement) for statement in node.body]
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST | None:
        return None if node.module in _FOR_TYPES else node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        match node:
            case ast.Call(func=ast.Name("cast"), args=[_, value]):
                return self.visit(value)
        return self.generic_visit(node)


def _is_text(statement: ast.AST) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def _untyped(statement: ast.stmt) -> ast.stmt:
    """Return `name = value` for `name: type = value`."""
    if isinstance(statement, ast.AnnAssign) and statement.value is not None:
        return ast.Assign([statement.target], statement.value)
    return statement
