"""Find checks that compare bare truth values: their failure says which position, and not what."""

import ast
from collections.abc import Iterator

from coursework.course.lesson import Lesson
from coursework.errors import LessonError

__all__ = ["packed_checks"]

_TEXT = (
    "a student reads of this check {shown}, and not what is wrong; "
    'say it: check.that(order[-1] == y, "the output comes last"), '
    'or name the parts: check.equal({{"length": len(order)}}, {{"length": 4}})'
)
_COMPARING = ("check.equal", "check.close")
_TRUTHS = ("bool", "isinstance", "issubclass", "callable", "hasattr", "all", "any")
_N_COMPARED = 2


def packed_checks(lesson: Lesson) -> list[LessonError]:
    """Return the checks of a lesson that compare truth values without a name."""
    return [
        LessonError(lesson.path, test.line + call.lineno - 1, _TEXT.format(shown=shown))
        for test in lesson.of_kind("test")
        for call in _comparisons(test.source)
        if (shown := _shown(*call.args[:_N_COMPARED]))
    ]


def _comparisons(source: str) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(source)):
        is_long = isinstance(node, ast.Call) and len(node.args) >= _N_COMPARED
        if isinstance(node, ast.Call) and is_long and ast.unparse(node.func) in _COMPARING:
            yield node


def _shown(actual: ast.expr, expected: ast.expr) -> str:
    """Return what a failure's message amounts to; "" if it names what it is about."""
    if any(map(_is_truth, _items(actual))) or _is_mixed(_items(expected)):
        return "a list of 0 and 1"
    return "only that False came and True was expected" if _is_truth(actual) else ""


def _items(node: ast.expr) -> list[ast.expr]:
    """Return the items of a list or tuple as written, including those of a sum of lists."""
    if isinstance(node, ast.BinOp):
        return [*_items(node.left), *_items(node.right)]
    return node.elts if isinstance(node, ast.List | ast.Tuple) else []


def _is_mixed(items: list[ast.expr]) -> bool:
    """Whether truth values occur among others: a function may well return only them."""
    bare = [isinstance(one, ast.Constant) and isinstance(one.value, bool) for one in items]
    return any(bare) and not all(bare)


def _is_truth(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        name = ast.unparse(node.func)
        return name in _TRUTHS or name.endswith((".all", ".any"))
    is_not = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
    return is_not or isinstance(node, ast.Compare | ast.BoolOp)
