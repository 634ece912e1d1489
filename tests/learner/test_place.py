"""A place to work in: begin, check, show, reset, update, as a learner types it."""

import json
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from classroom import DOUBLING, MEAN, cell, generate_assignment, release, write_lesson
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from coursework.cli import main
from coursework.course.layout import Course
from coursework.learner.place import work_place
from coursework.learner.status import status

OWN = Path("work") / "a1" / "doubling.ipynb"
RIGHT = "def double(x):\n    return x + x"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return what types a command in the course's folder: its exit code, stdout and stderr."""
    monkeypatch.chdir(course)

    def typed(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(list(words))
        return int(ended.value.code or 0), *capsys.readouterr()

    return typed


def answer(path: Path, **answers: str) -> NotebookNode:
    """Write answers into a notebook, as a learner saves it."""
    notebook = nbformat.read(path, as_version=4)
    for name, text in answers.items():
        cell(notebook, name).source = text
    nbformat.write(notebook, path)
    return notebook


def source(path: Path, name: str) -> str:
    """Return the content of a cell in a notebook."""
    return cell(nbformat.read(path, as_version=4), name).source


# -- start


def test_start_begins_the_next_lesson(course: Path, run: Run) -> None:
    """Without a name the first lesson that is not begun is copied, then the next."""
    code, out, _ = run("start")
    assert code == 0
    assert "copied work/a1/doubling.ipynb" in out
    assert "coursework check a1/doubling" in out
    assert OWN.read_bytes() == (course / "release/a1/doubling.ipynb").read_bytes()
    assert not (course / "work/a1/mean.ipynb").exists()
    assert "copied work/a1/mean.ipynb" in run("start")[1]
    code, _, err = run("start")
    assert (code, "every lesson is begun" in err) == (2, True)


def test_start_never_writes_over_what_is_there(course: Path, run: Run) -> None:
    """Of an assignment what is missing is copied, files beside it too; the rest is left."""
    (course / "release/a1/data.csv").write_text("1,2\n")
    run("start", "a1/doubling")
    answer(OWN, double=RIGHT)
    Path("work/a1/data.csv").write_text("mine\n")
    before = OWN.read_bytes()
    code, out, _ = run("start", "a1")
    assert code == 0
    assert OWN.read_bytes() == before
    assert Path("work/a1/data.csv").read_text() == "mine\n"
    for line in (
        "copied work/a1/mean.ipynb",
        "left as it is: work/a1/doubling.ipynb",
        "left as it is: work/a1/data.csv",
    ):
        assert line in out


def test_start_takes_answers_of_release_along(course: Path, run: Run) -> None:
    """Work done in `release/` continues in `work/`, and the command says so."""
    answer(course / "release/a1/doubling.ipynb", double=RIGHT)
    kept = set(course.glob("released/a1/doubling/*"))
    code, out, _ = run("start", "doubling")
    assert (code, source(OWN, "double")) == (0, RIGHT)
    assert "with the answers in release/a1/doubling.ipynb" in out
    assert set(course.glob("released/a1/doubling/*")) == kept


# -- bad input: one line with the remedy


@pytest.mark.parametrize(
    ("words", "texts"),
    [
        (("start", "a2"), ["no lesson is called a2", "did you mean a1", "coursework status"]),
        (("start", "a1/dobling"), ["did you mean a1/doubling"]),
        (("show", "duoble"), ["no exercise is called duoble", "did you mean double"]),
        (("reset", "a1/doubling", "sqare"), ["no exercise sqare", "did you mean square"]),
        (("show", "a1/doubling"), ["name an exercise", "double, square, why"]),
        (("show", "double"), ["not attempted in work/a1/doubling.ipynb", "--now"]),
        (
            ("reset", "double"),
            ["work/a1/doubling.ipynb is not there", "coursework start a1/doubling"],
        ),
        (("check",), ["no lesson is begun", "coursework start"]),
        (("check", "a1/doubling"), ["is not there", "coursework start a1/doubling"]),
        (("check", "work/a1/mean.ipynb"), ["does not exist", "coursework start a1/mean"]),
        (("check", "a1"), ["a1 has 2 lessons"]),
        (("update",), ["no lesson is begun", "coursework start"]),
        (("update", "a1/mean"), ["work/a1/mean.ipynb is not there", "coursework start a1/mean"]),
    ],
)
def test_wrong_names_are_told_in_a_line(run: Run, words: tuple[str, ...], texts: list[str]) -> None:
    """What is not there ends with 2 and one line that says what to type instead."""
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    (line,) = err.splitlines()
    assert [text for text in texts if text not in line] == []


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"",
        b"[]",
        b"\xff\xfe",
        b'{"cells": 3, "nbformat": 4}',
        b'{"cells": [{"cell_type": "code"}], "nbformat": 4, "nbformat_minor": 5, "metadata": {}}',
    ],
)
@pytest.mark.parametrize(
    "words", [("check", "a1/doubling"), ("show", "double"), ("reset", "double"), ("update",)]
)
def test_damaged_notebook(run: Run, words: tuple[str, ...], content: bytes) -> None:
    """A damaged notebook is named in one line and left; the map shows it and continues."""
    run("start", "a1")
    OWN.write_bytes(content)
    code, _, err = run(*words)
    (line,) = err.splitlines()
    assert (code, "work/a1/doubling.ipynb is damaged" in line) == (2, True)
    assert "coursework start a1/doubling" in line
    assert OWN.read_bytes() == content
    code, out, _ = run("status")
    assert (code, "cannot be read" in out, "is damaged" in out) == (0, True, True)


