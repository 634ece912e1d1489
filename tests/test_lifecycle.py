"""From release to export, by nbgrader's own commands; and the same marks by either way."""

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from classroom import ANSWERS, ASSIGNMENT, NOTEBOOKS, submit, submit_all
from nbformat.v4 import new_markdown_cell
from nbgrader.api import Gradebook

from coursework.batch.export import rows
from coursework.batch.grade import grade
from coursework.course.layout import Course

pytestmark = pytest.mark.slow

BESIDE = new_markdown_cell("A square is a number times itself, and minus times minus is plus.")

# The student of the exchange is whoever runs the tests.
_USER = "import nbgrader.utils; print(nbgrader.utils.get_username())"


def nbgrader(folder: Path, *arguments: str, code: int = 0) -> str:
    """Run a command of nbgrader in a folder; return its log."""
    command = [sys.executable, "-m", "nbgrader", *arguments]
    home = folder.parent / "home"
    home.mkdir(exist_ok=True)
    environment = {**os.environ, "HOME": str(home)}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stderr
    return done.stderr


def gradebook_of(course: Path) -> dict[tuple[str, ...], tuple[object, ...]]:
    """Return all that grading writes into the gradebook, by student, notebook and cell."""
    with Gradebook(f"sqlite:///{course}/gradebook.db", "ml-from-scratch") as gradebook:
        found: dict[tuple[str, ...], tuple[object, ...]] = {}
        for submission in gradebook.assignment_submissions(ASSIGNMENT):
            student = submission.student.id
            found[student,] = submission.timestamp, submission.score
            for entry in submission.notebooks:
                found[student, entry.name] = (entry.late_submission_penalty or 0,)
                for mark in entry.grades:
                    key = student, entry.name, mark.name
                    found[key] = mark.auto_score, mark.manual_score, mark.needs_manual_grade
                for comment in entry.comments:
                    found[student, entry.name, comment.name, ""] = (comment.auto_comment,)
        return found


def files_of(course: Path) -> dict[str, bytes]:
    """Return the graded files by their paths."""
    tree = course / "autograded"
    return {
        str(path.relative_to(tree)): path.read_bytes()
        for path in tree.glob("*/*/*")
        if path.is_file()
    }


def make_exchange(folder: Path) -> tuple[str, ...]:
    """Make an exchange, and return the options by which nbgrader finds it."""
    exchange = folder / "exchange"
    exchange.mkdir()
    exchange.chmod(0o777)
    return f"--Exchange.root={exchange}", f"--Exchange.cache={folder / 'cache'}"


def test_lifecycle_from_release_to_feedback_and_export(course: Path, tmp_path: Path) -> None:
    """What students fetch, solve and submit through nbgrader is graded, fed back and exported."""
    desk = tmp_path / "desk"
    desk.mkdir()
    options = make_exchange(tmp_path)
    course_id = "--course=ml-from-scratch"
    nbgrader(course, "generate_assignment", ASSIGNMENT, "--force")
    nbgrader(course, "release_assignment", ASSIGNMENT, *options)

    nbgrader(desk, "fetch_assignment", ASSIGNMENT, course_id, *options)
    for name in NOTEBOOKS:
        path = desk / ASSIGNMENT / f"{name}.ipynb"
        assert "HIDDEN" not in path.read_text()
        solved = submit(course, "template", name)
        path.write_bytes(solved.read_bytes())
    shutil.rmtree(course / "submitted")
    nbgrader(desk, "submit", ASSIGNMENT, course_id, *options)

    nbgrader(course, "collect", ASSIGNMENT, *options)
    nbgrader(course, "autograde", ASSIGNMENT)
    nbgrader(course, "generate_feedback", ASSIGNMENT)
    nbgrader(course, "export", f"--to={tmp_path / 'marks.csv'}")

    user = subprocess.run(
        [sys.executable, "-c", _USER], capture_output=True, text=True, check=True
    ).stdout.strip()
    feedback = course / "feedback" / user / ASSIGNMENT
    assert sorted(path.stem for path in feedback.glob("*.html")) == sorted(NOTEBOOKS)
    assert "reference.double(x)" not in (feedback / "doubling.html").read_text()
    with (tmp_path / "marks.csv").open() as file:
        (row,) = csv.DictReader(file)
    assert (row["student_id"], float(row["score"]), float(row["max_score"])) == (user, 10, 12)
    # The time stamp of the exchange is newer than none, so nothing is graded twice.
    assert grade(Course(course), ASSIGNMENT).skipped == 1


