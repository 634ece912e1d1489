"""A submitted notebook is found under other names, and graded again when it changes."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from classroom import ANSWERS, ASSIGNMENT, NOTEBOOKS, read, submit, submit_all
from nbformat import NotebookNode

from coursework.batch.export import rows
from coursework.batch.grade import Result, grade
from coursework.course.layout import Course
from coursework.submissions import locate
from coursework.submissions.locate import Desk, holds_cells_of
from coursework.submissions.read import parse_submission

FOREIGN = {
    "browser": "doubling (1).ipynb",
    "file manager": "Copy of doubling.ipynb",
    "platform": "doejane_12345_678901_doubling-1.ipynb",
    "own name": "jdoe doubling.ipynb",
    "underscore": "Doubling_final.IPYNB",
    "another lesson's": "homework 1.ipynb",
    "saved as text": "doubling.ipynb.txt",
    "saved as json": "doubling.json",
    "nested": "a1/doubling.ipynb",
    "nested twice": "week 3/a1/work/Untitled.ipynb",
    "no letters": "作业\u202e.ipynb",
}


def run(root: Path, **options: object) -> Result:
    """Grade the course's assignment."""
    return grade(Course(root), ASSIGNMENT, n_workers=1, **options)


def points(result: Result) -> dict[str, float]:
    """Return the points of each student's notebook `doubling`."""
    return {one.student: one.points for one in result.scores if one.notebook == "doubling"}


def rename(path: Path, name: str) -> Path:
    """Give a submitted notebook another name, relative to its folder."""
    target = path.parent / name
    target.parent.mkdir(parents=True, exist_ok=True)
    return path.rename(target)


def test_grade_notebooks_under_other_names(course: Path) -> None:
    """Whatever a browser or a platform made of the name, the notebook counts, with a note."""
    for student, name in FOREIGN.items():
        rename(submit(course, student), name)
        submit(course, student, "mean")
    result = run(course)
    assert points(result) == dict.fromkeys(FOREIGN, 5.0)
    for student in FOREIGN:
        (note,) = result.notes[student, "doubling"]
        assert "was taken. Call it doubling.ipynb." in note
        assert (student, "mean") not in result.notes
    assert "“week 3/a1/work/Untitled.ipynb”" in result.notes["nested twice", "doubling"][0]
    assert "\u202e" not in result.notes["no letters", "doubling"][0]
    assert run(course).skipped == len(FOREIGN)


def lose_marks(notebook: NotebookNode) -> None:
    """Lose all marks and ids, as by a copy into another program."""
    for number, node in enumerate(notebook.cells):
        node.metadata, node.id = {}, f"c{number}"


def test_grade_foreign_name_without_marks(course: Path) -> None:
    """Where the marks are lost, too, most of the texts tell the lesson."""
    rename(submit(course, "ada", change=lose_marks), "x.ipynb")
    rename(submit(course, "ada", "mean", lose_marks), "y.ipynb")
    result = run(course)
    assert [one.points for one in result.scores] == [5.0, 5.0]


@pytest.mark.parametrize("content", [b"", b"{", b"<html>", None])
def test_grade_repaired_copy_beside_a_broken_file(course: Path, content: bytes | None) -> None:
    """Where the file of the right name cannot be read, a copy that can is taken."""
    path = submit(course, "ada")
    shutil.copy(path, path.with_name("doubling-2.ipynb"))
    path.unlink()
    path.mkdir() if content is None else path.write_bytes(content)
    result = run(course)
    assert points(result) == {"ada": 5.0}
    assert "“doubling-2.ipynb” holds its cells" in result.notes["ada", "doubling"][0]


def several(path: Path) -> None:
    """Leave two notebooks that differ."""
    other = rename(path, "a.ipynb").with_name("b.ipynb")
    other.write_text((path.parent / "a.ipynb").read_text().replace("x + x", "3 * x"))


def other_lesson(path: Path) -> None:
    """Leave the notebook of another lesson."""
    path.unlink()
    rename(submit(path.parents[3], path.parents[1].name, "mean"), "doubling-1.ipynb")


def other_files(path: Path) -> None:
    """Leave a file that is not a notebook."""
    path.unlink()
    for name in ("answers.docx", "doubling.zip", "photo.jpg", "z.txt"):
        (path.parent / name).write_text("x")


def linked(path: Path) -> None:
    """Leave a link to the lesson's solution."""
    path.unlink()
    (path.parent / "d.ipynb").symlink_to(path.parents[3] / "source" / ASSIGNMENT / "doubling.ipynb")


@pytest.mark.parametrize(
    ("leave", "told"),
    [
        (several, "“a.ipynb”, “b.ipynb” hold its cells: leave the one that counts."),
        (other_lesson, "What lies there: “doubling-1.ipynb”."),
        (other_files, "What lies there: “answers.docx”, “doubling.zip”, “photo.jpg”, …."),
        (linked, "What lies there: “d.ipynb”."),
    ],
)
def test_grade_what_is_not_the_notebook_is_named(
    course: Path, leave: Callable[[Path], None], told: str
) -> None:
    """Where no one notebook is the lesson's, the note says what lies there, and nobody guesses."""
    leave(submit(course, "ada"))
    result = run(course)
    assert points(result) == {"ada": 0.0}
    assert result.notes["ada", "doubling"][1:] == (told,)
    causes = {row.cell: row.cause for row in rows(course, ASSIGNMENT)}
    assert "was not submitted" in causes["test_double"]


