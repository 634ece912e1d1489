"""A reader's own check of a notebook: any name, anywhere, nothing recorded."""

import json
import shutil
from pathlib import Path

import pytest
from classroom import answered
from rich.console import Console

from coursework.cli import main
from coursework.course.layout import Course
from coursework.errors import ConfigError
from coursework.learner.self_check import Checked, as_lines, check_notebook, to_json

MISTAKES = """[[square]]
old = "x * x"
new = "x + x"
hint = "A square is a product."
"""


def written(course: Path, path: Path, **answers: str) -> Path:
    """Write a student's notebook to `path`."""
    path.write_text(json.dumps(answered(course, **answers)))
    return path


def text_of(checked: Checked) -> str:
    """Return what people see."""
    console = Console(width=100)
    with console.capture() as capture:
        console.print(as_lines(checked))
    return capture.get()


def test_check_right(course: Path, tmp_path: Path) -> None:
    """A right notebook is found by its cells, whatever its name, and gets full marks."""
    checked = check_notebook(Course(course), written(course, tmp_path / "mine.ipynb"))
    assert checked.is_full
    assert (checked.report.assignment, checked.report.notebook) == ("a1", "doubling")
    assert (checked.report.points, checked.by_hand, checked.notes) == (5.0, 2.0, ())
    assert "5 of 5 points\nand 2 for questions" in text_of(checked)


HOSTILE = "\x1b]0;t\x07\x1b[2J\x9b2J\u202e\r\x08[bold]"


@pytest.mark.parametrize(
    "answers",
    [
        {"square": f"def square(x):\n    raise ValueError({HOSTILE!r})"},
        {"square": f"def square(x):\n    return {HOSTILE!r}"},
        {"square": f"raise ValueError({HOSTILE!r})"},
        {"square": f"def square(x):\n    return type({HOSTILE!r}, (), {{}})()"},
        {"square": f"class E(Exception): pass\nE.__name__ = {HOSTILE!r}\ndef square(x): raise E"},
    ],
)
def test_check_prints_nothing_that_acts_on_a_terminal(
    course: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    answers: dict[str, str],
) -> None:
    """What an answer raises, returns or is called is shown, its escapes as codes."""
    monkeypatch.chdir(course)
    path = written(course, tmp_path / "doubling.ipynb", **answers)
    with pytest.raises(SystemExit):
        main(["check", str(path)])
    printed = "".join(capsys.readouterr())
    assert "square" in printed
    assert not set("\x1b\x07\x9b\u202e\r\x08") & set(printed)


def test_check_wrong(course: Path, tmp_path: Path) -> None:
    """Lost points have a cause, and a hint where a known mistake fits; so has the JSON."""
    (course / "lessons" / "a1" / "doubling.mistakes.toml").write_text(MISTAKES)
    answers = {"double": "def double(x):\n    return 2 * x", "square": "square = lambda x: x + x"}
    path = written(course, tmp_path / "doubling.ipynb", **answers)
    checked = check_notebook(Course(course), path)
    text = text_of(checked)
    assert not checked.is_full
    for line in ("✓ double  3/3", "✗ square  0/2", "3 of 5 points", "Hint: A square is a product."):
        assert line in text
    (double, square) = json.loads(to_json(checked))["exercises"]
    assert (double["points"], square["points"]) == (3.0, 0.0)
    assert square["tests"][0]["hints"] == ["A square is a product."]
    assert "expected" in square["tests"][0]["message"]


def test_check_repairs(course: Path, tmp_path: Path) -> None:
    """A notebook is repaired as at grading, and the repairs are reported."""
    notebook = answered(course)
    notebook.cells = [c for c in notebook.cells if c.metadata.get("test") != "square"]
    path = tmp_path / "n.ipynb"
    path.write_text(json.dumps(notebook))
    checked = check_notebook(Course(course), path)
    assert checked.is_full
    assert "note: Cells were missing and were put back" in text_of(checked)


def test_check_records_nothing(course: Path, tmp_path: Path) -> None:
    """Nothing in the course's folder changes: no gradebook, no secret."""
    files = {path for path in course.rglob("*") if "__pycache__" not in path.parts}
    check_notebook(Course(course), written(course, tmp_path / "mine.ipynb"))
    assert {path for path in course.rglob("*") if "__pycache__" not in path.parts} == files


@pytest.mark.parametrize(
    ("text", "message"),
    [("", "is empty"), ('{"cells": [], "nbformat": 4, "metadata": {}}', "holds no cell of one")],
)
def test_check_of_no_lesson(course: Path, tmp_path: Path, text: str, message: str) -> None:
    """A file that belongs to no lesson is an error that says why."""
    path = tmp_path / "other.ipynb"
    path.write_text(text)
    with pytest.raises(ConfigError, match=message):
        check_notebook(Course(course), path)


def test_check_unreadable(course: Path, tmp_path: Path) -> None:
    """A damaged file with the name of a lesson gets 0, with the cause."""
    path = tmp_path / "doubling.ipynb"
    path.write_text("{")
    checked = check_notebook(Course(course), path)
    assert checked.report.points == 0
    assert "cannot be read as JSON" in text_of(checked)


def test_check_same_name_elsewhere(course: Path, tmp_path: Path) -> None:
    """Of two lessons with the same cells the one in the notebook's own folder is meant."""
    for tree in ("source", "release"):
        shutil.copytree(course / tree / "a1", course / tree / "a0")
    folder = tmp_path / "a1"
    folder.mkdir()
    checked = check_notebook(Course(course), written(course, folder / "doubling.ipynb"))
    assert checked.report.assignment == "a1"


def test_command(
    course: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Lost points end with 1, a file that does not exist with 2."""
    monkeypatch.chdir(course)
    path = written(course, tmp_path / "mine.ipynb", double="double = abs")
    with pytest.raises(SystemExit) as ended:
        main(["check", str(path), "--json"])
    assert ended.value.code == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["lesson"], found["points"]) == ("a1/doubling", 0.0)
    with pytest.raises(SystemExit) as ended:
        main(["check", str(tmp_path / "none.ipynb")])
    assert ended.value.code == 2
