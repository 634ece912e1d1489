"""A function or method that an exercise asks for, as behaviours are chosen for it."""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

from coursework.course.lesson import Cell
from coursework.course.regions import scan
from coursework.mutants.behaviour.docstring import Docstring, parse

__all__ = ["Parameter", "Routine", "routines"]

_SHAPE = re.compile(r"shape (?P<dims>\([^()]*\))(?P<more> or \()?")
_REFERENCE = re.compile(r"`(?P<name>\w+(?:\.\w+)?)`")
_KINDS = (
    ("arrays", r"^(list|tuple|sequence) of (\w+ )?ndarray"),
    ("array", r"\b(ndarray|array)"),
    ("sizes", r"tuple of int"),
    ("list", r"^(list|tuple|sequence|iterable)"),
    ("random", r"Generator"),
    ("callable", r"callable|function"),
    ("flag", r"^bool"),
    ("count", r"^int"),
    ("number", r"^(float|number)"),
)
_NAMED = {"rng": "random", "axis": "sizes", "axes": "sizes", "shape": "sizes"}
_NAMED |= {"exponent": "number", "index": "index"}
"""Kinds of parameters that a short docstring leaves to their names."""


@dataclass(frozen=True)
class Parameter:
    """A parameter as the docstring describes it.

    Attributes
    ----------
    name : str
    kind : str
        "array", "arrays" (a list of them), "list", "sizes" (a tuple of int), "number",
        "count", "flag", "callable", "random", "index", or "object" for anything else.
    dims : tuple of str
        Names of the lengths of an array's axes; empty where the docstring fixes none.
    text : str
        Everything that is said about it.
    is_optional : bool
    """

    name: str
    kind: str
    dims: tuple[str, ...] = ()
    text: str = ""
    is_optional: bool = False

    @property
    def is_in_place(self) -> bool:
        """Whether the caller expects it to be changed."""
        return "changed in place" in self.text


@dataclass(frozen=True)
class Routine:
    """A function, or a method, whose body a student writes.

    Attributes
    ----------
    cell : Cell
        The exercise's.
    owner : str
        The class of a method; else "".
    node : ast.FunctionDef
    doc : Docstring
        If it refers to another routine, that routine's entries fill in missing ones.
    """

    cell: Cell
    owner: str
    node: ast.FunctionDef
    doc: Docstring = field(default_factory=Docstring)

    @property
    def name(self) -> str:
        """How code at the end of the cell names it."""
        return f"{self.owner}.{self.node.name}" if self.owner else self.node.name

    @cached_property
    def text(self) -> str:
        """The code of its solution."""
        return ast.get_source_segment(self.cell.source, self.node) or ""

    @cached_property
    def body(self) -> str:
        """The code of its solution, without signature and docstring."""
        skipped = 1 if ast.get_docstring(self.node) else 0
        return "\n".join(ast.unparse(one) for one in self.node.body[skipped:])

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """Its parameters, without `self`."""
        arguments = self.node.args
        names = [one.arg for one in (*arguments.posonlyargs, *arguments.args)]
        optional = set(names[len(names) - len(arguments.defaults) :])
        names += [one.arg for one in arguments.kwonlyargs]
        return tuple(
            self._parameter(name, name in optional) for name in names[1 if self.owner else 0 :]
        )

    def _parameter(self, name: str, is_optional: bool) -> Parameter:  # noqa: FBT001
        entry = self.doc.parameters.get(name)
        if entry is None:
            return Parameter(name, _NAMED.get(name, "object"), (), "", is_optional)
        text = f"{entry.type}. {entry.text}"
        return Parameter(name, _kind(entry.type), _dims(entry.type), text, is_optional)

    def of_kind(self, *kinds: str) -> list[Parameter]:
        """Return the parameters of these kinds that the caller does not expect to change."""
        return [one for one in self.parameters if one.kind in kinds and not one.is_in_place]

    @property
    def in_place(self) -> list[Parameter]:
        """The parameters that it is to change."""
        return [one for one in self.parameters if one.is_in_place]

    @cached_property
    def is_returning(self) -> bool:
        """Whether it returns something."""
        nodes = (node for node in ast.walk(self.node) if isinstance(node, ast.Return))
        return not self.is_generator and any(node.value is not None for node in nodes)

    @cached_property
    def is_generator(self) -> bool:
        """Whether it yields."""
        return any(isinstance(node, ast.Yield | ast.YieldFrom) for node in ast.walk(self.node))

    @property
    def is_numeric(self) -> bool:
        """Whether it returns or changes real numbers, or an object that holds some."""
        if self.in_place:
            return True
        of_numbers = re.search(r"\b(float|ndarray)|^[A-Z]\w+", self.doc.returns)
        return self.is_returning and (bool(of_numbers) or not self.doc.returns)

    @property
    def is_tuple(self) -> bool:
        """Whether it returns several values, each with a name in the docstring."""
        return bool(re.match(r"\w+(, \w+)* : ", self.doc.returns))

    @property
    def result_dims(self) -> tuple[str, ...]:
        """Names of the lengths of the returned array's axes."""
        return _dims(self.doc.returns)

    @cached_property
    def settings(self) -> list[str]:
        """Attributes that the caller may set anew between two calls."""
        entries = self.doc.parameters.values()
        return [one.name for one in entries if "set anew" in one.text and self.owner]

    @cached_property
    def state(self) -> list[str]:
        """Attributes of `self` to which it assigns a list with one entry per parameter."""
        return re.findall(r"self\.(\w+) = \[", self.body) if self.owner else []


