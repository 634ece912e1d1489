"""A tiny course for tests of grading: one assignment, two notebooks, a gradebook."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.apps.baseapp import NbGrader
from nbgrader.converters import Autograde, BaseConverter, GenerateAssignment

from coursework.authoring.source import source_notebook
from coursework.course.lesson import read_lesson

ROOT = Path(__file__).parent.parent
ASSIGNMENT = "a1"
NOTEBOOKS = ("doubling", "mean")

DOUBLING = '''
# Doubling

```python
import numpy as np

from coursework import check
from coursework.check import reference
```

```python tags=["yours"]
# Try things here.
```

## Twice

```python exercise="double"
def double(x):
    """Return 2x."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION
```

```python test="double" points=3
check.equal(double(1), 2)
### BEGIN HIDDEN TESTS
x = int(check.rng().integers(2, 99))
check.equal(double(x), reference.double(x))
### END HIDDEN TESTS
```

## Squares

```python exercise="square"
def square(x):
    """Return x squared."""
    ### BEGIN SOLUTION
    return x * x
    ### END SOLUTION
```

```python test="square" points=2
check.equal(square(1), 1)
### BEGIN HIDDEN TESTS
x = int(check.rng().integers(-99, -2))
check.equal(square(x), reference.square(x))
### END HIDDEN TESTS
```

Why is a square never negative?

<!-- #region question="why" points=2 -->
*Your answer:*

<!-- BEGIN SOLUTION -->
A number times itself has an even number of minus signs.
<!-- END SOLUTION -->
<!-- BEGIN MARK SCHEME -->
2 points for the signs.
<!-- END MARK SCHEME -->
<!-- #endregion -->
'''

MEAN = '''
# The mean

```python
import numpy as np

from coursework import check
from coursework.check import reference
```

```python exercise="mean"
def mean(x):
    """Return the mean of an array."""
    ### BEGIN SOLUTION
    return x.sum() / len(x)
    ### END SOLUTION
```

```python test="mean" points=5
check.close(mean(np.array([1.0, 2.0])), 1.5)
### BEGIN HIDDEN TESTS
x = check.rng().normal(size=7)
check.close(mean(x), reference.mean(x))
### END HIDDEN TESTS
```
'''

LESSONS = dict(zip(NOTEBOOKS, (DOUBLING, MEAN), strict=True))
ANSWERS = {
    "double": "def double(x):\n    return x + x",
    "square": "def square(x):\n    return x ** 2",
    "mean": "def mean(x):\n    return np.mean(x)",
    "why": "Because minus times minus is plus.",
}
Change = Callable[[NotebookNode], None]


def make_course(root: Path) -> Path:
    """Make a course with lessons, source, release and a gradebook that knows the assignment."""
    root.mkdir(parents=True)
    for name in ("course_config.py", "nbgrader_config.py"):
        shutil.copy(ROOT / name, root)
    for name, text in LESSONS.items():
        write_lesson(root, name, text)
    generate_assignment(root)
    return root


def write_lesson(root: Path, name: str, text: str) -> None:
    """Write a lesson, and build its source."""
    lesson = root / "lessons" / ASSIGNMENT / f"{name}.md"
    lesson.parent.mkdir(parents=True, exist_ok=True)
    lesson.write_text(text.lstrip())
    notebook = root / "source" / ASSIGNMENT / f"{name}.ipynb"
    notebook.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(source_notebook(read_lesson(lesson)), notebook)


def release(root: Path, text: str) -> None:
    """Correct the lesson on doubling, and release it again."""
    write_lesson(root, "doubling", text)
    generate_assignment(root)


def generate_assignment(root: Path) -> None:
    """Do as `nbgrader generate_assignment a1 --force`."""
    _convert(root, GenerateAssignment)


def autograde_again(root: Path) -> None:
    """Do as `nbgrader autograde a1 --force`."""
    _convert(root, Autograde)


def _convert(root: Path, converter: type[BaseConverter]) -> None:
    app = NbGrader()
    app.log_level = "ERROR"
    app.initialize([], root=str(root))
    app.coursedir.assignment_id = ASSIGNMENT
    converter(coursedir=app.coursedir, parent=app, force=True).start()


def read(root: Path, tree: str, name: str = "doubling") -> NotebookNode:
    """Read a notebook of the course."""
    return nbformat.read(root / tree / ASSIGNMENT / f"{name}.ipynb", as_version=4)


def cell(notebook: NotebookNode, name: str) -> NotebookNode:
    """Return the cell with this grade_id."""
    found = [c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == name]
    assert len(found) == 1, f"{len(found)} cells are called {name}"
    return found[0]


def answered(root: Path, name: str = "doubling", **answers: str) -> NotebookNode:
    """Return a student's notebook with these answers; without any, with all the right ones."""
    notebook = read(root, "release", name)
    for node in notebook.cells:
        grade_id = node.metadata.get("nbgrader", {}).get("grade_id")
        node.source = (answers or ANSWERS).get(grade_id, node.source)
    return notebook


def submit(
    root: Path, student: str, name: str = "doubling", change: Change | None = None, **answers: str
) -> Path:
    """Put a notebook where nbgrader collects it."""
    notebook = answered(root, name, **answers)
    if change:
        change(notebook)
    folder = root / "submitted" / student / ASSIGNMENT
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.ipynb"
    path.write_text(json.dumps(notebook))  # nbformat would refuse what students submit
    return path


def submit_all(root: Path, student: str, timestamp: str = "2030-01-01 12:00:00 UTC") -> Path:
    """Submit all the right answers, with a time stamp as collecting leaves it."""
    for name in NOTEBOOKS:
        path = submit(root, student, name)
    (path.parent / "timestamp.txt").write_text(timestamp)
    return path.parent