def test_lifecycle_handed_out_by_hand_blames_nobody(course: Path, tmp_path: Path) -> None:
    """A release that an instructor edited, handed out and took back is known by its submissions."""
    path = course / "release" / ASSIGNMENT / "doubling.ipynb"
    generated = path.read_bytes()
    path.write_bytes(generated.replace(b"check.equal(square(1), 1)", b"check.equal(square(2), 4)"))
    nbgrader(course, "release_assignment", ASSIGNMENT, *make_exchange(tmp_path))
    submit_all(course, "ada")
    assert path.read_bytes() != generated
    path.write_bytes(generated)

    assert grade(Course(course), ASSIGNMENT).notes == {}


def test_autograde_and_coursework_grade_give_the_same(course: Path, tmp_path: Path) -> None:
    """On a class with broken submissions both ways write the same marks, comments and files."""
    submit_all(course, "ada")
    submit_all(course, "late", "2030-01-03 12:00:00 UTC")
    submit(course, "bob", double="def double(x):\n    return 3 * x", why="Because.")
    submit(course, "bob", "mean", mean="import sys\ndef mean(x): sys.exit()")
    submit(course, "cut", double=ANSWERS["double"])
    submit(course, "cut", "mean").write_bytes(b'{"cells": [')
    submit(course, "other").write_text("<html>")
    submit(course, "other", "mean", lambda notebook: notebook.cells.clear())
    submit(course, "mixed", change=lambda notebook: notebook.cells.reverse(), **ANSWERS)
    submit(course, "mixed", "mean", lambda notebook: notebook.cells.extend(notebook.cells[2:]))
    submit(course, "apart", change=lambda notebook: notebook.cells.append(BESIDE), mean="")
    submit(course, "merged", double=f"{ANSWERS['double']}\n\n{ANSWERS['square']}")
    submit(course, "link").unlink()
    (course / "submitted/link" / ASSIGNMENT / "doubling.ipynb").symlink_to(course / "gradebook.db")
    submit(course, "link", "mean")
    with (course / "course_config.py").open("a") as file:
        file.write("\nc.LateSubmissionPlugin.penalty_method = 'zero'\n")
    with Gradebook(f"sqlite:///{course}/gradebook.db", "ml-from-scratch") as gradebook:
        gradebook.update_or_create_assignment(ASSIGNMENT, duedate="2030-01-02 12:00:00 UTC")
    twin = tmp_path / "twin"
    shutil.copytree(course, twin, symlinks=True)
    # One secret for both, so that the random inputs are the same.
    (course / ".coursework-secret").write_text("ab" * 32)
    (twin / ".coursework-secret").write_text("ab" * 32)

    nbgrader(course, "autograde", ASSIGNMENT)
    result = grade(Course(twin), ASSIGNMENT, n_workers=2)

    assert result.failures == ()
    assert gradebook_of(course) == gradebook_of(twin)
    theirs, ours = files_of(course), files_of(twin)
    assert theirs == {name: ours[name] for name in theirs}
    assert gradebook_of(twin)["late", "mean"] == (5,)
    assert gradebook_of(twin)["mixed",][1] == 10
    assert gradebook_of(twin)["merged", "doubling", "test_square"][0] == 2
    assert gradebook_of(twin)["apart", "doubling", "why"] == (None, None, True)


