"""Which calls of the student's functions made the value that a check looks at.

The judge and the notebook have seen them. Elsewhere they are read from the source.
"""

import ast
import builtins
import inspect
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import FrameType, FunctionType
from typing import Any

import executing

from coursework.check.context import Call, Source, current
from coursework.check.notebook.watching import watched

__all__ = ["calls_behind", "named_inputs"]


def calls_behind(frame: FrameType, *, has_failed: bool = True) -> list[Call]:
    """Return the calls that made the value that a check in `frame` looks at.

    Parameters
    ----------
    frame : frame
        From which the check was called.
    has_failed : bool
        If not, only calls that are known without looking are returned.
    """
    judge = current()
    if judge is not None:
        judge.earlier, judge.calls = judge.calls or judge.earlier, []
        return judge.earlier
    run = watched()
    seen = run.calls() if run else []
    if not has_failed:
        return seen
    written = _written(frame)
    return _with_helper(seen, written, frame) if seen else written


def _with_helper(seen: list[Call], written: list[Call], frame: FrameType) -> list[Call]:
    """Add to the student's last call the function of the test, or of given code, that made it."""
    names = {call.name.partition(".")[0] for call in seen}
    for call in written:
        if call.name not in names and isinstance(_lookup(call.name, frame), FunctionType):
            return [*seen[:-1], replace(seen[-1], behind=call.source)]
    return seen


def _written(frame: FrameType) -> list[Call]:
    """Read the calls from the source: the first argument of the check, if it is a call.

    Arguments are shown only if they are names or literals, since evaluating anything else would
    run the student's code a second time.
    """
    node = executing.Source.executing(frame).node
    if not isinstance(node, ast.Call) or not node.args:
        return []
    return [
        Call(ast.unparse(call.func), tuple(_inputs(call, frame)), source=ast.unparse(call))
        for call in ast.walk(node.args[0])
        if isinstance(call, ast.Call) and not _is_library(call, frame)
    ][:1]


def _is_library(call: ast.Call, frame: FrameType) -> bool:
    name = ast.unparse(call.func).split(".")[0]
    return isinstance(_lookup(name, frame), type(sys)) or hasattr(builtins, name)


def _inputs(call: ast.Call, frame: FrameType) -> Iterator[tuple[str, object]]:
    names = _parameters(call, frame)
    for position, argument in enumerate(call.args):
        name = argument.id if isinstance(argument, ast.Name) else f"argument {position + 1}"
        yield names[position] if position < len(names) else name, _value(argument, frame)
    for keyword in call.keywords:
        yield keyword.arg or "**", _value(keyword.value, frame)


def _parameters(call: ast.Call, frame: FrameType) -> list[str]:
    """Return the function's own names for its positional arguments, as far as known."""
    if any(isinstance(argument, ast.Starred) for argument in call.args):
        return []
    function = _lookup(call.func.id, frame) if isinstance(call.func, ast.Name) else None
    return _parameters_of(function)


def named_inputs(
    function: object, args: Sequence[object], kwargs: Mapping[str, object]
) -> list[tuple[str, object]]:
    """Return the arguments of a call by parameter name, or else by position."""
    names = _parameters_of(function)[: len(args)]
    names += [f"argument {i + 1}" for i in range(len(names), len(args))]
    return [*zip(names, args, strict=True), *kwargs.items()]


def _parameters_of(function: Any) -> list[str]:
    """Return a function's names for its positional parameters; [] if they are not known.

    For a student's function, the judge knows how it was last called.
    """
    judge = current()
    last = judge.calls[-1] if judge and judge.calls else None
    if last and last.name == getattr(function, "__name__", ""):
        return [name for name, _ in last.inputs]
    try:
        found = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return []
    return [p.name for p in found if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]


def _value(node: ast.expr, frame: FrameType) -> object:
    if isinstance(node, ast.Name):
        return _lookup(node.id, frame)
    return Source(ast.unparse(node))


def _lookup(name: str, frame: FrameType) -> object:
    return frame.f_locals.get(name, frame.f_globals.get(name))