@pytest.mark.parametrize("words", [("start",), ("status",), ("check",), ("update",)])
def test_work_is_a_file(course: Path, run: Run, words: tuple[str, ...]) -> None:
    """Where `work` is a file, one line says so."""
    (course / "work").write_text("mine")
    code, _, err = run(*words)
    (line,) = err.splitlines()
    assert (code, "is a file" in line, "rename it" in line) == (2, True, True)
    assert (course / "work").read_text() == "mine"


def test_no_right_to_write(course: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """If nothing can be written, one line says so; a check still shows what it found."""
    run("start", "doubling")
    answer(OWN, double=RIGHT)
    before = OWN.read_bytes()

    def refuse(path: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "write_bytes", refuse)
    monkeypatch.setattr(Path, "write_text", refuse)
    for words in (("start", "mean"), ("reset", "double")):
        code, _, err = run(*words)
        (line,) = err.splitlines()
        assert (code, "cannot be written: Permission denied" in line) == (2, True)
    code, out, err = run("check", "doubling")
    assert (code, "✓ double  3/3" in out, "warning: " in err) == (1, True, True)
    assert OWN.read_bytes() == before
    assert [path.name for path in (course / "work/a1").iterdir()] == ["doubling.ipynb"]


def test_same_name_in_two_lessons(course: Path, run: Run) -> None:
    """An exercise that two lessons have is that of the one begun; else both are named."""
    write_lesson(
        course,
        "mean",
        MEAN + DOUBLING[DOUBLING.index("```python exercise") :].partition("## Squares")[0],
    )
    generate_assignment(course)
    code, _, err = run("show", "double", "--now")
    assert (code, "a1/doubling, a1/mean" in err) == (2, True)
    assert "coursework show a1/doubling double" in err
    assert run("show", "a1/mean", "double", "--now")[0] == 0
    run("start", "mean")
    answer(Path("work/a1/mean.ipynb"), double=RIGHT)
    assert run("show", "double")[0] == 0
    run("start", "doubling")
    assert run("show", "double")[0] == 2


# -- check, show, reset


def test_check_of_a_lesson_and_of_an_exercise(course: Path, run: Run) -> None:
    """By name, by exercise, by file or by nothing: the reader's notebook; the map shows points."""
    run("start", "a1")
    answer(OWN, double=RIGHT)
    code, out, _ = run("check", "a1/doubling")
    assert (code, "✓ double  3/3" in out, "✗ square  0/2" in out) == (1, True, True)
    for words in (("double",), ("a1/doubling", "double"), (str(OWN), "double")):
        code, out, _ = run("check", *words)
        assert (code, "3 of 3 points" in out, "square" in out) == (0, True, False)
    assert "3 of 5 points" in run("check", str(OWN))[1]
    assert "3 of 5 points" in run("check")[1]
    (first, second) = status(work_place(Course(course))).lessons
    assert (first.points, first.max_points, first.is_saved_since) == (3.0, 5.0, False)
    assert (second.points, second.is_begun, second.is_done) == (0.0, True, False)
    code, _, err = run("check", "why")
    assert (code, "coursework show a1/doubling why" in err) == (2, True)


def test_check_of_a_file_elsewhere_is_not_the_readers(run: Run, tmp_path: Path) -> None:
    """A copy anywhere can be checked, and its points are not put on the map."""
    run("start", "a1/doubling")
    shutil.copy(OWN, tmp_path / "copy.ipynb")
    answer(tmp_path / "copy.ipynb", double=RIGHT, square="def square(x):\n    return x * x")
    assert run("check", str(tmp_path / "copy.ipynb"))[0] == 0
    assert not Path("work/results.json").exists()


def test_show_after_an_attempt(run: Run) -> None:
    """The solution and the model answer, without markers and mark scheme."""
    run("start", "a1/doubling")
    answer(OWN, double="def double(x):\n    return 3 * x", why="*Your answer:*\n\nBecause.")
    code, out, _ = run("show", "double")
    assert (code, out) == (0, 'def double(x):\n    """Return 2x."""\n    return 2 * x\n')
    code, out, _ = run("show", "a1/doubling", "why")
    assert code == 0
    assert "even number of minus signs" in out
    assert not [text for text in ("points", "SOLUTION", "SCHEME") if text in out]
    assert run("show", "square")[0] == 2
    assert "return x * x" in run("show", "square", "--now")[1]


def test_show_takes_an_answer_in_a_cell_of_ones_own(run: Run) -> None:
    """An attempt counts wherever grading would find it."""
    run("start", "a1/doubling")
    notebook = nbformat.read(OWN, as_version=4)
    notebook.cells.append(new_code_cell(RIGHT))
    nbformat.write(notebook, OWN)
    assert run("show", "double")[0] == 0
    assert "still answers double" in run("reset", "double")[1]


def test_reset_keeps_the_answer(course: Path, run: Run) -> None:
    """The stub is back, everything else is as it was, and each answer has a file of its own."""
    run("start", "a1/doubling")
    answer(OWN, double=RIGHT, square="square = abs", why="*Your answer:*\n\nOne. ½")
    run("check", "double")
    stub = source(course / "release/a1/doubling.ipynb", "double")
    code, out, _ = run("reset", "double")
    assert (code, source(OWN, "double"), source(OWN, "square")) == (0, stub, "square = abs")
    kept = Path("work/kept/a1/doubling/double-1.py")
    assert (kept.read_text(), str(kept) in out) == (RIGHT + "\n", True)
    assert status(work_place(Course(course))).lessons[0].points == 0
    answer(OWN, double="double = abs")
    assert "double-2.py" in run("reset", "a1/doubling", "double")[1]
    assert kept.read_text() == RIGHT + "\n"
    assert "there was nothing to keep" in run("reset", "double")[1]
    assert "why-1.md" in run("reset", "why")[1]
    assert "One. ½" in Path("work/kept/a1/doubling/why-1.md").read_text()


def test_reset_of_a_cell_that_is_gone(course: Path, run: Run) -> None:
    """A stub whose cell was deleted returns to its place in the lesson."""
    run("start", "a1/doubling")
    notebook = nbformat.read(OWN, as_version=4)
    notebook.cells = [one for one in notebook.cells if one is not cell(notebook, "square")]
    nbformat.write(notebook, OWN)
    assert run("reset", "square")[0] == 0
    assert OWN.read_bytes() == (course / "release/a1/doubling.ipynb").read_bytes()


# -- update

CORRECTED = (
    DOUBLING.replace("Return x squared.", "Return the square of a number x.")
    .replace(
        "check.equal(double(1), 2)\n", "check.equal(double(1), 2)\ncheck.equal(double(2), 4)\n"
    )
    .replace("Why is a square never negative?", "Why is no square negative?")
    .replace("## Squares", "Once more.\n\n```python\nFACTOR = 2\n```\n\n## Squares")
)


def test_update_keeps_what_was_written(course: Path, run: Run) -> None:
    """Answers and own cells stay where they were; everything else is as now handed out."""
    run("start", "a1")
    notebook = answer(OWN, double=RIGHT, why="*Your answer:*\n\nBecause.")
    after = notebook.cells.index(cell(notebook, "double")) + 1
    notebook.cells.insert(after, new_code_cell("double(3)", id="mine"))
    notebook.cells.append(new_markdown_cell("A note."))
    cell(notebook, "double").outputs = [nbformat.v4.new_output("stream", text="kept")]
    cell(notebook, "test_double").outputs = [nbformat.v4.new_output("stream", text="✓ old")]
    nbformat.write(notebook, OWN)
    before = OWN.read_bytes()
    assert run("update")[1].splitlines() == ["a1/doubling is up to date", "a1/mean is up to date"]
    release(course, CORRECTED)
    code, out, _ = run("update")
    assert code == 0
    assert "a1/mean is up to date" in out
    for text in (
        "work/kept/a1/doubling/doubling-1.ipynb",
        "`test_double`",
        "`square`",
        "“Why is no square",
    ):
        assert text in out
    assert Path("work/kept/a1/doubling/doubling-1.ipynb").read_bytes() == before
    new = nbformat.read(course / "release/a1/doubling.ipynb", as_version=4)
    now = nbformat.read(OWN, as_version=4)
    own = [one for one in now.cells if one.source in ("double(3)", "A note.")]
    assert now.cells[now.cells.index(cell(now, "double")) + 1].source == "double(3)"
    assert now.cells[-1].source == "A note."
    rest = [one for one in now.cells if one not in own]
    assert [one.id for one in rest] == [one.id for one in new.cells]
    expected = {one.id: one.source for one in new.cells}
    expected |= {"double": RIGHT, "why": "*Your answer:*\n\nBecause."}
    assert {one.id: one.source for one in rest} == expected
    assert [one.text for one in cell(now, "double").outputs] == ["kept"]
    assert cell(now, "test_double").outputs == []
    assert run("update", "a1/doubling")[1] == "a1/doubling is up to date\n"
    assert "✓ double  3/3" in run("check", "doubling")[1]


@pytest.mark.parametrize("is_kept", [True, False])
def test_update_of_a_notebook_whose_release_nobody_kept(
    course: Path, run: Run, *, is_kept: bool
) -> None:
    """What the notebook itself reveals about its release is enough; deleted cells stay deleted."""
    run("start", "a1/doubling")
    notebook = answer(OWN, double=RIGHT)
    notebook.cells.remove(cell(notebook, "why"))
    nbformat.write(notebook, OWN)
    if not is_kept:
        shutil.rmtree(course / "released")
    assert run("update")[1] == "a1/doubling is up to date\n"
    release(course, CORRECTED)
    if not is_kept:
        shutil.rmtree(course / "released")
    assert run("update")[1].startswith("a1/doubling is updated")
    assert "double(2), 4" in source(OWN, "test_double")
    assert source(OWN, "double") == RIGHT
    assert run("update")[1] == "a1/doubling is up to date\n"


def test_update_goes_on_after_a_damaged_notebook(course: Path, run: Run) -> None:
    """One notebook that cannot be read costs itself."""
    run("start", "a1")
    Path("work/a1/mean.ipynb").write_text("{")
    release(course, CORRECTED)
    code, out, err = run("update")
    assert (code, "a1/doubling is updated" in out) == (2, True)
    assert "work/a1/mean.ipynb is damaged" in err


def test_update_of_an_answer_whose_exercise_is_gone(course: Path, run: Run) -> None:
    """What was written for it stays, as a cell of the reader's own."""
    run("start", "a1/doubling")
    answer(OWN, square="def square(x):\n    return x * x")
    shorter = DOUBLING[: DOUBLING.index("## Squares")]
    release(course, shorter)
    code, out, _ = run("update", "a1/doubling")
    assert (code, "gone: " in out, "`test_square`" in out) == (0, True, True)
    (kept,) = (one for one in nbformat.read(OWN, as_version=4).cells if "x * x" in one.source)
    assert "nbgrader" not in kept.metadata


# -- status


def test_status_says_what_comes_next(run: Run) -> None:
    """Begin, answer, check, begin the next: each step is the one that is due."""
    steps = [run("status")[1].splitlines()[-1]]
    run("start", "a1/doubling")
    steps.append(run("status")[1].splitlines()[-1])
    answer(OWN, double=RIGHT)
    steps.append(run("status")[1].splitlines()[-1])
    run("check")
    steps.append(run("status")[1].splitlines()[-1])
    answer(OWN, square="def square(x):\n    return x * x", why="*Your answer:*\n\nSo.")
    run("check")
    steps.append(run("status")[1].splitlines()[-1])
    assert steps == [
        "Next: begin Doubling: `coursework start a1/doubling`",
        "Next: answer double in work/a1/doubling.ipynb, then `coursework check a1/doubling`",
        "Next: `coursework check a1/doubling` judges work/a1/doubling.ipynb as it is saved now",
        "Next: continue with square in work/a1/doubling.ipynb, then `coursework check a1/doubling`",
        "Next: begin The mean: `coursework start a1/mean`",
    ]
    found = json.loads(run("status", "--json")[1])
    assert [one["is_done"] for one in found["lessons"]] == [True, False]
    assert "✓ square  2 of 2 points" in run("status", "a1/doubling")[1]


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", '{"a1/doubling": 3}', '{"a1/doubling": {"exercises": {"double": "x"}}}'],
)
def test_status_trusts_no_file_of_results(run: Run, content: str) -> None:
    """A damaged file of results is as none, and the next check writes it anew."""
    run("start", "a1/doubling")
    answer(OWN, double=RIGHT)
    Path("work/results.json").write_text(content)
    assert "0 of 5 points" in run("status")[1]
    run("check", "double")
    assert "3 of 5 points" in run("status")[1]


