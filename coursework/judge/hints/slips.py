"""Slips that any program may have, named from the exception that they raise.

Each sentence says what Python's own message means, and nothing that might not be true.
"""

import ast
import re

from coursework.judge.hints.fingerprint import Problem

__all__ = ["has_stub_left", "is_slip", "slip", "stub_left"]

_NAME = re.compile(r"name '(\w+)' is not defined")
_LOCAL = re.compile(r"local variable '(\w+)'")
_ARGUMENTS = re.compile(
    r"([\w.<>]+)\(\) (missing \d+ required|takes |got an unexpected keyword|got multiple values)"
)


def slip(problem: Problem) -> str:
    """Say what an exception means if it reveals a slip; "" otherwise."""
    name, text = problem.type_name, problem.text
    if name == "RecursionError":
        return (
            "Calls are nested too deep. A recursion needs a case in which it ends, and "
            "where it would go thousands deep, a loop in its place."
        )
    if name in ("NameError", "UnboundLocalError"):
        return _unknown_name(text)
    if name == "TypeError" and (found := _ARGUMENTS.match(text)):
        return (
            f"A call of `{found[1]}` does not fit the parameters that `{found[1]}` has: "
            "compare the call with the line that begins with def."
        )
    if name in ("TypeError", "AttributeError") and "NoneType" in text:
        return (
            "None is where a value is needed. A function or method gives None if it "
            "ends without a return, and so does a return with nothing after it."
        )
    return ""


def _unknown_name(text: str) -> str:
    if found := _LOCAL.search(text):
        return (
            f"`{found[1]}` is used before it has a value: an assignment anywhere in a function "
            "makes a name the function's own, in all of its lines."
        )
    if found := _NAME.search(text):
        return (
            f"Nothing is called `{found[1]}` where the code uses it: look for the line that "
            "should give it a value, and whether it is spelled the same there."
        )
    return ""


def is_slip(problem: Problem) -> bool:
    """Whether an exception reveals a slip, and so no particular mistake."""
    return problem.type_name == "NotImplementedError" or bool(slip(problem))


def stub_left(source: str) -> str:
    """Say that a stub's last line is still in a written answer; "" if it is not."""
    if not has_stub_left(source):
        return ""
    return "An answer is written, but `raise NotImplementedError` is still there: remove it."


def has_stub_left(source: str) -> bool:
    """Whether a function of the cell raises NotImplementedError besides other statements."""
    try:
        nodes = list(ast.walk(ast.parse(source)))
    except SyntaxError:
        return False
    functions = [node for node in nodes if isinstance(node, ast.FunctionDef)]
    return any(
        len(_written(function)) > 1 and any(map(_is_stub, function.body)) for function in functions
    )


def _written(function: ast.FunctionDef) -> list[ast.stmt]:
    """Return a function's statements without its docstring."""
    return function.body[1:] if ast.get_docstring(function) else function.body


def _is_stub(node: ast.stmt) -> bool:
    return isinstance(node, ast.Raise) and "NotImplementedError" in ast.unparse(node)
