"""A problem with a gradebook, a configuration or a name is reported in one line, with the remedy."""

import os
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from classroom import ASSIGNMENT, submit_all
from nbgrader.api import Gradebook
from sqlalchemy import text

from coursework.batch.grade import grade
from coursework.cli import main
from coursework.course.layout import Course
from coursework.errors import ConfigError
from coursework.gradebook import database
from coursework.gradebook.database import connected, wait_for_gradebook, waiting

COMMANDS = {
    "grade": ("grade", ASSIGNMENT, "--workers", "1"),
    "regrade": ("regrade", ASSIGNMENT),
    "feedback": ("feedback", ASSIGNMENT),
    "export": ("export", ASSIGNMENT, "--to", "marks.csv"),
}


@pytest.fixture(scope="module")
def graded_template(course_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a course in which one submission is graded."""
    root = shutil.copytree(course_template, tmp_path_factory.mktemp("graded") / "course")
    submit_all(root, "ada")
    grade(Course(root), ASSIGNMENT, n_workers=1)
    return root


@pytest.fixture
def graded(graded_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make such a course of the test's own, and go there."""
    root = shutil.copytree(graded_template, tmp_path / "course")
    monkeypatch.chdir(root)
    return root


def said_by(command: str, capsys: pytest.CaptureFixture[str]) -> str:
    """Run a command that finds the course broken; return the one line that it says."""
    with pytest.raises(SystemExit) as ended:
        main(list(COMMANDS[command]))
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1, lines
    assert ended.value.code == 2
    return lines[0]


def configure(root: Path, line: str) -> None:
    """Add a line to the course's configuration."""
    with (root / "course_config.py").open("a") as file:
        file.write(f"{line}\n")


@contextmanager
def locked(root: Path, kind: str, seconds: float = 60.0) -> Iterator[None]:
    """Lock the gradebook as another program would, for so many seconds at most."""
    is_over, is_locked = threading.Event(), threading.Event()

    def hold() -> None:
        connection = sqlite3.connect(root / "gradebook.db", isolation_level=None)
        connection.execute(f"BEGIN {kind}")
        is_locked.set()
        is_over.wait(seconds)
        connection.execute("ROLLBACK")
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    is_locked.wait()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def damage(kind: str, content: bytes) -> bytes:
    """Return what is left of a gradebook."""
    kinds = {
        "cut short": content[:5000],
        "text": b"no database at all, but a text of some length" * 9,
        "a head alone": content[:100] + bytes(len(content) - 100),
        "zeros": bytes(8192),
    }
    return kinds[kind]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("kind", ["cut short", "text", "a head alone", "zeros"])
def test_gradebook_that_is_damaged(
    graded: Path, capsys: pytest.CaptureFixture[str], command: str, kind: str
) -> None:
    """Every command names the file and says what to do."""
    path = graded / "gradebook.db"
    path.write_bytes(damage(kind, path.read_bytes()))
    said = said_by(command, capsys)
    assert f"{path} is damaged" in said
    assert "put a backup of it in its place" in said


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://me:geheim@localhost/x", "needs the Python package psycopg"),
        ("mysql+nodriver://me:geheim@localhost/x", "mysql.nodriver"),
        ("sqlite:////nowhere/gradebook.db", "unable to open database file"),
        ("sqlite:////", "c.CourseDirectory.db_url"),
        ("gradebook.db", "write it as sqlite:////path/gradebook.db"),
    ],
)
def test_gradebook_that_cannot_be_reached(
    graded: Path, capsys: pytest.CaptureFixture[str], command: str, url: str, words: str
) -> None:
    """A missing driver and an invalid URL are named; a password is not."""
    configure(graded, f"c.CourseDirectory.db_url = {url!r}")
    said = said_by(command, capsys)
    assert words in said
    assert "geheim" not in said


@pytest.mark.parametrize("command", COMMANDS)
def test_gradebook_that_stays_locked(
    graded: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    command: str,
) -> None:
    """A locked gradebook is waited for, and then the line says who else may hold it."""
    monkeypatch.setattr(database, "_SECONDS", 0.3)
    with locked(graded, "EXCLUSIVE"):
        said = said_by(command, capsys)
    assert "locked by another program" in said
    assert "Formgrader" in said


