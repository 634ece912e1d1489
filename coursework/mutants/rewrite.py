"""Rewrite code in every way that the operators know, one place at a time."""

from collections.abc import Iterator
from typing import cast

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider

from coursework.mutants.operators import OPERATORS

__all__ = ["rewritten"]


def rewritten(source: str, lines: frozenset[int]) -> Iterator[str]:
    """Yield the code with one change each, only in these lines (counted from 1)."""
    wrapper = MetadataWrapper(cst.parse_module(source), unsafe_skip_copy=True)
    visitor = _Visitor(lines)
    wrapper.visit(visitor)
    for node, changed in visitor.found:
        yield cast("cst.Module", wrapper.module.deep_replace(node, changed)).code


class _Visitor(cst.CSTVisitor):
    """Collects nodes with possible replacements."""

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self, lines: frozenset[int]) -> None:
        super().__init__()
        self._lines = lines
        self.found: list[tuple[cst.CSTNode, cst.CSTNode]] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        where = self.get_metadata(PositionProvider, node, None)
        if _is_text(node):
            return False
        if where and self._is_inside(where):
            for kind, operator in OPERATORS:
                if isinstance(node, kind):
                    self.found += [(node, changed) for changed in operator(node)]
        return True

    def _is_inside(self, where: CodeRange) -> bool:
        return {where.start.line, where.end.line} <= self._lines


def _is_text(node: cst.CSTNode) -> bool:
    """Whether a node is only for people or type checkers."""
    if isinstance(node, cst.Expr):
        return isinstance(node.value, cst.BaseString)
    return isinstance(
        node, cst.Annotation | cst.FormattedString | cst.ConcatenatedString | cst.Raise
    )
