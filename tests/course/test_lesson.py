"""Reading lessons from Markdown and from notebooks."""

import dataclasses
from pathlib import Path

import nbformat
import pytest

from coursework.authoring.source import source_notebook
from coursework.course.lesson import Lesson, from_notebook, read_lesson, read_source
from coursework.course.lesson import test_id as id_of_test  # not a test
from coursework.errors import LessonError

LESSON = """---
jupyter:
  kernelspec: {name: python3, display_name: Python 3}
---

# Title

Some text.

```python
import math
```

```python exercise="root"
def root(x):
    return math.sqrt(x)
```

```python test="root" points=2
assert root(4) == 2
```

```python test="root" part="edge" points=1.5
assert root(4) == 2
```

```python tags=["show"]
%matplotlib inline
```

```python tags=["yours"]

```

```bash
ls
```

A question.

<!-- #region question="why" points=3 -->
Because.
<!-- #endregion -->
"""


def write(folder: Path, text: str) -> Path:
    """Write a lesson of the assignment 00-a."""
    path = folder / "00-a" / "one.md"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


@pytest.fixture
def lesson(tmp_path: Path) -> Lesson:
    """Read the lesson above."""
    return read_lesson(write(tmp_path, LESSON))


def test_read_lesson_roles(lesson: Lesson) -> None:
    """Metadata decides what a cell is; without any, code is given."""
    kinds = [cell.kind for cell in lesson.cells]
    code = ["given", "exercise", "test", "test", "show", "yours", "given"]
    assert kinds == ["prose", *code, "prose", "question"]
    assert (lesson.assignment, lesson.name) == ("00-a", "one")


def test_read_lesson_lines(lesson: Lesson) -> None:
    """Each cell knows the number of its first line, even if equal text precedes it."""
    lines = LESSON.split("\n")
    for cell in lesson.cells:
        first = cell.source.split("\n")[0]
        if first != "%%bash":  # Jupytext's own line
            assert lines[cell.line - 1] == first
    tests = [cell.line for cell in lesson.of_kind("test")]
    assert tests == [20, 24]


def test_read_lesson_line_of_word_in_fence(tmp_path: Path) -> None:
    """A cell that is a word of its own fence is not mistaken for the fence."""
    (cell,) = read_lesson(write(tmp_path, "```python\npython\n```\n")).cells
    assert cell.line == 2


def test_lesson_points(lesson: Lesson) -> None:
    """Points add up over tests and questions."""
    assert lesson.points == 6.5


def test_lesson_tests_of(lesson: Lesson) -> None:
    """The tests of an exercise are found in order, by part."""
    assert [cell.id for cell in lesson.tests_of("root")] == ["test_root", "test_root_edge"]
    assert id_of_test("root", "edge") == "test_root_edge"


def test_lesson_ids_are_unique_and_stable(tmp_path: Path) -> None:
    """Ids come from names, or else from content: they survive a move, and equal cells differ."""
    first = read_lesson(write(tmp_path, "```python\nx = 1\n```\n\n```python\nx = 1\n```\n"))
    moved = read_lesson(write(tmp_path, "# New\n\n```python\nx = 1\n```\n"))
    one, two = (cell.id for cell in first.cells)
    assert two == f"{one}-2"
    assert moved.cells[1].id == one


def test_source_reads_back(lesson: Lesson, tmp_path: Path) -> None:
    """A built notebook holds the same lesson as its Markdown, except for line numbers."""
    path = tmp_path / "00-a" / "one.ipynb"
    nbformat.write(source_notebook(lesson), path)
    again = read_source(path)
    assert again.cells == tuple(dataclasses.replace(cell, line=0) for cell in lesson.cells)
    assert (again.assignment, again.name) == (lesson.assignment, lesson.name)
    assert from_notebook(nbformat.read(path, as_version=4), path) == again


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("---\na: [\n---\n\nx\n", 0, "cannot be read"),
        ("---\njupyter:\n  kernelspec: {name: x}\n---\n", 0, "cannot be read"),
        ('# T\n\n```python tset="f"\nx\n```\n', 4, "unknown cell metadata `tset`"),
        ("```python exercise=f\nx\n```\n", 2, "cell metadata that cannot be read"),
        ('```python tags=["shwo"]\nx\n```\n', 2, "write tags=[...] with `show`, `yours`"),
        ('```python tags="show"\nx\n```\n', 0, "cannot be read"),
        ('```python exercise="f" test="f"\nx\n```\n', 2, "has one role"),
        ('```python question="f"\nx\n```\n', 2, "a code cell cannot be a question"),
        (
            '<!-- #region test="f" -->\nx\n<!-- #endregion -->\n',
            2,
            "a markdown cell cannot be a test",
        ),
        ("```python test=3\nx\n```\n", 2, "test=3 is not a name"),
        ('```python test="f" points="3"\nx\n```\n', 2, "points='3' is not a number"),
        ('```python test="f" points=-1\nx\n```\n', 2, "points=-1 is not a number"),
    ],
)
def test_read_lesson_refuses(tmp_path: Path, text: str, line: int, message: str) -> None:
    """Metadata that nobody would read, or read wrongly, is an error with file and line."""
    path = write(tmp_path, text)
    with pytest.raises(LessonError) as caught:
        read_lesson(path)
    assert (caught.value.path, caught.value.line) == (path, line)
    assert message in caught.value.message


def test_read_lesson_missing(tmp_path: Path) -> None:
    """A file that is not there is an error of the lesson."""
    with pytest.raises(LessonError, match="cannot be read"):
        read_lesson(tmp_path / "none.md")


def test_read_source_not_built(tmp_path: Path) -> None:
    """For a missing or damaged notebook the error says what to run."""
    (tmp_path / "bad.ipynb").write_text("{")
    for name in ("none.ipynb", "bad.ipynb"):
        with pytest.raises(LessonError, match="coursework build"):
            read_source(tmp_path / name)
