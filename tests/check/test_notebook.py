"""What checks do in a kernel: the tick, the student's calls, tracebacks, the hint."""

import json
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

IMPORTS = "import numpy as np\nfrom coursework import check"
PATIENT = "from coursework.check.notebook import hint\nhint.SECONDS = 600"
DOUBLE = "def double(x):\n    return 2 * x"
WRONG = "def double(x):\n    return x * x"
MISTAKES = """[[double]]
old = "2 * x"
new = "x * x"
hint = "This is the square."
"""
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def shown_by(*cells: str, folder: Path) -> list[str]:
    """Run cells in a kernel; return what each shows, errors as they appear below the cell."""
    notebook = new_notebook(cells=[new_code_cell(source) for source in cells])
    options = {"kernel_name": "python3", "allow_errors": True, "timeout": 600}
    NotebookClient(notebook, resources={"metadata": {"path": str(folder)}}, **options).execute()
    return [_text(cell) for cell in notebook.cells]


def _text(cell: nbformat.NotebookNode) -> str:
    texts = [
        "\n".join(output.traceback) if output.output_type == "error" else output.get("text", "")
        for output in cell.outputs
        if output.get("name") != "stderr"
    ]
    return _COLOUR.sub("", "".join(texts))


def test_tick_counts_what_a_student_sees(tmp_path: Path) -> None:
    """Each check counts as often as it is written, a hidden one never: solved or not, all is one."""
    visible = "check.equal(double(1), 2)\nfor x in (2, 3):\n    check.equal(double(x), 2 * x)\n"
    hidden = "### BEGIN HIDDEN TESTS\ncheck.equal(double(9), 18)\n### END HIDDEN TESTS"
    once = "x = np.ones(2)\ncheck.unchanged(np.add, x, x)"
    *_, released, solved, one, none = shown_by(
        IMPORTS, DOUBLE, visible, visible + hidden, once, hidden, folder=tmp_path
    )
    assert released == solved == "✓ double: 2 checks\n"
    assert one == "✓ 1 check\n"
    assert none == ""


def test_tick_is_of_tests_that_pass(tmp_path: Path) -> None:
    """A cell that fails, or raises, or checks nothing shows no tick."""
    shown = shown_by(
        IMPORTS,
        DOUBLE,
        "check.equal(double(1), 2)\ncheck.equal(double(1), 3)",
        "check.equal(double(1), 2)\n1 / 0",
        "double(1)",
        folder=tmp_path,
    )
    assert not [text for text in shown if "✓" in text]


def test_failure_names_the_students_call(tmp_path: Path) -> None:
    """The student's function comes first, as it was called and its inputs as they were then."""
    helper = "def spoilt(x):\n    y = double(x)\n    x[:] = 0\n    return y"
    test = "def twice(x):\n    return spoilt(spoilt(x))\ncheck.equal(twice(np.array([3.0])), 13)"
    *_, text = shown_by(IMPORTS, helper, DOUBLE, test, folder=tmp_path)
    lines = text.splitlines()
    start = lines.index("CheckFailed: double(x)")
    assert lines[start + 1].strip().startswith("x = [3.]")
    assert "  called by twice(np.array([3.0]))" in lines
    assert "line 3 of the cell: check.equal(twice(np.array([3.0])), 13)" in lines


def test_failure_names_methods(tmp_path: Path) -> None:
    """Of many calls of an object the last are named; operators and inner calls are not."""
    cell = (
        "class Counter:\n    def __init__(self, start):\n        self.n = start\n"
        "    def step(self, by):\n        self.n += by\n        return self.half()\n"
        "    def half(self):\n        return self.n / 2\n"
        "    def __add__(self, other):\n        return Counter(self.n + other.n)"
    )
    test = "c = Counter(1)\nfor i in range(9):\n    c.step(i)\ncheck.equal((c + c).n, 0)"
    *_, text = shown_by(IMPORTS, cell, test, folder=tmp_path)
    names = re.findall(r"^(?:CheckFailed: )?(\w+.*\)\.\w+)\(\w*\)$", text, re.MULTILINE)
    assert names == 3 * ["Counter(start=1).step"]
    assert "CheckFailed: … after other calls:" in text
    assert "by = 8" in text


