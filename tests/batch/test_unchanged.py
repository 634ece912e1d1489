"""What is unchanged is not graded again, and nothing else is taken for unchanged."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from classroom import ASSIGNMENT, NOTEBOOKS, autograde_again, submit, submit_all
from sqlalchemy import event
from sqlalchemy.engine import Engine

from coursework.batch.grade import Result, grade
from coursework.batch.journal import FOLDER, Journal
from coursework.course.layout import Course
from coursework.submissions.timestamps import are_of_one_time

Act = Callable[[Path], object]


def run(root: Path, **options: object) -> Result:
    """Grade the course's assignment."""
    return grade(Course(root), ASSIGNMENT, **options)


@pytest.fixture(scope="module")
def graded_template(course_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Grade a class of three."""
    root = shutil.copytree(course_template, tmp_path_factory.mktemp("unchanged") / "course")
    for student in ("ada", "bob", "carol"):
        submit_all(root, student)
    assert run(root).graded == 3
    return root


@pytest.fixture
def graded(graded_template: Path, tmp_path: Path) -> Path:
    """Give the test a graded class of its own."""
    return shutil.copytree(graded_template, tmp_path / "graded")


def submitted(root: Path, name: str = "doubling.ipynb") -> Path:
    """Return a file that ada submitted."""
    return root / "submitted/ada" / ASSIGNMENT / name


def autograded(root: Path, name: str = "doubling.ipynb") -> Path:
    """Return a graded file of ada's."""
    return root / "autograded/ada" / ASSIGNMENT / name


def rewrite(path: Path, old: str, new: str) -> None:
    """Change a text in a file, whatever its rights."""
    text = path.read_text()
    assert old in text
    path.chmod(0o644)
    path.write_text(text.replace(old, new))


@contextmanager
def counted() -> Iterator[list[str]]:
    """Give the statements that databases execute meanwhile."""
    seen: list[str] = []

    def see(*arguments: object) -> None:
        seen.append(str(arguments[2]))

    event.listen(Engine, "before_cursor_execute", see)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", see)


def test_nothing_to_do_asks_the_gradebook_as_often_for_a_class_as_for_one(graded: Path) -> None:
    """No query is made for each submission, whether it was late or not."""
    with counted() as of_class:
        assert run(graded).skipped == 3
    with counted() as of_one:
        assert run(graded, student="ada").skipped == 1
    assert len(of_class) == len(of_one)


def test_nothing_to_do_parses_no_graded_notebook(
    graded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That it lies there as it was written is enough."""

    def refuse(*_: object) -> bool:
        raise AssertionError("a notebook was read")

    monkeypatch.setattr("coursework.grading.task.Task._is_graded", refuse)
    assert run(graded).skipped == 3


@pytest.mark.parametrize(
    "act",
    [
        lambda root: shutil.rmtree(root / FOLDER),
        lambda root: (root / FOLDER / f"{ASSIGNMENT}.jsonl").write_text("{\n[]\n"),
        lambda root: rewrite(root / FOLDER / f"{ASSIGNMENT}.jsonl", '"graded": "', '"graded": "0'),
        autograde_again,
    ],
    ids=["journal lost", "journal damaged", "journal wrong", "nbgrader graded meanwhile"],
)
def test_nothing_to_do_is_found_without_the_journal(graded: Path, act: Act) -> None:
    """Then the graded notebooks are read, which say of what they were made."""
    act(graded)
    assert run(graded).skipped == 3


@pytest.mark.parametrize(
    "act",
    [
        lambda root: submit(root, "ada", double="def double(x):\n    return 3 * x"),
        lambda root: rewrite(submitted(root), '"nbformat": 4', '"nbformat":  4'),
        lambda root: submitted(root, "timestamp.txt").write_text("2031-01-01 12:00:00 UTC"),
        lambda root: submitted(root, "timestamp.txt").unlink(),
        lambda root: shutil.copy(submitted(root), submitted(root, "another.ipynb")),
        lambda root: autograded(root).unlink(),
        lambda root: rewrite(autograded(root), '"metadata"', "metadata"),
        lambda root: rewrite(autograded(root), '"digest": "', '"digest": "0'),
        lambda root: shutil.rmtree(autograded(root).parent),
    ],
    ids=[
        *("answer", "bytes", "time", "no time", "another notebook"),
        *("graded notebook lost", "damaged", "of another submission", "graded folder lost"),
    ],
)
def test_what_is_another_is_graded_again(graded: Path, act: Act) -> None:
    """The content decides, of what was submitted and of what was made of it."""
    act(graded)
    result = run(graded)
    assert (result.graded, result.skipped) == (1, 2)
    assert run(graded).skipped == 3


def test_changed_submission_keeps_no_old_mark(graded: Path) -> None:
    """A journal that has seen an older submission says nothing of the new one, nor back again."""
    right = submitted(graded).read_text()
    for answer, points in (("3 * x", 2.0), ("2 * x", 5.0), ("3 * x", 2.0)):
        rewrite(submitted(graded), right, right.replace("return x + x", f"return {answer}"))
        found = {(score.student, score.notebook): score.points for score in run(graded).scores}
        assert found["ada", "doubling"] == points
        rewrite(submitted(graded), submitted(graded).read_text(), right)
    assert run(graded).graded == 1


def test_submission_replaced_while_it_is_read_is_graded_again(
    graded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of what was it made is asked before it is read, so that a newer one is never passed over."""
    from test_grade import in_this_process  # noqa: PLC0415

    from coursework.submissions import locate  # noqa: PLC0415

    read = locate.read_submission
    wrong = submitted(graded).read_text().replace("return x + x", "return 3 * x")

    def replaced_first(path: Path, *rest: object) -> object:
        if path == submitted(graded):
            path.write_text(wrong)
        return read(path, *rest)

    monkeypatch.setattr("coursework.batch.grade.run", in_this_process)
    with monkeypatch.context() as patch:
        patch.setattr(locate, "read_submission", replaced_first)
        run(graded, student="ada", force=True)
    assert run(graded).graded == 1
    assert run(graded).graded == 0


def test_journal_names_what_was_graded(graded: Path) -> None:
    """For each notebook of each student, what it was made of."""
    found = {
        (student, name): entry for student, name, entry in Journal(graded, ASSIGNMENT).entries()
    }
    assert set(found) == {(who, name) for who in ("ada", "bob", "carol") for name in NOTEBOOKS}
    graded_from = json.loads(autograded(graded).read_text())["metadata"]["coursework"]["digest"]
    assert found["ada", "doubling"].submitted == graded_from


def test_times_are_one_where_they_say_the_same(tmp_path: Path) -> None:
    """In the same words or in others; none is like one that is none."""
    folders = [tmp_path / name for name in ("one", "other")]
    for folder in folders:
        folder.mkdir()
    assert are_of_one_time(*folders)
    (folders[0] / "timestamp.txt").write_text("2030-01-01 12:00:00 UTC")
    assert not are_of_one_time(*folders)
    (folders[1] / "timestamp.txt").write_text("2030-01-01 13:00:00+01:00")
    assert are_of_one_time(*folders)
    (folders[1] / "timestamp.txt").write_text("2030-01-01 13:00:01+01:00")
    assert not are_of_one_time(*folders)