def test_gradebook_that_stays_locked_against_writing(
    graded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The grading ends with the reason: no other submission could be recorded either."""
    monkeypatch.setattr(database, "_SECONDS", 0.3)
    submit_all(graded, "bob")
    with (
        locked(graded, "IMMEDIATE"),
        pytest.raises(ConfigError, match="locked by another program") as raised,
    ):
        grade(Course(graded), ASSIGNMENT, n_workers=1)
    assert "sqlalche" not in str(raised.value)
    assert not (graded / "autograded/bob" / ASSIGNMENT).exists()
    assert grade(Course(graded), ASSIGNMENT, n_workers=1).graded == 1


@pytest.mark.parametrize("kind", ["IMMEDIATE", "EXCLUSIVE"])
def test_gradebook_that_is_locked_for_a_moment(graded: Path, kind: str) -> None:
    """It is waited for."""
    submit_all(graded, "bob")
    start = time.monotonic()
    with locked(graded, kind, seconds=1.0):
        result = grade(Course(graded), ASSIGNMENT, n_workers=1)
        assert time.monotonic() - start >= 1.0
    assert (result.graded, result.failures) == (1, ())


def test_gradebook_is_waited_for_half_a_minute(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By our commands, and by nbgrader's own once the course's configuration is loaded."""
    url = f"sqlite:///{course}/gradebook.db"
    with connected(url, "ml-from-scratch") as ours:
        assert ours.db.execute(text("PRAGMA busy_timeout")).scalar() == 30_000
    monkeypatch.setattr("nbgrader.api.create_engine", None)
    wait_for_gradebook()
    with Gradebook(url, "ml-from-scratch") as theirs:
        assert theirs.db.execute(text("PRAGMA busy_timeout")).scalar() == 30_000
    assert "wait_for_gradebook()" in (course / "course_config.py").read_text()


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("sqlite:////x/g.db", "sqlite:////x/g.db?timeout=30"),
        ("sqlite:////x/g.db?timeout=99", "sqlite:////x/g.db?timeout=99"),
        ("postgresql://me:geheim@host/x", "postgresql://me:geheim@host/x"),
    ],
)
def test_waiting_leaves_the_rest_of_a_place(given: str, taken: str) -> None:
    """Only SQLite's default is too short, and what a course has set stays."""
    assert waiting(given) == taken


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("c.RunJudge.cell_seconds = 'long'", "'cell_seconds' trait of a RunJudge"),
        ("c.RunJudge.figures = 'some'", "'figures' trait"),
        ("c.RunJudge = 3", "line"),
        ("c.CourseDirectory.db_url = 3", "'db_url' trait"),
        ("c.CourseDirectory.directory_structure = '{x}'", "KeyError: 'x'"),
        ("c.Autograde.permissions = 999", "base 8"),
        ("c.AssignLatePenalties.plugin_class = 'nope.Plugin'", "nope.Plugin"),
        ("c.AssignLatePenalties.plugin_class = 'nbgrader.plugins.base.BasePlugin'", "BasePlugin"),
        ("x = 1 / 0", "ZeroDivisionError"),
        ("import no_such_module", "no_such_module"),
        ("def (", "SyntaxError"),
    ],
)
@pytest.mark.parametrize("command", COMMANDS)
def test_configuration_that_is_wrong(
    graded: Path, capsys: pytest.CaptureFixture[str], command: str, line: str, words: str
) -> None:
    """A value of the wrong type, an invalid plugin and a line that raises are named."""
    configure(graded, line)
    said = said_by(command, capsys)
    assert words in said
    assert "course_config.py" in said
    assert " at 0x" not in said


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", ["hw+1", "+", "", "other", "x{y}", "..", "a\x1b[2Jb"])
@pytest.mark.usefixtures("graded")
def test_assignment_that_cannot_be_or_is_not(
    capsys: pytest.CaptureFixture[str], command: str, name: str
) -> None:
    """One line, which acts on no terminal."""
    with pytest.raises(SystemExit) as ended:
        main([name if word == ASSIGNMENT else word for word in COMMANDS[command]])
    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert len(said.strip().splitlines()) == 1
    assert "\x1b" not in said


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
def test_gradebook_that_may_not_be_written(graded: Path) -> None:
    """The line says whose right is missing."""
    submit_all(graded, "bob")
    (graded / "gradebook.db").chmod(0o444)
    with pytest.raises(ConfigError, match="may not be written"):
        grade(Course(graded), ASSIGNMENT, n_workers=1)
