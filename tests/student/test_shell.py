"""What the shell promises: it runs cells as IPython does, whichever way is taken."""

import ast
from collections.abc import Iterator

import pytest
from IPython.core.interactiveshell import InteractiveShell

from coursework.student.shell import Shell, make_shell

CELLS = {
    "plain": "x = 1\ny = x + 1",
    "magic": "%matplotlib inline\nx = 1",
    "cell magic": "%%time\nx = 1",
    "assigned magic": "where = %pwd\nx = 1",
    "system": "!true\nx = 1",
    "automagic": "pwd",
    "help": "x = 1\nx?",
    "percent in brackets": "x = (7\n%matplotlib)",
    "magic in a string": 'x = """\n%time\n!ls\n"""',
    "IPython prompt": "In [1]: x = 1\n   ...: y = 2",
    "prompt that is Python": "In [1]: x = 1\nIn [2]: y = 2",
    "Python prompt": ">>> x = 1\n>>> y = 2",
    "indented": "    x = 1\n    y = 2",
    "await": "import asyncio\nawait asyncio.sleep(0)",
    "no Python": "def f(:\n    pass",
    "line after blank lines": "\n\nx = 1\ny = 2",
}


@pytest.fixture(scope="module")
def shell() -> Iterator[Shell]:
    """One shell for all; IPython knows one for each process."""
    yield make_shell()
    Shell.clear_instance()


@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
def test_transform_means_what_ipython_makes_of_it(shell: Shell, cell: str) -> None:
    """Whether it is transformed or not, a cell becomes the Python that IPython runs."""
    assert _meaning(shell.transform_cell(cell)) == _meaning(
        InteractiveShell.transform_cell(shell, cell)
    )


def test_transform_added_by_a_cell_is_applied(shell: Shell) -> None:
    """A transformer that a cell adds rewrites the cells after it."""
    shell.run(
        "adds",
        "def fives(lines):\n    return [line.replace('4', '5') for line in lines]\n"
        "get_ipython().input_transformers_post.append(fives)\n",
        1000,
    )
    shell.run("uses", "x = 4\ny = 4\n", 1000)
    shell.input_transformers_post.clear()
    assert (shell.user_ns["x"], shell.user_ns["y"]) == (5, 5)


def test_run_names_the_cell_and_line_that_raised(shell: Shell) -> None:
    """A traceback shows the student's own line."""
    outputs, error = shell.run("mine", "x = 1\nx / 0\n", 1000)
    assert error == "ZeroDivisionError: division by zero"
    assert "x / 0" in "\n".join(outputs[-1]["traceback"])


def test_run_shows_the_last_value(shell: Shell) -> None:
    """As in a notebook, the value of a last expression is an output."""
    outputs, _ = shell.run("mine", "x = 20\nx + 1\n", 1000)
    assert [output["data"]["text/plain"] for output in outputs] == ["21"]


def _meaning(source: str) -> str:
    try:
        tree = compile(source, "cell", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except SyntaxError:
        return source.strip()
    return ast.dump(tree, include_attributes=True)
