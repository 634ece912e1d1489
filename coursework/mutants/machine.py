"""Machine-made mutants of a solution: small changes that a test should notice."""

import ast
import difflib
import textwrap
from dataclasses import dataclass
from functools import lru_cache

from coursework.course.lesson import Cell
from coursework.course.regions import scan
from coursework.errors import ConfigError

try:
    from coursework.mutants.rewrite import rewritten
except ImportError:  # of the extra `audit`
    rewritten = None  # type: ignore[assignment]

__all__ = ["Mutant", "mutants"]


@dataclass(frozen=True)
class Mutant:
    """A changed solution.

    Attributes
    ----------
    source : str
        The whole cell.
    old, new : str
        The lines that differ, in the solution and here, without indentation.
    """

    source: str
    old: str
    new: str


@lru_cache(maxsize=256)
def mutants(cell: Cell) -> tuple[Mutant, ...]:
    """Return all mutants of an exercise's cell; only its solution regions are changed.

    Docstrings, type hints and messages of exceptions stay as they are.

    Raises
    ------
    ConfigError
        The packages that make mutants are not installed.
    """
    if rewritten is None:
        raise ConfigError("mutants need the extra `audit`: run `make setup EXTRAS=audit`")
    # Two operators may make the same change.
    sources = dict.fromkeys(rewritten(cell.source, _lines(cell.source)))
    same = _meaning(cell.source)
    return tuple(
        _mutant(cell.source, source) for source in sources if _meaning(source) not in ("", same)
    )


def _meaning(source: str) -> str:
    """Return code without its formatting; "" if it is not code."""
    try:
        return ast.dump(_Normal().visit(ast.parse(source)))
    except SyntaxError:
        return ""


class _Normal(ast.NodeTransformer):
    """Writes the square of a difference in one of its two ways."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        """Order the terms of a squared difference."""
        self.generic_visit(node)
        match node:
            case ast.BinOp(ast.BinOp(one, ast.Sub(), other), ast.Pow(), ast.Constant(2)):
                one, other = sorted((one, other), key=ast.dump)
                return ast.BinOp(ast.BinOp(one, ast.Sub(), other), node.op, node.right)
        return node


def _mutant(source: str, mutated: str) -> Mutant:
    before, after = source.split("\n"), mutated.split("\n")
    old, new = [], []
    for tag, i, j, k, n in difflib.SequenceMatcher(
        None, before, after, autojunk=False
    ).get_opcodes():
        if tag != "equal":
            old += before[i:j]
            new += after[k:n]
    return Mutant(mutated, *(textwrap.dedent("\n".join(lines)).strip() for lines in (old, new)))


def _lines(source: str) -> frozenset[int]:
    """Return the numbers of the lines in solution regions."""
    regions = scan(source).of("SOLUTION")
    return frozenset(
        line
        for region in regions
        for line in range(region.first + 1, region.first + 1 + len(region.lines))
    )