def test_autograde_missing_notebook_gets_zero_with_a_cause_in_every_row(course: Path) -> None:
    """nbgrader alone gives 0 without a word; here comments and all rows say what is missing."""
    submit(course, "ada", "mean")
    (course / "submitted/bob" / ASSIGNMENT).mkdir(parents=True)
    for options in ((), ("--notebook=mean", "--force")):
        nbgrader(course, "autograde", ASSIGNMENT, *options)
        marks = gradebook_of(course)
        assert marks["ada", "doubling", "test_double"] == (0, None, False)
        (reason,) = marks["ada", "doubling", "double", ""]
        assert "doubling.ipynb was not submitted" in reason
        assert marks["ada", "mean", "test_mean"][0] == 5
        lacking = [row for row in rows(course, ASSIGNMENT) if row.points < row.max_points]
        assert len(lacking) == 3 + 4  # ada's and bob's; nobody marks what is not there
        assert all("was not submitted" in row.cause and row.is_final for row in lacking)


def test_autograde_takes_other_names_and_corrected_files(course: Path, tmp_path: Path) -> None:
    """nbgrader's own command finds a renamed notebook, and grades again what was corrected."""
    submit(course, "ada").rename(course / "submitted/ada" / ASSIGNMENT / "Copy of doubling.ipynb")
    nested = course / "submitted/bob" / ASSIGNMENT / ASSIGNMENT
    nested.mkdir(parents=True)
    for name in NOTEBOOKS:
        submit(course, "bob", name).rename(nested / f"{name}.ipynb")
    submit(course, "carol", double="def double(x):\n    return x - x")
    shutil.copytree(course, twin := tmp_path / "twin")
    (course / ".coursework-secret").write_text("ab" * 32)
    (twin / ".coursework-secret").write_text("ab" * 32)
    nbgrader(course, "autograde", ASSIGNMENT)
    grade(Course(twin), ASSIGNMENT, n_workers=1)
    assert gradebook_of(course) == gradebook_of(twin)
    assert files_of(course) == files_of(twin)
    marks = gradebook_of(course)
    scores = {student: marks[student,][1] for student in ("ada", "bob", "carol")}
    assert scores == {"ada": 5, "bob": 10, "carol": 0}

    before = {name: path.stat().st_mtime_ns for name, path in graded(course).items()}
    submit(course, "carol")
    log = nbgrader(course, "autograde", ASSIGNMENT)
    assert "Skipping existing assignment" in log
    assert gradebook_of(course)["carol",][1] == 5
    after = {name: path.stat().st_mtime_ns for name, path in graded(course).items()}
    assert {name for name in after if after[name] != before[name]} == {
        f"carol/{name}" for name in NOTEBOOKS
    }
    # Either way knows what the other has graded.
    assert grade(Course(course), ASSIGNMENT).skipped == 3


def graded(course: Path) -> dict[str, Path]:
    """Return the graded notebooks by student and name."""
    found = (course / "autograded").glob("*/*/*.ipynb")
    return {f"{path.parts[-3]}/{path.stem}": path for path in found}


def test_autograde_goes_on_where_a_submission_is_none(course: Path) -> None:
    """An invalid time, and a name that Formgrader would take for HTML, stop no others."""
    (submit_all(course, "ada") / "timestamp.txt").write_text("yesterday")
    submit_all(course, "<img src=x onerror=alert(1)>")
    (submit_all(course, "zoe") / "timestamp.txt").write_text("1:" + "9" * 36)
    log = nbgrader(course, "autograde", ASSIGNMENT, code=1)
    assert "SubmissionError: " in log
    assert "rename the folder" in log
    marks = gradebook_of(course)
    assert (marks["ada",][1], marks["zoe",][1]) == (10, 10)
    names = sorted(path.name for path in (course / "autograded").iterdir() if path.is_dir())
    assert [name for name in names if list((course / "autograded" / name).iterdir())] == [
        "ada",
        "zoe",
    ]