OPTIMIZER = """class Optimizer:
    def __init__(self, lr=0.1, momentum=0.0, nesterov=False):
        self.lr = lr

    def step(self, params, grads):
        for p, g in zip(params, grads):
            p -= 2 * self.lr * g

class Fast(Optimizer):
    pass"""
WALK = """def walk(optimizer, start, gradients):
    theta, path = np.array(start), []
    for g in gradients:
        optimizer.step(check.in_place([theta]), [np.array(g)])
        path.append(theta.copy())
    return np.array(path)"""


def test_failure_shows_arguments_as_they_were(tmp_path: Path) -> None:
    """What steps change in place is shown before each of them, with the optimizer's settings."""
    test = (
        "check.close(walk(Optimizer(lr=1.0), [10.0], [[1.0], [2.0], [3.0]]), [[9.0], [7.0], [4.0]])"
    )
    text = shown_by(IMPORTS, WALK, OPTIMIZER, test, folder=tmp_path)[-1]
    shown = re.findall(r"params = (\S+)", text)
    assert shown == ["[array([10.])]", "[array([8.])]", "[array([4.])]"]
    assert text.count("Optimizer(lr=1.0).step(params, grads)") == 3
    assert "other calls" not in text


def test_failure_names_the_class_of_the_object(tmp_path: Path) -> None:
    """A method that a class inherits is that of the object's class, with how this one was made."""
    test = (
        "one, other = Fast(0.5, momentum=0.9), Optimizer()\np = [np.ones(1)]\n"
        "other.step(p, [np.ones(1)])\none.step(p, [np.ones(1)])\ncheck.close(p, [np.zeros(1)])"
    )
    text = shown_by(IMPORTS, OPTIMIZER, test, folder=tmp_path)[-1]
    names = re.findall(r"^(?:CheckFailed: )?(\w+\(.*)\.step", text, re.MULTILINE)
    assert names == ["Optimizer()", "Fast(lr=0.5, momentum=0.9)"]
    assert "\np: 1 of 1 entries differ" in text


def test_error_says_the_shapes_of_the_arguments(tmp_path: Path) -> None:
    """NumPy's errors name its own operands: a line says what the student's function was given."""
    cell = "def fit(X, y, params=()):\n    X = np.hstack([np.ones(len(X)), X])\n    return X"
    test = "check.close(fit(np.ones((3, 2)), np.ones(3), [np.ones(2), np.array(1.0)]), 1)"
    own = "fit(np.ones(2), 1)\n1 / 0  # check.close("
    *_, text, other = shown_by(IMPORTS, cell, test, own, folder=tmp_path)
    line = "fit was called with X of shape (3, 2); y of shape (3,); params of shapes (2,), ()."
    assert text.endswith(line + "\n")
    assert "was called with" not in other


def test_watching_adds_no_frame(tmp_path: Path) -> None:
    """A recursion as deep as it may be elsewhere may be so in a test cell."""
    deep = "def depth(n):\n    return n and 1 + depth(n - 1)"
    limit = "import sys\nsys.setrecursionlimit(600)\n"
    find = (
        "def deepest():\n    n = 0\n    try:\n        while True:\n            depth(n)\n"
        "            n += 1\n    except RecursionError:\n        return n\nplain = deepest()"
    )
    test = "watched = deepest()\ncheck.that(watched > plain - 9, 'it is as deep')"
    assert shown_by(IMPORTS, deep, limit + find, test, folder=tmp_path)[-1] == (
        "✓ deepest: 1 check\n"
    )


def test_traceback_of_a_recursion_is_short(tmp_path: Path) -> None:
    """Each own line appears once, with how often the rest repeats."""
    mutual = "def even(n):\n    return odd(n - 1)\n\ndef odd(n):\n    return even(n - 1)"
    text = shown_by(IMPORTS, mutual, "even(1)", folder=tmp_path)[-1]
    assert len(text.splitlines()) < 25
    assert re.search(r"… [\d,]+ more calls of even \(line 2\) and odd \(line 5\)", text)
    assert "RecursionError: maximum recursion depth exceeded" in text
    assert "Cell In[3], line 1" in text


