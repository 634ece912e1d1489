"""Lessons that break a rule are refused with file, line and remedy."""

from collections.abc import Callable
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from coursework.authoring.leaks import leaks
from coursework.authoring.rules import broken_rules
from coursework.authoring.tidy import TidySolution
from coursework.course.lesson import Lesson, read_lesson

SETUP = """
```python
from coursework import check
from coursework.check import reference
```
"""

EXERCISE = """
```python exercise="double"
def double(x):
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION
```
"""

TEST = """
```python test="double" points=1
check.equal(double(1), 2)
```
"""

QUESTION = """
<!-- #region question="why" points=2 -->
<!-- BEGIN SOLUTION -->
Because.
<!-- END SOLUTION -->
<!-- BEGIN MARK SCHEME -->
2 points.
<!-- END MARK SCHEME -->
<!-- #endregion -->
"""

Read = Callable[..., Lesson]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Read a lesson made of these parts."""

    def made(*parts: str) -> Lesson:
        path = tmp_path / "lesson.md"
        path.write_text("".join(parts))
        return read_lesson(path)

    return made


def test_rules_good_lesson(read: Read) -> None:
    """A lesson that keeps the rules is not refused."""
    assert broken_rules(read(SETUP, EXERCISE, TEST, QUESTION)) == []


@pytest.mark.parametrize(
    ("parts", "line", "message"),
    [
        ([EXERCISE], 8, "the exercise 'double' has no test"),
        ([TEST], 8, "there is no exercise 'double'"),
        ([TEST, EXERCISE], 8, "this test comes before its exercise (line 12)"),
        ([EXERCISE, TEST.replace(" points=1", "")], 15, "gives no points"),
        ([EXERCISE, TEST, TEST], 19, "the test 'test_double' is already in line 15"),
        ([EXERCISE, TEST, EXERCISE], 19, "the exercise 'double' is already in line 8"),
        (
            [EXERCISE, TEST, EXERCISE.replace('"double"', '"b"'), TEST.replace('"double"', '"b"')],
            19,
            "'double' is already defined by the exercise 'double'",
        ),
        ([QUESTION, QUESTION], 17, "the question 'why' is already in line 8"),
        ([QUESTION.replace("SOLUTION", "ANSWER")], 8, "has no model answer"),
        ([QUESTION.replace("MARK SCHEME", "SCHEME")], 8, "has no mark scheme"),
        ([QUESTION.replace(" points=2", "")], 8, "gives no points"),
    ],
)
def test_rules_structure(read: Read, parts: list[str], line: int, message: str) -> None:
    """What belongs together is together, once, in order, and with points."""
    found = [(error.line, error.message) for error in broken_rules(read(SETUP, *parts))]
    assert any(line == at and message in text for at, text in found), found


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("    ### END SOLUTION\n", "", 9, "BEGIN SOLUTION is never closed"),
        ("    ### BEGIN SOLUTION\n", "", 10, "END SOLUTION without its BEGIN"),
        ("    return 2 * x\n", "", 10, "this region of SOLUTION is empty"),
        ("### END SOLUTION", "### END HIDDEN TESTS", 11, "END HIDDEN TESTS without its BEGIN"),
        ("    return", "    ### BEGIN SOLUTION\n    return", 10, "inside a region of SOLUTION"),
        ("### BEGIN SOLUTION", "### BEGIN HIDDEN TEST", 9, "is not a marker"),
        ("### BEGIN SOLUTION", "### begin solution", 9, "is not a marker"),
    ],
)
def test_rules_regions(read: Read, old: str, new: str, line: int, message: str) -> None:
    """A region is closed, has content and a mark that nbgrader knows."""
    lesson = read(SETUP, EXERCISE.replace(old, new), TEST)
    found = [(error.line, error.message) for error in broken_rules(lesson)]
    assert any(line == at and message in text for at, text in found), found


def test_rules_no_solution(read: Read) -> None:
    """An exercise without a solution region is refused."""
    lesson = read(SETUP, '\n```python exercise="double"\ndouble = max\n```\n', TEST)
    assert "has no solution" in broken_rules(lesson)[0].message


@pytest.mark.parametrize("marks", [' tags=["show"]', "", ' tags=["yours"]'])
def test_rules_hidden_outside_test(read: Read, marks: str) -> None:
    """Hidden tests in a cell that is not a test would be released, or stop nbgrader."""
    cell = f"\n```python{marks}\n### BEGIN HIDDEN TESTS\n1\n### END HIDDEN TESTS\n```\n"
    (error,) = broken_rules(read(SETUP, cell))
    assert (error.line, "has no place" in error.message) == (8, True)


@pytest.mark.parametrize(
    ("cell", "line", "message"),
    [
        ("```python\n1\nx = (\n```", 9, "syntax error"),
        ('```python tags=["show"]\n%timeit 1\nx = = 1\n```', 9, "syntax error"),
        ("```bash\npip install x\n```", 8, "a cell magic does not run at grading"),
    ],
)
def test_rules_syntax(read: Read, cell: str, line: int, message: str) -> None:
    """A syntax error is named with its own line, magics understood."""
    (error,) = broken_rules(read(SETUP, "\n", cell, "\n"))
    assert error.line == line
    assert message in error.message


def test_rules_magics(read: Read) -> None:
    """Line magics and shell lines are not syntax errors where they are allowed."""
    assert broken_rules(read("```python\n%matplotlib inline\n!ls\nx = 1\n```\n")) == []


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("check.equal(dobule(1), 2)", "no name 'dobule' exists here"),
        ("check.equal([f(x) for x in (1, 2)], 2)", "no name 'f' exists here"),
        ("check.equal(double(shown), 2)", "'shown' exists here: only given code and exercises"),
        ("check.equal(double(1), reference.triple(1))", "reference.triple: no exercise"),
    ],
)
def test_rules_unknown_name(read: Read, statement: str, message: str) -> None:
    """A test may use only what exists at grading, where show cells do not run."""
    show = '\n```python tags=["show"]\nshown = 1\n```\n'
    test = TEST.replace("check.equal(double(1), 2)", f"# Why.\n{statement}")
    (error,) = broken_rules(read(SETUP, show, EXERCISE, test))
    assert error.line == 20
    assert message in error.message


def test_rules_known_names(read: Read) -> None:
    """Names of the cell itself, of comprehensions, functions and builtins are known."""
    body = """import math