def _kind(text: str) -> str:
    return next((kind for kind, pattern in _KINDS if re.search(pattern, text)), "object")


def _dims(text: str) -> tuple[str, ...]:
    found = _SHAPE.search(text)
    if not found or found["more"] or "..." in found["dims"]:
        return ()
    return tuple(part.strip() for part in found["dims"][1:-1].split(",") if part.strip())


def routines(cell: Cell, others: Iterable[Cell] = ()) -> tuple[Routine, ...]:
    """Return the routines of an exercise that a student writes.

    Parameters
    ----------
    cell : Cell
    others : iterable of Cell
        The lesson's other exercises: a docstring may refer to theirs.
    """
    known = {one.name: one for other in others for one in _all(other)}
    known |= {one.name: one for one in _all(cell)}
    lines = [
        range(region.first + 1, region.first + 1 + len(region.lines))
        for region in scan(cell.source).of("SOLUTION")
    ]
    return tuple(
        _with_references(one, known)
        for one in _all(cell)
        if any(one.node.lineno <= line.start <= (one.node.end_lineno or 0) for line in lines)
    )


def _all(cell: Cell) -> Iterator[Routine]:
    try:
        tree = ast.parse(cell.source)
    except SyntaxError:
        return  # the rules of lessons report it
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield Routine(cell, "", node, parse(ast.get_docstring(node) or ""))
        elif isinstance(node, ast.ClassDef):
            outer = parse(ast.get_docstring(node) or "")
            for one in node.body:
                # A property or a static method is not a function that can be wrapped in place.
                if isinstance(one, ast.FunctionDef) and not one.decorator_list:
                    yield Routine(cell, node.name, one, _inside(one, outer))


def _inside(method: ast.FunctionDef, outer: Docstring) -> Docstring:
    """Return a method's docstring with what its class's says about settings and state."""
    own = parse(ast.get_docstring(method) or "")
    both = outer.parameters | own.parameters
    return replace(
        own,
        summary=f"{own.summary} {outer.summary}".strip(),
        parameters=both,
        attributes=outer.attributes,
    )


def _with_references(routine: Routine, known: dict[str, Routine]) -> Routine:
    """Add the entries of the routines that the docstring refers to."""
    named = [known[name] for name in _REFERENCE.findall(routine.doc.summary) if name in known]
    entries = {key: entry for one in named for key, entry in one.doc.parameters.items()}
    wanted = {one.arg for one in routine.node.args.args}
    entries = {key: entry for key, entry in entries.items() if key in wanted}
    doc = replace(routine.doc, parameters=entries | routine.doc.parameters)
    return replace(routine, doc=doc)
