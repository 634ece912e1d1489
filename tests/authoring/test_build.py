"""Building a course of one lesson: source, release, solutions, and what is stale."""

import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from coursework.authoring.build import Built, build, check
from coursework.course.layout import Course
from coursework.errors import ConfigError, LessonError

ROOT = Path(__file__).parents[2]
LESSON = """# One

```python
from pathlib import Path

from coursework import check
from coursework.check import reference
```

```python exercise="double"
def double(x):
    \"\"\"Return twice x.\"\"\"
    ### BEGIN SOLUTION
    secret_sum = x + x
    return secret_sum
    ### END SOLUTION
```

```python test="double" part="edge" points=1.5
check.equal(double(0), 0)
### BEGIN HIDDEN TESTS
secret_input = check.rng().normal()
check.close(double(secret_input), reference.double(secret_input))
### END HIDDEN TESTS
```

```python tags=["show"]
print("1,2", double(21))
```

```python tags=["yours"]
```

Why?

<!-- #region question="why" points=2 -->
*Your answer:*

<!-- BEGIN SOLUTION -->
The secret answer.
<!-- END SOLUTION -->
<!-- BEGIN MARK SCHEME -->
2 points for the secret mark.
<!-- END MARK SCHEME -->
<!-- #endregion -->
"""
LATER = '[[later]]\nmeasure = "form"\nreason = "It is made for tests."\n'
NAMES = ("source/00-a/one.ipynb", "release/00-a/one.ipynb", "solutions/00-a/one.ipynb")


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Course, Built]:
    """Build the lesson above, once for all tests; they copy it to change it."""
    root = tmp_path_factory.mktemp("course")
    for name in ("course_config.py", "nbgrader_config.py"):
        shutil.copy(ROOT / name, root)
    lessons = root / "lessons" / "00-a"
    lessons.mkdir(parents=True)
    (lessons / "one.md").write_text(LESSON)
    (lessons / "one.mistakes.toml").write_text(LATER)
    return Course(root), build(Course(root))


@pytest.fixture
def course(first: tuple[Course, Built], tmp_path: Path) -> Course:
    """Return a copy of the built course."""
    shutil.copytree(first[0].root, tmp_path / "course")
    return Course(tmp_path / "course")


def notebook(course: Course, name: str) -> NotebookNode:
    """Return a built notebook."""
    return nbformat.read(course.root / name, as_version=4)


def edit(path: Path, old: str, new: str) -> None:
    """Change a text in a file."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def edit_lesson(course: Course, old: str, new: str) -> None:
    """Change a text in the lesson."""
    edit(course.lessons / "00-a" / "one.md", old, new)


def messages(built: Built) -> list[str]:
    """Return what a build complains of."""
    return [str(error) for error in built.errors]


def test_build_writes_three_trees(first: tuple[Course, Built]) -> None:
    """A lesson becomes a notebook in each tree, at the same place, and nothing else."""
    course, built = first
    assert built.errors == ()
    assert sorted(map(str, built.written)) == sorted(NAMES)
    assert not (course.root / "gradebook.db").exists()


def test_build_source_metadata(first: tuple[Course, Built]) -> None:
    """Tell nbgrader what each cell is; what is free for the student it does not know."""
    cells = notebook(first[0], NAMES[0]).cells
    marks = {cell.id: cell.metadata.get("nbgrader") for cell in cells}
    shared = {"schema_version": 3, "task": False}
    assert marks["double"] == shared | {
        "grade": False,
        "grade_id": "double",
        "locked": False,
        "solution": True,
    }
    assert marks["test_double_edge"] == shared | {
        "grade": True,
        "grade_id": "test_double_edge",
        "locked": True,
        "points": 1.5,
        "solution": False,
    }
    assert marks["why"] == shared | {
        "grade": True,
        "grade_id": "why",
        "locked": False,
        "points": 2,
        "solution": True,
    }
    locked = [cell for cell in cells if (marks[cell.id] or {}).get("locked")]
    assert [cell.source.split("\n")[0][:12] for cell in locked] == [
        "from pathlib",
        "check.equal(",
        'print("1,2",',
    ]
    assert [marks[cell.id] for cell in cells if "yours" in cell.metadata.get("tags", [])] == [None]
    assert all(marks[cell.id] is None for cell in cells if cell.source in ("# One", "Why?"))


def test_build_release_has_stubs_and_no_secrets(first: tuple[Course, Built]) -> None:
    """The release keeps signature, docstring and visible checks, and nothing hidden."""
    course, _ = first
    text = (course.root / NAMES[1]).read_text()
    assert "secret" not in text
    sources = {cell.id: cell.source for cell in notebook(course, NAMES[1]).cells}
    assert sources["double"].split("\n") == [
        "def double(x):",
        '    """Return twice x."""',
        "    # YOUR CODE HERE",
        '    raise NotImplementedError("not written yet")',
    ]
    assert sources["test_double_edge"] == "check.equal(double(0), 0)"
    assert sources["why"] == "*Your answer:*\n\nYOUR ANSWER HERE"


@pytest.mark.slow
def test_build_release_is_nbgraders(course: Course) -> None:
    """`nbgrader generate_assignment` with the course's configuration writes the same bytes."""
    ours = (course.root / NAMES[1]).read_bytes()
    subprocess.run(
        [sys.executable, "-m", "nbgrader", "generate_assignment", "00-a", "--force"],
        cwd=course.root,
        check=True,
        capture_output=True,
    )
    assert (course.root / NAMES[1]).read_bytes() == ours
    assert (course.root / "gradebook.db").exists()


