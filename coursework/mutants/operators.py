"""Changes to a solution that mutmut's operators do not make, in the same form as those.

Each takes a node of a concrete syntax tree and yields possible replacements.
"""

from collections.abc import Callable, Iterable
from typing import Any, cast

import libcst as cst
import libcst.matchers as m
from mutmut.mutation.mutators import mutation_operators

__all__ = ["OPERATORS", "Operator"]

Operator = tuple[type[cst.CSTNode], Callable[[Any], Iterable[cst.CSTNode]]]

_TWINS = {"mean": "sum", "max": "min", "argmax": "argmin", "maximum": "minimum"}
_TWINS |= {other: one for one, other in _TWINS.items()}
_REVERSED = {
    cst.LessThan: cst.GreaterThan,
    cst.LessThanEqual: cst.GreaterThanEqual,
    cst.GreaterThan: cst.LessThan,
    cst.GreaterThanEqual: cst.LessThanEqual,
}


_DOCSTRING = m.Expr(m.SimpleString() | m.ConcatenatedString())
_KEPT = m.Import() | m.ImportFrom() | m.Pass() | _DOCSTRING
_BINDS_LOOSELY = (
    *(cst.BinaryOperation, cst.UnaryOperation, cst.BooleanOperation),
    *(cst.Comparison, cst.IfExp, cst.Lambda),
)


def _smaller(node: cst.Integer) -> Iterable[cst.BaseExpression]:
    """Subtract one from a number, even an index or an axis; mutmut only adds one."""
    value = node.evaluated_value - 1
    number = node.with_changes(value=repr(abs(value)))
    yield number if value >= 0 else cst.UnaryOperation(cst.Minus(), number)


def _operand(node: cst.BaseExpression) -> cst.BaseExpression:
    if not isinstance(node, _BINDS_LOOSELY) or node.lpar:
        return node
    return node.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])


def _untransposed(node: cst.Attribute) -> Iterable[cst.BaseExpression]:
    if node.attr.value == "T":
        yield node.value


def _other_product(node: cst.BinaryOperation) -> Iterable[cst.BaseExpression]:
    """Multiply entry by entry instead of as matrices."""
    if isinstance(node.operator, cst.MatrixMultiply):
        yield node.with_changes(operator=cst.Multiply())


def _swapped_operands(node: cst.BinaryOperation) -> Iterable[cst.BaseExpression]:
    swaps = cst.Subtract | cst.Divide | cst.MatrixMultiply | cst.Power
    if isinstance(node.operator, swaps):
        left, right = _operand(node.right), _operand(node.left)
        yield node.with_changes(left=left, right=right)


def _swapped_arguments(node: cst.Call) -> Iterable[cst.Call]:
    for i, (one, other) in enumerate(zip(node.args, node.args[1:], strict=False)):
        if not (one.keyword or one.star or other.keyword or other.star):
            pair = one.with_changes(value=other.value), other.with_changes(value=one.value)
            yield node.with_changes(args=[*node.args[:i], *pair, *node.args[i + 2 :]])


def _swapped_results(node: cst.Return) -> Iterable[cst.Return]:
    if isinstance(node.value, cst.Tuple) and len(node.value.elements) > 1:
        one, other, *rest = node.value.elements
        pair = one.with_changes(value=other.value), other.with_changes(value=one.value)
        yield node.with_changes(value=node.value.with_changes(elements=[*pair, *rest]))


def _reversed_comparison(node: cst.ComparisonTarget) -> Iterable[cst.ComparisonTarget]:
    if kind := _REVERSED.get(type(node.operator)):
        yield node.with_changes(operator=cast("Any", kind)())


def _twin(node: cst.Call) -> Iterable[cst.Call]:
    """Call a related function: the sum instead of the mean."""
    name = node.func.attr if isinstance(node.func, cst.Attribute) else node.func
    if isinstance(name, cst.Name) and name.value in _TWINS:
        yield node.with_deep_changes(name, value=_TWINS[name.value])


def _dropped(node: cst.SimpleStatementLine) -> Iterable[cst.SimpleStatementLine]:
    if not m.matches(node, m.SimpleStatementLine(body=[_KEPT])):
        yield node.with_changes(body=[cst.Pass()])


def _never(node: cst.If) -> Iterable[cst.If]:
    """Leave out a branch, like somebody who does not know the case."""
    yield node.with_changes(
        test=cst.Name("False"), whitespace_before_test=cst.SimpleWhitespace(" ")
    )


_OURS: tuple[Operator, ...] = (
    (cst.Integer, _smaller),
    (cst.Attribute, _untransposed),
    (cst.BinaryOperation, _other_product),
    (cst.BinaryOperation, _swapped_operands),
    (cst.Call, _swapped_arguments),
    (cst.Call, _twin),
    (cst.Return, _swapped_results),
    (cst.ComparisonTarget, _reversed_comparison),
    (cst.SimpleStatementLine, _dropped),
    (cst.If, _never),
)

OPERATORS: tuple[Operator, ...] = (*mutation_operators, *_OURS)
