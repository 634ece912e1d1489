"""How a family states its behaviours: what each does, and to which routines."""

import ast
import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from coursework.mutants.behaviour.routine import Routine

__all__ = [
    "Edit",
    "Rewriting",
    "Where",
    "Wrapping",
    "called",
    "each",
    "edited",
    "places",
    "together",
]

Edit = tuple[ast.expr, str]
"""An expression of the solution, and what stands in its place."""
Where = Callable[[Routine], Iterable[tuple[str, ...]]]
"""Returns the names of parameters, or attributes, that a behaviour is made for; () for none."""


@dataclass(frozen=True)
class Wrapping:
    """A behaviour that takes the solution's routine and returns another in its place.

    Attributes
    ----------
    wrapper : callable
        Takes the routine and names. Its source is part of the mutant; the first line of its
        docstring is what the report says, with the names in place of `{}`.
    where : Where
    about : str
        Pattern of the docstring's sentences that the behaviour breaks.
    """

    wrapper: Callable[..., Callable]
    where: Where
    about: str

    @property
    def name(self) -> str:
        """Its name within its family."""
        return self.wrapper.__name__


@dataclass(frozen=True)
class Rewriting:
    """A behaviour that changes the solution's own code.

    Attributes
    ----------
    edits : callable
        Takes the routine and yields mutants, each the edits that make it. Its docstring is
        what the report says.
    about : str
        As in `Wrapping`.
    """

    edits: Callable[[Routine], Iterator[list[Edit]]]
    about: str

    @property
    def name(self) -> str:
        """Its name within its family."""
        return self.edits.__name__


def sentence(made: Wrapping | Rewriting, names: tuple[str, ...] = ()) -> str:
    """Return what a behaviour does, for people."""
    function = made.wrapper if isinstance(made, Wrapping) else made.edits
    first = (inspect.getdoc(function) or "").split("\n")[0]
    return first.format(*names)


def each(*kinds: str) -> Where:
    """Choose each parameter of these kinds by itself."""
    return lambda routine: ((one.name,) for one in routine.of_kind(*kinds))


def together(*kinds: str) -> Where:
    """Choose all parameters of these kinds together, if there are any."""

    def where(routine: Routine) -> Iterator[tuple[str, ...]]:
        if names := tuple(one.name for one in routine.of_kind(*kinds)):
            yield names

    return where


def places(routine: Routine, is_wanted: Callable[[Any], bool]) -> list[Any]:
    """Return the wanted parts of the solution, none inside another."""
    found: list[Any] = []
    waiting: list[ast.AST] = list(routine.node.body)
    while waiting:
        node = waiting.pop(0)
        if is_wanted(node):
            found.append(node)
        else:
            waiting = [*ast.iter_child_nodes(node), *waiting]
    return found


def called(node: ast.AST) -> str:
    """Return the name of the function that a node calls; "" if it calls none."""
    return ast.unparse(node.func) if isinstance(node, ast.Call) else ""


def edited(source: str, edits: Iterable[Edit]) -> str:
    """Return code with some expressions replaced; none of them contains another."""
    lines = source.split("\n")
    for node, text in sorted(edits, key=lambda edit: (edit[0].lineno, edit[0].col_offset))[::-1]:
        first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
        # Offsets in the tree count bytes.
        head = lines[first].encode()[: node.col_offset].decode()
        tail = lines[last].encode()[node.end_col_offset or 0 :].decode()
        lines[first : last + 1] = [head + text + tail]
    return "\n".join(lines)