def test_build_solution_is_for_readers(first: tuple[Course, Built]) -> None:
    """A solution has code, answers, outputs, and ticks as students see them; nothing hidden."""
    solution = notebook(first[0], NAMES[2])
    sources = {cell.id: cell.source for cell in solution.cells}
    assert sources["double"].endswith("    secret_sum = x + x\n    return secret_sum")
    assert sources["test_double_edge"] == "check.equal(double(0), 0)"
    assert sources["why"] == "*Your answer:*\n\nThe secret answer."
    outputs = [output.text for cell in solution.cells for output in cell.get("outputs", [])]
    assert outputs == ["✓ double: 1 check\n", "1,2 42\n"]
    assert "execution" not in (first[0].root / NAMES[2]).read_text().replace("execution_count", "")
    assert solution.metadata.language_info == {"name": "python"}


def test_check_fresh_build(first: tuple[Course, Built]) -> None:
    """What was just built is built again to the byte, in another folder."""
    assert check(first[0]).errors == ()


def test_build_again_writes_nothing(course: Course) -> None:
    """What has not changed is neither executed nor written: its outputs stay."""
    edit(course.root / NAMES[2], "1,2 42", "1,2 43")
    built = build(course)
    assert (built.written, built.errors) == ((), ())
    assert check(course).errors == ()


def test_build_changed_text(course: Course) -> None:
    """Where text alone has changed nothing is executed: the outputs stay."""
    edit(course.root / NAMES[2], "1,2 42", "1,2 43")
    edit_lesson(course, "Why?", "Why is that?")
    assert sorted(map(str, build(course).written)) == sorted(NAMES)
    text = (course.root / NAMES[2]).read_text()
    assert "1,2 43" in text
    assert "Why is that?" in text


def test_build_changed_hidden_test(course: Course) -> None:
    """A hidden test is not in the solution, and yet it is executed when it changes."""
    edit_lesson(course, "check.close(double(secret_input), ", "check.close(1 / 0, ")
    (error,) = build(course).errors
    assert isinstance(error, LessonError)
    assert "ZeroDivisionError" in error.message


def test_build_forced_twice(course: Course) -> None:
    """Executing a lesson again gives the same bytes."""
    before = [(course.root / name).read_bytes() for name in NAMES]
    built = build(course, force=True)
    assert (built.written, built.errors) == ((), ())
    assert [(course.root / name).read_bytes() for name in NAMES] == before


def test_solution_too_large(course: Course) -> None:
    """A solution above the limit names its largest outputs, and is not written."""
    edit_lesson(course, "double(21))", "double(21), 'x' * 400_000)")
    before = (course.root / NAMES[2]).read_bytes()
    (error,) = build(course).errors
    assert isinstance(error, LessonError)
    assert error.line == 28
    assert "more than 400 KB" in error.message
    assert "are the largest: line 28 (400 KB). Draw" in error.message
    assert (course.root / NAMES[2]).read_bytes() == before