def test_traceback_leaves_out_libraries(tmp_path: Path) -> None:
    """Lines of NumPy are counted, not shown; a failed check's are neither."""
    cell = "def solve(A):\n    return np.linalg.solve(A, A)"
    cause = "try:\n    solve(np.zeros((2, 2)))\nexcept Exception as error:\n    raise KeyError from error"
    *_, text, caused = shown_by(IMPORTS, cell, "solve(np.zeros((2, 2)))", cause, folder=tmp_path)
    assert "inside numpy" in text
    assert "linalg.py" not in text + caused
    assert text.count("---->") == 2
    assert "direct cause" in caused


def test_traceback_is_whole_where_it_is_asked_for(tmp_path: Path) -> None:
    """`%xmode Verbose` shows the library's lines as ever."""
    cell = "def solve(A):\n    return np.linalg.solve(A, A)"
    call = "solve(np.zeros((2, 2)))"
    assert "linalg.py" in shown_by(IMPORTS, cell, "%xmode Verbose", call, folder=tmp_path)[-1]


def test_tracebacks_of_other_errors_are_as_ever(tmp_path: Path) -> None:
    """Syntax errors and groups of exceptions, which IPython shows in ways of their own."""
    *_, syntax, group = shown_by(
        IMPORTS, "x = )", "raise ExceptionGroup('two', [ValueError(1)])", folder=tmp_path
    )
    assert "SyntaxError" in syntax
    assert "✓" not in group


@pytest.fixture
def clone(course: Path) -> Path:
    """Make a course with a known mistake, as a reader would have it."""
    (course / "lessons/a1/doubling.mistakes.toml").write_text(MISTAKES)
    return course


def visible_test(course: Path, name: str) -> str:
    """Return a test cell as it is released."""
    cells = json.loads((course / "release/a1/doubling.ipynb").read_text())["cells"]
    return next("".join(c["source"]) for c in cells if c["metadata"].get("test") == name)


def test_hint_of_a_known_mistake(clone: Path) -> None:
    """Below the failure is what grading says about the answer that ran last."""
    test = visible_test(clone, "double")
    cells = IMPORTS, PATIENT, "def double(x):\n    return 3 * x", WRONG, test
    text = shown_by(*cells, folder=clone / "release/a1")[-1]
    assert "CheckFailed: double(x)" in text
    assert text.endswith("Hint: This is the square.\n")


def test_hint_needs_the_course(clone: Path, tmp_path: Path) -> None:
    """In a folder without the course, and for an unwritten answer, there is none."""
    test = visible_test(clone, "double")
    fetched = tmp_path / "fetched"
    fetched.mkdir()
    stub = "def double(x):\n    raise NotImplementedError('not written yet')"
    assert "Hint" not in shown_by(IMPORTS, PATIENT, WRONG, test, folder=fetched)[-1]
    assert "Hint" not in shown_by(IMPORTS, PATIENT, stub, test, folder=clone)[-1]


def test_hint_keeps_silent_of_errors(clone: Path) -> None:
    """With a broken course, the reader sees the failure and nothing else."""
    test = visible_test(clone, "double")
    (clone / "lessons/a1/doubling.mistakes.toml").write_text("[[")
    text = shown_by(IMPORTS, PATIENT, WRONG, test, folder=clone / "release/a1")[-1]
    assert text.splitlines()[-1] == "Got 1, expected 2."


def test_hint_that_takes_too_long(clone: Path) -> None:
    """It is not kept from the reader that there may be one."""
    test = visible_test(clone, "double")
    slow = PATIENT.replace("600", "0.01")
    text = shown_by(IMPORTS, slow, WRONG, test, folder=clone / "release/a1")[-1]
    assert "Got 1, expected 2." in text
    assert "Hint: not found within 0 s; `coursework check`" in text
