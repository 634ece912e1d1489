"""Ways to get marks without an answer, each of which has worked on some autograder.

A cheat is a first cell of the student's own, or the content of the exercises, or both. Each is
tried on a notebook that is otherwise untouched, so any point is one too many.
"""

import textwrap
from collections.abc import Callable
from dataclasses import dataclass

from nbformat import NotebookNode

from coursework.demo.notebooks import add_first, functions_of, grade_id, has_role, with_source

__all__ = ["CHEATS", "Cheat"]

_NO_ASSERTS = """
import ast
from IPython import get_ipython

class DropAsserts(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.Pass()
    def visit_Expr(self, node):
        return ast.copy_location(ast.Pass(), node)

get_ipython().ast_transformers.append(DropAsserts())
"""

_PATCHED_SHELL = """
from IPython import get_ipython

shell = get_ipython()
original = shell.run_code

async def run_code(code, result=None, **kwargs):
    await original(code, result, **kwargs)
    if result is not None:
        result.error_in_exec = None
    return False

type(shell).run_code = lambda self, *args, **kwargs: run_code(*args, **kwargs)
"""

_PATCHED_CHECKS = """
import numpy as np
from coursework import check
from coursework.check import assertions

for name in ("close", "equal", "shape", "gradient", "decreasing", "raises"):
    for module in (check, assertions):
        setattr(module, name, lambda *args, **kwargs: None)
np.allclose = np.array_equal = lambda *args, **kwargs: True
"""

_ALWAYS_EQUAL = """
class Anything:
    shape = dtype = ndim = property(lambda self: self)
    def __getattr__(self, name):
        return self
    def __call__(self, *args, **kwargs):
        return self
    def __array__(self, *args, **kwargs):
        return self
    def __eq__(self, other):
        return True
    __le__ = __ge__ = __lt__ = __gt__ = __eq__
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __eq__
    def __bool__(self):
        return True
    def __float__(self):
        return 0.0
    def __len__(self):
        return 1
    def __iter__(self):
        return iter((self, self))
    def __hash__(self):
        return 0
"""


@dataclass(frozen=True)
class Cheat:
    """A way to cheat.

    Attributes
    ----------
    name : str
        The student's name.
    about : str
        What it does, for the table.
    apply : callable
        Changes an untouched notebook, in place.
    """

    name: str
    about: str
    apply: Callable[[NotebookNode], None]


def _first_cell(source: str) -> Callable[[NotebookNode], None]:
    return lambda notebook: add_first(notebook, textwrap.dedent(source).strip())


def _always_equal(notebook: NotebookNode) -> None:
    add_first(notebook, _ALWAYS_EQUAL.strip())
    for cell in notebook.cells:
        if has_role(cell, "exercise"):
            names = functions_of(cell)
            cell.source = "\n".join(f"{name} = Anything()" for name in names)


def _edit_tests(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        if has_role(cell, "test"):
            cell.source = "pass  # all good"
            cell.metadata.nbgrader["points"] = 100


def _duplicate_tests(notebook: NotebookNode) -> None:
    tests = [cell for cell in notebook.cells if has_role(cell, "test")]
    copies = [with_source(cell, "True", f"copy-{index}") for index, cell in enumerate(tests)]
    notebook.cells.extend(copies)


def _forge_verdicts(notebook: NotebookNode) -> None:
    """Write full marks where the grader writes its verdicts."""
    for cell in notebook.cells:
        if has_role(cell, "test"):
            name, points = grade_id(cell), cell.metadata.nbgrader.points
            verdict = {"id": name, "points": points, "max_points": points, "status": "passed"}
            output = {
                "output_type": "display_data",
                "data": {"text/plain": str(points)},
                "metadata": {"coursework": verdict},
            }
            cell.outputs = [NotebookNode(output)]


CHEATS = (
    Cheat("cheat-ast-transformer", "drops assertions from every cell", _first_cell(_NO_ASSERTS)),
    Cheat("cheat-patched-run-code", "makes every cell succeed", _first_cell(_PATCHED_SHELL)),
    Cheat("cheat-patched-checks", "makes every check pass", _first_cell(_PATCHED_CHECKS)),
    Cheat("cheat-always-equal", "returns an object equal to all", _always_equal),
    Cheat("cheat-edited-tests", "empties the tests, raises points", _edit_tests),
    Cheat("cheat-duplicated-cell", "adds tests that always pass", _duplicate_tests),
    Cheat("cheat-forged-verdicts", "writes full marks into outputs", _forge_verdicts),
)