def test_status_of_a_test_that_does_not_count(course: Path, run: Run) -> None:
    """A void test gives no points, and what is left makes the lesson whole."""
    text = DOUBLING.replace('test="square" points=2', 'test="square" points=2 void="It was wrong."')
    release(course, text)
    run("start", "a1/doubling")
    answer(OWN, double=RIGHT, why="*Your answer:*\n\nSo.")
    assert run("check")[0] == 0
    assert "3 of 3 points" in run("status")[1]
    assert "✓ square" in run("status", "doubling")[1]


def test_status_of_planned_lessons(course: Path, run: Run) -> None:
    """Planned lessons are on the map in teaching order, and cannot be begun."""
    order = '[[a1]]\nlesson = "mean"\n[[a1]]\nlesson = "doubling"\n[[a2]]\nlesson = "later"\nplanned = "Later"\n'
    (course / "lessons/order.toml").write_text(order)
    lines = run("status")[1].splitlines()
    assert ["mean" in lines[1], "doubling" in lines[2], "planned" in lines[4]] == [True] * 3
    code, _, err = run("start", "a2/later")
    assert (code, "is planned" in err) == (2, True)
    assert "copied work/a1/mean.ipynb" in run("start")[1]


def test_work_keeps_its_rights(run: Run) -> None:
    """A notebook that is written again can be read by whom it could be read before."""
    run("start", "a1/doubling")
    answer(OWN, double=RIGHT)
    OWN.chmod(0o600)
    run("reset", "double")
    assert stat.S_IMODE(OWN.stat().st_mode) == 0o600
