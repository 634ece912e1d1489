"""General wrong answers, made from a solution: slips that have no hint of their own.

No known mistake's hint may show for one of them, unless it is that mistake.
"""

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["Slip", "slips"]

_STUB = ast.parse('raise NotImplementedError("not written yet")').body[0]
_Function = ast.FunctionDef


@dataclass(frozen=True)
class Slip:
    """A solution with a slip in it.

    Attributes
    ----------
    label : str
        What the slip is, and where.
    source : str
        The whole cell.
    """

    label: str
    source: str


@lru_cache(maxsize=256)
def slips(source: str) -> tuple[Slip, ...]:
    """Return all slips in the functions and methods of an exercise's cell."""
    made = (slip for rule in _RULES for slip in _made(source, rule))
    return tuple({slip.source: slip for slip in made}.values())


Change = Callable[[], str]
Rule = Callable[[_Function], Iterator[Change]]


def _made(source: str, rule: Rule) -> Iterator[Slip]:
    """Apply each change that a rule finds to a tree of its own."""
    functions = [n for n in ast.walk(ast.parse(source)) if isinstance(n, _Function)]
    for place, function in enumerate(functions):
        for number, _ in enumerate(rule(function)):
            tree = ast.parse(source)
            same = [n for n in ast.walk(tree) if isinstance(n, _Function)][place]
            what = list(rule(same))[number]()
            changed = ast.unparse(ast.fix_missing_locations(tree))
            yield Slip(f"{what} in {function.name}", changed)


def _own(function: _Function) -> Iterator[ast.AST]:
    """Yield the nodes of a function, without those of functions inside it."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop(0)
        yield node
        if not isinstance(node, _Function | ast.Lambda | ast.ClassDef):
            waiting += ast.iter_child_nodes(node)


def _forgotten_returns(function: _Function) -> Iterator[Change]:
    """Compute what is returned, and do not return it."""
    for node in _own(function):
        for body in _bodies(node, function):
            for place, statement in enumerate(body):
                if isinstance(statement, ast.Return) and statement.value:
                    yield lambda body=body, place=place, value=statement.value: _put(  # type: ignore[misc]
                        body, place, ast.Expr(value), "a forgotten return"
                    )


def _bodies(node: ast.AST, function: _Function) -> Iterator[list[ast.stmt]]:
    nodes = [node, function] if node is function.body[0] else [node]
    for one in nodes:
        if one is function or not isinstance(one, _Function | ast.ClassDef):
            for field in ("body", "orelse", "finalbody"):
                body = getattr(one, field, None)
                if isinstance(body, list):
                    yield body


def _put(body: list[ast.stmt], place: int, node: ast.stmt, what: str) -> str:
    body[place] = node
    return what


def _unknown_names(function: _Function) -> Iterator[Change]:
    """Misspell the first use of each parameter."""
    names = {argument.arg for argument in function.args.args} - {"self"}
    uses = [n for n in _own(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)]
    for name in sorted(names):
        first = next((use for use in uses if use.id == name), None)
        if first:
            yield lambda first=first: _rename(first)  # type: ignore[misc]


def _rename(use: ast.Name) -> str:
    name, use.id = use.id, f"{use.id}_"
    return f"an unknown name for {name}"


def _wrong_parameters(function: _Function) -> Iterator[Change]:
    """Leave out the last parameter, or ask for one more."""
    arguments = function.args
    if [argument.arg for argument in arguments.args] not in ([], ["self"]):
        yield lambda: _drop_parameter(arguments)
    yield lambda: _add_parameter(arguments)


def _drop_parameter(arguments: ast.arguments) -> str:
    dropped = arguments.args.pop()
    if arguments.defaults:
        arguments.defaults.pop()
    return f"no parameter {dropped.arg}"


def _add_parameter(arguments: ast.arguments) -> str:
    place = 1 if arguments.args and arguments.args[0].arg == "self" else 0
    arguments.args.insert(place, ast.arg("extra"))
    return "a parameter too many"


def _stubs_left(function: _Function) -> Iterator[Change]:
    """Leave the stub's line at the end of the answer, or before its last return."""
    body = function.body

    def leave() -> str:
        place = len(body) - isinstance(body[-1], ast.Return)
        body.insert(place, copy.deepcopy(_STUB))
        return "a stub left"

    yield leave


def _endless_recursions(function: _Function) -> Iterator[Change]:
    """Call the function itself, with what it was given, before anything else."""
    names = [argument.arg for argument in function.args.args]

    def call() -> str:
        is_method = names[:1] == ["self"]
        target = f"self.{function.name}" if is_method else function.name
        own = names[1:] if is_method else names
        function.body.insert(0, ast.parse(f"{target}({', '.join(own)})").body[0])
        return "a recursion without end"

    yield call


_RULES: tuple[Rule, ...] = (
    *(_forgotten_returns, _unknown_names, _wrong_parameters, _stubs_left),
    _endless_recursions,
)
