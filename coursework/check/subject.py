"""What a check compares, as the test writes it, if it is not simply what a call returned."""

import ast
import linecache
from collections.abc import Sequence
from itertools import islice
from types import FrameType

from coursework.check.context import Call, current

__all__ = ["subject_of"]

_MAX_LENGTH = 60
_CONVERSIONS = {"float", "int", "bool", "list", "tuple", "np.asarray", "np.array"}


def subject_of(frame: FrameType, calls: Sequence[Call]) -> str:
    """Return the expression that a check in this frame compares; "" for a call that is named.

    Parameters
    ----------
    frame : frame
        From which the check is called.
    calls : sequence of Call
        What the message names.
    """
    node = _compared(frame)
    if node is None or isinstance(node, ast.Dict | ast.Constant) or _is_named(node, calls):
        return ""
    texts = (ast.unparse(node), ast.unparse(_Shortened().visit(node)))
    short = (text for text in texts if len(text) <= _MAX_LENGTH)
    return next(short, "a value that the test computes")


class _Shortened(ast.NodeTransformer):
    """Leaves out the arguments of calls."""

    def visit_Call(self, node: ast.Call) -> ast.Call:
        return ast.Call(node.func, [ast.Name("…")], [])


def _compared(frame: FrameType) -> ast.expr | None:
    """Return the first argument of the check, without mere conversions."""
    call = _call_at(frame)
    node = call.args[0] if isinstance(call, ast.Call) and call.args else None
    while isinstance(node, ast.Call) and ast.unparse(node.func) in _CONVERSIONS and node.args:
        node = node.args[0]
    return node


def _call_at(frame: FrameType) -> ast.expr | None:
    """Return the expression that a frame is at: Python records where its instructions come from."""
    places = islice(frame.f_code.co_positions(), frame.f_lasti // 2, None)
    first, last, start, end = next(places, (None,) * 4)
    lines = _lines(frame.f_code.co_filename)
    if first is None or last is None or start is None or end is None or last > len(lines):
        return None
    found = [line.encode() for line in lines[first - 1 : last]]
    found[-1] = found[-1][:end]
    found[0] = found[0][start:]
    try:
        return ast.parse(b"(" + b"".join(found) + b")", mode="eval").body
    except (SyntaxError, ValueError):
        return None


def _lines(filename: str) -> list[str]:
    judge = current()
    if judge and filename.startswith("<"):
        return judge.source.splitlines(keepends=True)
    return linecache.getlines(filename)


def _is_named(node: ast.expr, calls: Sequence[Call]) -> bool:
    """Whether an expression is the last of the calls that a message names."""
    if not (isinstance(node, ast.Call) and calls):
        return False
    function = ast.unparse(node.func)
    if function == "check.unchanged" and node.args:
        function = ast.unparse(node.args[0])
    last = calls[-1]
    is_same = function.rpartition(".")[2] == last.name.rpartition(".")[2]
    return is_same or ast.unparse(node) in (last.source, last.behind)
