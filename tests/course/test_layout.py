"""Finding a course and its lessons."""

from pathlib import Path

import pytest

from coursework.course.layout import Course, find_course
from coursework.errors import ConfigError


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """Return a course of three lessons."""
    (tmp_path / "course_config.py").write_text("c = get_config()\nc.A.b = 1\n")
    for name in ("b/y.md", "a/x.md", "a/w.md", "a/w.mistakes.toml"):
        path = tmp_path / "lessons" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    return Course(tmp_path)


def test_find_course_from_below(course: Course) -> None:
    """A course is found from any folder in it."""
    assert find_course(course.root / "lessons" / "a") == course


def test_find_course_none(tmp_path: Path) -> None:
    """Outside of a course the error says what is missing."""
    with pytest.raises(ConfigError, match="holds course_config"):
        find_course(tmp_path)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ((), ["a/w", "a/x", "b/y"]),
        (("a",), ["a/w", "a/x"]),
        (("b/", "a/x"), ["a/x", "b/y"]),
    ],
)
def test_lesson_files(course: Course, names: tuple[str, ...], expected: list[str]) -> None:
    """Lessons are chosen by assignment or one by one, and come in order."""
    found = [f"{path.parent.name}/{path.stem}" for path in course.lesson_files(*names)]
    assert found == expected


def test_lesson_files_unknown(course: Course) -> None:
    """An unknown name is an error, not an empty choice."""
    with pytest.raises(ConfigError, match="is called a/z, c"):
        course.lesson_files("a", "c", "a/z")


def test_assignments(course: Course) -> None:
    """Assignments are the folders that hold lessons, in order."""
    assert course.assignments() == ("a", "b")


def test_config(course: Course) -> None:
    """The configuration is read as nbgrader reads it, and its errors are reported."""
    assert course.config().A.b == 1
    (course.root / "course_config.py").write_text("1 / 0")
    with pytest.raises(ConfigError, match="ZeroDivisionError"):
        course.config()