def test_locate_passes_over_what_systems_leave(tmp_path: Path, course_template: Path) -> None:
    """Check-points, resource forks and the exchange's own files are nobody's submission."""
    release = read(course_template, "release")
    for name in (".ipynb_checkpoints/d-checkpoint.ipynb", "__MACOSX/a.ipynb", "._d.ipynb"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(json.dumps(release))
    (tmp_path / "timestamp.txt").write_text("2030-01-01 12:00:00 UTC")
    read_ = Desk(tmp_path, NOTEBOOKS).read("doubling", release)
    assert not read_.is_readable
    assert read_.notes == (
        "doubling.ipynb was not submitted, so it gets 0; submit it under exactly this name.",
    )


def test_locate_reads_no_more_than_one_notebook_may_hold(
    tmp_path: Path, course_template: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many files cost no more than one large one: those beyond are not looked into."""
    release = read(course_template, "release")
    text = json.dumps(release)
    (tmp_path / "z.ipynb").write_text(text)
    (tmp_path / "a.ipynb").write_text(" " * len(text))
    monkeypatch.setattr(locate, "MAX_FILE_BYTES", 2 * len(text) - 1)
    assert not Desk(tmp_path, NOTEBOOKS).read("doubling", release).is_readable
    monkeypatch.setattr(locate, "MAX_FILE_BYTES", 2 * len(text))
    assert Desk(tmp_path, NOTEBOOKS).read("doubling", release).is_readable


def test_holds_cells_of_no_other_lesson(course_template: Path) -> None:
    """Each lesson's notebook is its own, marks or no marks; an empty one is nobody's."""
    lessons = {name: read(course_template, "release", name) for name in NOTEBOOKS}
    for name, lesson in lessons.items():
        for other, notebook in lessons.items():
            assert holds_cells_of(notebook, lesson) == (name == other)
            lost = parse_submission(json.dumps(notebook).encode(), "n").notebook
            lose_marks(lost)
            assert holds_cells_of(lost, lesson) == (name == other)
        empty = parse_submission(b'{"cells": []}', "n").notebook
        assert not holds_cells_of(empty, lesson)


def correct(path: Path) -> None:
    """Put a corrected file in the place of the wrong one."""
    shutil.copy(path.parents[3] / "right.ipynb", path)


def mend_in_place(path: Path) -> None:
    """Correct a line of the file, whose size and time stay."""
    before = path.stat()
    path.write_text(path.read_text().replace("x - x", "x + x"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size


def leave_one(path: Path) -> None:
    """Remove one of two notebooks under other names."""
    (path.parent / "wrong.ipynb").unlink()


WRONG = {"double": "def double(x):\n    return x - x", "square": ANSWERS["square"]}


@pytest.mark.parametrize("stamped", [True, False])
@pytest.mark.parametrize("change", [correct, mend_in_place, leave_one])
def test_grade_corrected_submission_again(
    course: Path, change: Callable[[Path], None], *, stamped: bool
) -> None:
    """A file that was corrected, renamed or removed is graded again, whatever the time stamp."""
    submit(course, "right").rename(course / "right.ipynb")
    shutil.rmtree(course / "submitted/right")
    path = submit_all(course, "ada") / "doubling.ipynb"
    submit(course, "ada", **WRONG)
    if not stamped:
        (path.parent / "timestamp.txt").unlink()
    if change is leave_one:
        rename(path, "wrong.ipynb")
        shutil.copy(course / "right.ipynb", path.with_name("right.ipynb"))
    before = points(run(course))
    assert before == {"ada": 0.0 if change is leave_one else 2.0}
    assert run(course).skipped == 1
    change(path)
    result = run(course)
    assert (result.graded, points(result)) == (1, {"ada": 5.0})
    assert run(course).skipped == 1


def test_grade_renamed_file_again(course: Path) -> None:
    """A wrong file that gets its right name is graded then; its note is gone."""
    path = submit(course, "ada")
    submit(course, "ada", "mean")
    other = rename(path, "answers.zip")
    assert points(run(course)) == {"ada": 0.0}
    other.rename(path)
    result = run(course)
    assert (result.graded, points(result), result.notes) == (1, {"ada": 5.0}, {})


@pytest.mark.parametrize("lose", [Path.unlink, lambda path: path.write_text("{")])
def test_grade_lost_file_keeps_its_marks(course: Path, lose: Callable[[Path], None]) -> None:
    """A file that is damaged or removed after grading was not corrected: only --force takes it."""
    path = submit_all(course, "ada") / "doubling.ipynb"
    run(course)
    lose(path)
    result = run(course)
    assert (result.skipped, points(result)) == (1, {"ada": 5.0})
    assert points(run(course, force=True)) == {"ada": 0.0}


def test_export_row_without_a_verdict_says_why(course: Path) -> None:
    """Where the graded notebook is lost, the rows that lack points say what to do."""
    submit(course, "ada", **WRONG)
    run(course)
    (course / "autograded/ada" / ASSIGNMENT / "doubling.ipynb").unlink()
    causes = {row.cell: row.cause for row in rows(course, ASSIGNMENT)}
    assert causes["test_double"] == (
        "The graded notebook is lost: run `coursework grade a1 --student ada --force`."
    )
    assert causes["test_square"] == ""
