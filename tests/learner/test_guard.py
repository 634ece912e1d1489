"""A build never writes over answers in `release/`, and takes nothing else for answers."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from coursework.authoring.build import build, check
from coursework.course.layout import Course
from coursework.errors import StaleError

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent.parent
NAME = "release/a/one.ipynb"
LESSON = """# One

```python
from coursework import check
```

```python exercise="double"
def double(x):
    \"\"\"Return twice x.\"\"\"
    ### BEGIN SOLUTION
    return x + x
    ### END SOLUTION
```

<!-- #region hint="double" -->
1. How often is x added?
2. Twice.
3. `x + x`
<!-- #endregion -->

```python test="double" points=1
check.equal(double(1), 2)
```

```python tags=["yours"]
# Try things here.
```

Why?

<!-- #region question="why" points=2 -->
*Your answer:*

<!-- BEGIN SOLUTION -->
Because.
<!-- END SOLUTION -->
<!-- BEGIN MARK SCHEME -->
2 points for the reason.
<!-- END MARK SCHEME -->
<!-- #endregion -->
"""
LATER = '[[later]]\nmeasure = "form"\nreason = "It is made for tests."\n'
# Where only text changes nothing is executed; with its docstring a stub changes, too.
CHANGED = LESSON.replace("Why?", "Why so?").replace("2. Twice.", "2. Two times.")
OTHER_STUB = CHANGED.replace("Return twice x.", "Return 2x.")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two lessons, built; nobody may change them."""
    root = tmp_path_factory.mktemp("guard") / "course"
    (root / "lessons" / "a").mkdir(parents=True)
    for name in ("course_config.py", "nbgrader_config.py"):
        shutil.copy(ROOT / name, root)
    for name in ("one", "two"):
        (root / f"lessons/a/{name}.md").write_text(LESSON)
        (root / f"lessons/a/{name}.mistakes.toml").write_text(LATER)
    assert build(Course(root)).errors == ()
    return root


@pytest.fixture
def course(built: Path, tmp_path: Path) -> Course:
    """Return a copy of the test's own, in which both lessons were corrected since."""
    root = shutil.copytree(built, tmp_path / "course")
    for name in ("one", "two"):
        (root / f"lessons/a/{name}.md").write_text(CHANGED)
    return Course(root)


def edited(course: Course, change: Callable[[NotebookNode], None]) -> bytes:
    """Change the notebook in `release/`, save it, and return what the file holds then."""
    path = course.root / NAME
    notebook = nbformat.read(path, as_version=4)
    change(notebook)
    nbformat.write(notebook, path)
    return path.read_bytes()


def cell(notebook: NotebookNode, name: str) -> NotebookNode:
    """Return a cell by its id."""
    return next(cell for cell in notebook.cells if cell.id == name)


def answer_code(notebook: NotebookNode) -> None:
    """Answer the exercise."""
    cell(notebook, "double").source = "def double(x):\n    return 2 * x"


def answer_question(notebook: NotebookNode) -> None:
    """Answer the question."""
    cell(notebook, "why").source = "*Your answer:*\n\nSince it is so."


def add_code(notebook: NotebookNode) -> None:
    """Put in a cell of one's own."""
    notebook.cells.insert(2, new_code_cell("x = 3"))


def add_text(notebook: NotebookNode) -> None:
    """Put in a note of one's own."""
    notebook.cells.append(new_markdown_cell("To be read again."))


def try_things(notebook: NotebookNode) -> None:
    """Use the cell that is there for this."""
    next(c for c in notebook.cells if "Try" in c.source).source = "double(4)"


def write_into_locked(notebook: NotebookNode) -> None:
    """Write below a test, where other editors let one write."""
    cell(notebook, "test_double").source += "\nprint(double(3))"


def lose_marks(notebook: NotebookNode) -> None:
    """Answer in a notebook whose metadata and ids another tool has dropped."""
    answer_code(notebook)
    for number, one in enumerate(notebook.cells):
        one.metadata, one.id = NotebookNode(), f"cell-{number}"