def test_check_solution_too_large(course: Course) -> None:
    """One that came to be too large in another way is found by checking."""
    edit(course.root / NAMES[2], "1,2 42", "1,2 42" + 400_000 * "x")
    (error,) = check(course).errors
    assert isinstance(error, LessonError)
    assert error.line == 28
    assert build(course).errors[0].args == error.args


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [(NAMES[0], "# One", "# Two"), (NAMES[1], "Why?", "Who?"), (NAMES[2], "x + x", "x * 2")],
)
def test_check_edited_by_hand(course: Course, name: str, old: str, new: str) -> None:
    """A built notebook that was edited is named, with the command that refreshes it."""
    edit(course.root / name, old, new)
    (message,) = messages(check(course))
    assert message == f"{name} is stale: run `coursework build 00-a/one`"


def test_check_edited_lesson(course: Course) -> None:
    """A lesson that was edited makes all three notebooks stale; checking writes nothing."""
    edit_lesson(course, "# One", "# Two")
    before = [(course.root / name).read_bytes() for name in NAMES]
    found = messages(check(course))
    assert [message.split()[0] for message in found] == list(NAMES)
    assert [(course.root / name).read_bytes() for name in NAMES] == before


@pytest.mark.parametrize("name", NAMES)
def test_build_after_a_conflict(course: Course, name: str) -> None:
    """A notebook with the marks of a conflict in it is stale, and built again."""
    before = (course.root / name).read_bytes()
    edit(
        course.root / name,
        ' "metadata": {\n  "kernelspec"',
        '<<<<<<< HEAD\n "metadata": {\n  "kernelspec"',
    )
    assert messages(check(course)) == [f"{name} is stale: run `coursework build 00-a/one`"]
    assert [str(path) for path in build(course).written] == [name]
    assert (course.root / name).read_bytes() == before


def test_check_missing(course: Course) -> None:
    """A notebook that was never built is named."""
    (course.root / NAMES[1]).unlink()
    found = messages(check(course, "00-a"))
    assert ["is missing" in message for message in found] == [True]


def test_check_leftover(course: Course) -> None:
    """A file that no lesson builds is named; hidden files, and other assignments, are not."""
    shutil.copy(course.root / NAMES[1], course.release / "00-a" / "old.ipynb")
    (course.source / ".hidden").mkdir()
    (course.source / ".hidden" / "x").touch()
    (course.source / "00-a" / "more.csv").touch()
    found = messages(check(course))
    assert [message.split()[0] for message in found] == [
        "source/00-a/more.csv",
        "release/00-a/old.ipynb",
    ]
    (course.source / "09-z").mkdir()
    (course.source / "09-z" / "x.ipynb").touch()
    assert len(messages(check(course, "00-a"))) == 2


def test_build_error_in_cell(course: Course) -> None:
    """An error while executing a solution names the line, and nothing is written."""
    edit_lesson(course, 'print("1,2"', 'x = 1\nprint(Path("none.csv").read_text()')
    before = [(course.root / name).read_bytes() for name in NAMES]
    built = build(course)
    (error,) = built.errors
    assert isinstance(error, LessonError)
    assert (built.written, error.line) == ((), 29)
    assert "executing it raises FileNotFoundError" in error.message
    assert [(course.root / name).read_bytes() for name in NAMES] == before


def test_build_stub_passes(course: Course) -> None:
    """A test that passes while its exercise is not written is refused."""
    edit_lesson(course, "check.equal(double(0), 0)", "check.equal(0, 0)")
    edit_lesson(course, "check.close(double(secret_input), reference.double(secret_input))", "")
    (error,) = build(course).errors
    assert isinstance(error, LessonError)
    assert error.line == 20
    assert "passes while 'double' is not written" in error.message


def test_build_empty_check(course: Course) -> None:
    """A lesson with a check that leaves nothing to check is built, with a warning."""
    edit_lesson(course, "check.equal(double(0), 0)", "double(0)\ncheck.close(double(1e-12), 2e-12)")
    built = build(course)
    assert (built.errors, len(built.written)) == ((), len(NAMES))
    (warning,) = (one for one in built.warnings if "the check allows" in one.message)
    assert warning.line == 21
    assert "atol=1e-09" in warning.message