def half(x, *, by=2):
    global calls
    calls = len(str(x))
    return double(x) / by
for n, d in [(1, 2)]:
    check.equal([half(i) for i in range(n)], list(map(lambda v: v + d, [])))
try:
    math.nan
except ValueError as error:
    print(error, calls)
"""
    test = TEST.replace("check.equal(double(1), 2)", body)
    assert broken_rules(read(SETUP, EXERCISE, test)) == []


PARTS = """with check.part("one", 1):
    check.equal(double(1), 2)
with check.part("many", points=2.5):
    check.equal([double(x) for x in (2, 3)], [4, 6])
"""


def parted(body: str = PARTS, points: str = "3.5") -> str:
    """Return the test with this body."""
    test = TEST.replace("check.equal(double(1), 2)\n", body)
    return test.replace("points=1", f"points={points}")


def test_rules_parts(read: Read) -> None:
    """Parts with names and points of their own, which add up to the cell's, are right."""
    assert broken_rules(read(SETUP, EXERCISE, parted())) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("2.5", "2", 15, "its parts add up to 3 points, the cell has 3.5"),
        ('"many"', '"one"', 17, "is already called 'one'"),
        ('"one"', "str(1)", 15, "are literals"),
        (", 1)", ", 2 - 1)", 15, "are literals"),
        (", 1)", ", -1)", 15, "are literals"),
        (", 1)", ")", 15, "are literals"),
        ('"many", points=2.5', 'points=2.5, name="many"', 17, "are literals"),
        ('with check.part("many', '    with check.part("many', 17, "at the cell's top level"),
        ('with check.part("one', 'if True: check.part("x", 1)\nwith check.part("one', 15, "top"),
    ],
)
def test_rules_broken_parts(read: Read, old: str, new: str, line: int, message: str) -> None:
    """The judge reads parts off the source: what it cannot count is refused, with its line."""
    body = PARTS.replace(old, new)
    if new.startswith("    with"):
        body = body.replace("\n    check.equal([", "\n        check.equal([")
    found = broken_rules(read(SETUP, EXERCISE, parted(body)))
    assert any(line == e.line and message in e.message for e in found), found


@pytest.mark.parametrize("name", ["whole", "equivalent", "unlike", "uncredited"])
def test_rules_reserved_name(read: Read, name: str) -> None:
    """An exercise cannot be called what the file of known mistakes uses for something else."""
    parts = [part.replace('"double"', f'"{name}"') for part in (EXERCISE, TEST)]
    (error,) = broken_rules(read(SETUP, *parts))
    assert "rename it" in error.message


def test_rules_all_at_once(read: Read) -> None:
    """All faults of a lesson are reported together, in the order of its lines."""
    lesson = read(SETUP, TEST.replace(" points=1", ""), QUESTION.replace(" points=2", ""))
    lines = [error.line for error in broken_rules(lesson)]
    assert lines == [8, 8, 8, 12]


