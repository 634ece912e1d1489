"""A judge that is kept: what it knows is never older than the course."""

import json
from pathlib import Path

import pytest
from classroom import DOUBLING, answered, release

from coursework.course.layout import Course
from coursework.learner.checker import Checker, lesson_of_file

MISTAKES = '[[double]]\nold = "2 * x"\nnew = "x * x"\nhint = "This is the square."\n'


def written(course: Path, path: Path, **answers: str) -> Path:
    """Write a student's notebook to `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(answered(course, **answers)))
    return path


def test_checker_sees_what_changes(course: Path) -> None:
    """Answers, known mistakes and tests that are changed between two checks count in the second."""
    path = course / "work/a1/doubling.ipynb"
    with Checker(Course(course)) as checker:
        written(course, path, double="def double(x):\n    return x * x")
        assert [hint for one in checker.check(path).report.outcomes for hint in one.hints] == []
        (course / "lessons/a1/doubling.mistakes.toml").write_text(MISTAKES)
        assert checker.check(path).report.outcomes[0].hints == ("This is the square.",)
        release(course, DOUBLING.replace('test="double" points=3', 'test="double" points=4'))
        written(course, path)
        assert checker.check(path).report.points == 6


@pytest.mark.parametrize("name", ["a1/doubling.ipynb", "a1/mean.ipynb", "elsewhere/mine.ipynb"])
def test_lesson_is_known_by_its_cells_whatever_its_name(
    course: Path, tmp_path: Path, name: str
) -> None:
    """A file with the name of another lesson belongs to the lesson whose cells it holds."""
    path = written(course, tmp_path / name)
    assert lesson_of_file(Course(course), path) == ("a1", "doubling")