@pytest.mark.parametrize(
    "change",
    [answer_code, answer_question, add_code, add_text, try_things, write_into_locked, lose_marks],
)
def test_build_leaves_answers(course: Course, change: Callable[[NotebookNode], None]) -> None:
    """What was written stays to the byte; one message names it; everything else is built."""
    before = edited(course, change)
    result = build(course)
    assert (course.root / NAME).read_bytes() == before
    (error,) = result.errors
    assert isinstance(error, StaleError)
    for text in (
        NAME,
        "holds answers",
        "coursework start a/one",
        "`double`" * (change is answer_code),
    ):
        assert text in str(error)
    written = {
        f"{tree}/a/{n}.ipynb" for tree in ("source", "release", "solutions") for n in ("one", "two")
    }
    assert set(map(str, result.written)) == written - {NAME}
    assert [str(error).split()[0] for error in check(course).errors] == [NAME]


def execute(notebook: NotebookNode) -> None:
    """Leave what running the cells leaves."""
    output = nbformat.v4.new_output("stream", text="NotImplementedError\n")
    for number, one in enumerate(c for c in notebook.cells if c.cell_type == "code"):
        one.outputs, one.execution_count = [output], number + 1


def save_in_jupyterlab(notebook: NotebookNode) -> None:
    """Leave what JupyterLab adds, the empty cell behind the last one included."""
    execute(notebook)
    notebook.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": {}}}
    notebook.metadata.language_info = {"name": "python", "version": "3.12.1"}
    for one in notebook.cells:
        one.metadata.update(scrolled=True, jupyter={"source_hidden": True})
    notebook.cells.append(new_code_cell(""))


@pytest.mark.parametrize(
    ("change", "lesson"),
    [
        (execute, LESSON),
        (save_in_jupyterlab, LESSON),
        (lambda _: None, LESSON),
        (execute, CHANGED),
        (save_in_jupyterlab, OTHER_STUB),
    ],
)
def test_build_takes_no_run_for_an_answer(
    course: Course, change: Callable[[NotebookNode], None], lesson: str
) -> None:
    """What was only run or saved is built again, from whatever release it is, and never stale."""
    edited(course, change)
    path = course.root / NAME
    path.write_text(json.dumps(json.loads(path.read_text()), sort_keys=False))
    (course.lessons / "a/one.md").write_text(lesson)
    (course.lessons / "a/two.md").write_text(LESSON)
    if lesson is LESSON:
        assert check(course).errors == ()
    assert build(course).errors == ()
    assert "NotImplementedError\\n" not in path.read_text()
    assert check(course).errors == ()


def test_build_goes_on_when_the_answers_are_in_work(course: Course) -> None:
    """Once the same answers stand in `work/`, nothing can be lost."""
    edited(course, answer_code)
    (course.work / "a").mkdir(parents=True)
    shutil.copy(course.root / NAME, course.work / "a" / "one.ipynb")
    assert build(course).errors == ()
    assert check(course).errors == ()


@pytest.mark.parametrize("is_answered", [True, False])
def test_build_after_a_conflict_in_answers(course: Course, *, is_answered: bool) -> None:
    """In a file with both sides of a conflict, either side's answer counts."""
    path = course.root / NAME
    line = '    "    raise NotImplementedError(\\"not written yet\\")"\n'
    text = path.read_text()
    assert line in text
    mine = line.replace("raise", "return 2 * x  #") if is_answered else line
    path.write_text(text.replace(line, f"<<<<<<< HEAD\n{line}=======\n{mine}>>>>>>> main\n"))
    before = path.read_bytes()
    errors = build(course).errors
    assert (path.read_bytes() == before) == is_answered
    assert ["holds answers (`double`)" in str(error) for error in errors] == [True] * is_answered


def test_build_leaves_what_cannot_be_read(course: Course) -> None:
    """A file that is cut short may hold answers; an empty one holds none."""
    path = course.root / NAME
    path.write_bytes(path.read_bytes()[:-40])
    (error,) = build(course).errors
    assert "what cannot be read" in str(error)
    path.write_bytes(b"")
    assert build(course).errors == ()
    assert check(course).errors == ()