def release_of(lesson: Lesson, changes: dict[str, str]) -> NotebookNode:
    """Return a release in which these cells, by id, have another source."""
    cells = [
        (new_code_cell if cell.is_code else new_markdown_cell)(
            changes.get(cell.id, cell.source), id=cell.id
        )
        for cell in lesson.cells
    ]
    return new_notebook(cells=cells)


GRADIENT = """
```python exercise="gradient"
def gradient(X, y, w):
    ### BEGIN SOLUTION
    n, d = X.shape
    residual = X @ w - y
    return 2 / len(y) * X.T @ residual
    ### END SOLUTION
```

```python test="gradient" points=1
### BEGIN HIDDEN TESTS
check.equal(gradient(1, 2, 3), 4 + 5 + 6)
x = check.rng().normal(size=3)
check.equal(gradient(x, x, x), reference.gradient(x, x, x))
### END HIDDEN TESTS
```
"""
STUB = {"gradient": "def gradient(X, y, w): ...", "test_gradient": ""}


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ("def f():\n    residual = X @ w - y", 11),
        ('"""\nreturn 2 / len(y) * X.T @ residual\n"""', 12),
        ("check.equal(gradient(1, 2, 3), 4 + 5 + 6)", 18),
    ],
)
def test_leaks_line(read: Read, given: str, line: int) -> None:
    """A telling line of a solution or hidden test that is also given code is a leak."""
    lesson = read(SETUP, GRADIENT, f"\n```python\n{given}\n```\n")
    (error,) = leaks(lesson, release_of(lesson, STUB))
    assert error.line == line
    assert "line 25" in error.message


@pytest.mark.parametrize(
    "given",
    [
        "n, d = X.shape",
        "x = check.rng().normal(size=3)",
        "check.equal(gradient(x, x, x), reference.gradient(x, x, x))",
    ],
)
def test_leaks_common_line(read: Read, given: str) -> None:
    """A line that says nothing, and the same check of other values, are not leaks."""
    lesson = read(SETUP, GRADIENT, f"\n```python\n{given}\n```\n")
    assert leaks(lesson, release_of(lesson, STUB)) == []


def test_leaks_answer_in_prose(read: Read) -> None:
    """A model answer may not be a sentence of the text."""
    answer = "Because the mean of the squares is least at the mean."
    lesson = read("# Why\n\n", answer, "\n", QUESTION.replace("Because.", answer))
    (error,) = leaks(lesson, release_of(lesson, {"why": "YOUR ANSWER HERE"}))
    assert error.line == 7


def test_leaks_marker_and_outputs(read: Read) -> None:
    """Markers and outputs in a release are leaks."""
    lesson = read(SETUP, EXERCISE)
    release = release_of(lesson, {})
    release.cells[0].execution_count = 1
    messages = [error.message for error in leaks(lesson, release)]
    assert sum("is left in the release" in message for message in messages) == 2
    assert sum("has outputs" in message for message in messages) == 1


def test_tidy_solution() -> None:
    """A solution that is read has neither markers nor what running it wrote."""
    code = "def f():\n    ### BEGIN SOLUTION\n    return 1\n    ### END SOLUTION"
    text = "<!-- BEGIN SOLUTION -->\nBecause.\n<!-- END SOLUTION -->\n"
    notebook = new_notebook(
        cells=[new_code_cell(code), new_markdown_cell(text)],
        metadata={"language_info": {"name": "python", "version": "3.99"}, "widgets": {}},
    )
    tidy, _ = TidySolution().preprocess(notebook, {})
    assert [cell.source for cell in tidy.cells] == ["def f():\n    return 1", "Because."]
    assert tidy.metadata.language_info == {"name": "python"}
    assert "widgets" not in tidy.metadata


MODULE_EXERCISE = EXERCISE.replace('"double"', '"double" module="pair"')


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (
            MODULE_EXERCISE.replace("2 * x", "FACTOR * x") + "```python\nFACTOR = 2\n```\n",
            "'FACTOR' is not in the module: mark its cell module='pair', too",
        ),
        (
            MODULE_EXERCISE + '```python module="pair" tags=["show"]\nprint(1)\n```\n',
            "only given code and exercises can be part of a module",
        ),
        (
            MODULE_EXERCISE.replace("pair", "a-b"),
            "module='a-b' is not a name that Python can import",
        ),
    ],
)
def test_rules_module(read: Read, cells: str, message: str) -> None:
    """A module is self-contained: it holds everything that its code uses, and can be imported."""
    (error,) = broken_rules(read(SETUP, cells, TEST))
    assert error.message == message


def test_rules_module_complete(read: Read) -> None:
    """A module whose names are its own, or Python's, is right."""
    given = '```python module="pair"\nFACTOR = 2\n```\n'
    exercise = MODULE_EXERCISE.replace("2 * x", "float(FACTOR * x)")
    assert broken_rules(read(SETUP, given, exercise, TEST)) == []