def test_build_given_code_raises(course: Course) -> None:
    """Given code that does not run is named before anything is executed for outputs."""
    edit_lesson(course, "from pathlib import Path", "from pathlib import Path\n1 / 0")
    (error,) = build(course).errors
    assert isinstance(error, LessonError)
    assert error.line == 4
    assert "ZeroDivisionError" in error.message


def test_build_goes_on_after_a_broken_lesson(course: Course) -> None:
    """A broken lesson costs only itself, and all its faults are reported; others are built."""
    broken = LESSON.replace(" points=2", "").replace(" points=1.5", "")
    (course.lessons / "00-a" / "broken.md").write_text(broken)
    mistakes = course.lessons / "00-a" / "one.mistakes.toml"
    mistakes.write_text("[[triple]]\ncode = '1'\nhint = 'h'\n")
    (course.lessons / "00-a" / "two.md").write_text("# Two\n")
    built = build(course)
    assert sorted(map(str, built.written)) == sorted(n.replace("one", "two") for n in NAMES)
    found = messages(built)
    assert len(found) == 3
    assert sum("broken.md" in message and "gives no points" in message for message in found) == 2
    assert any("one.mistakes.toml:1: the lesson one has no exercise" in text for text in found)


MODULE = """# Two

```python
import numpy as np
```

```python module="pair"
import math
```

```python exercise="hypotenuse" module="pair"
def hypotenuse(a, b):
    \"\"\"Return the longest side.\"\"\"
    ### BEGIN SOLUTION
    return _root(a**2 + b**2)
    ### END SOLUTION
```

```python module="pair"
def _root(x):
    return math.sqrt(x)
```

```python test="hypotenuse" points=1
from coursework import check

check.close(hypotenuse(np.float64(3), 4), 5)
```
"""


def add_lesson(course: Course, name: str) -> None:
    """Write another lesson, which makes a module."""
    (course.lessons / "00-a" / f"{name}.md").write_text(MODULE)
    (course.lessons / "00-a" / f"{name}.mistakes.toml").write_text(LATER)


@pytest.fixture
def with_module(course: Course) -> Course:
    """Add a lesson that makes a module, and build it."""
    add_lesson(course, "two")
    assert build(course, "00-a/two").errors == ()
    return course


def test_build_module(with_module: Course) -> None:
    """Cells marked as parts of a module make one: solved, without markers, with its public names."""
    path = with_module.root / "coursework" / "built" / "pair.py"
    assert path.read_text() == (
        '"""What the lesson 00-a/two builds, for later lessons to import.\n\n'
        'Made by `coursework build` of the cells marked module="pair" in\n'
        'lessons/00-a/two.md: change them, not this file.\n"""\n\n'
        '__all__ = [\n    "hypotenuse",\n]\n\n'
        "import math\n\n\n"
        'def hypotenuse(a, b):\n    """Return the longest side."""\n'
        "    return _root(a**2 + b**2)\n\n\n"
        "def _root(x):\n    return math.sqrt(x)\n"
    )
    assert check(with_module).errors == ()


def test_check_module_edited_by_hand(with_module: Course) -> None:
    """A module that was edited is stale, and building the lesson makes it anew."""
    path = with_module.root / "coursework" / "built" / "pair.py"
    edit(path, "a**2", "a**3")
    assert messages(check(with_module)) == [
        "coursework/built/pair.py is stale: run `coursework build 00-a/two`"
    ]
    assert list(map(str, build(with_module).written)) == ["coursework/built/pair.py"]


def test_build_module_over_other_code(with_module: Course) -> None:
    """A module of another lesson, and one that people wrote, are left alone."""
    add_lesson(with_module, "three")
    (error,) = build(with_module).errors
    assert isinstance(error, LessonError)
    assert (error.path.name, error.line) == ("two.md", 8)
    assert "already a module coursework.built.pair" in error.message

    (with_module.lessons / "00-a" / "three.md").unlink()
    path = with_module.root / "coursework" / "built" / "pair.py"
    path.write_text("by hand = 1\n")
    assert "already a module coursework.built.pair" in messages(build(with_module))[0]
    assert path.read_text() == "by hand = 1\n"


def test_build_unknown_name(course: Course) -> None:
    """An unknown name is wrong use, not an empty build."""
    with pytest.raises(ConfigError, match="is called 07-x"):
        build(course, "07-x")
