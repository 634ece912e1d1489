"""`pytest --changed` leaves out tests of lessons that the change cannot break, and no others."""

from pathlib import Path

import pytest
from changed import unbroken

from coursework.course.layout import Course

ROOT = Path(__file__).parent.parent
TESTS = ["tests/lessons/test_01_least_squares.py", "tests/lessons/test_09_momentum.py"]


@pytest.mark.parametrize(
    ("files", "left_out"),
    [
        ([], TESTS),
        (["README.md", "docs/grading.md"], TESTS),
        (["lessons/09-optimizers/momentum.md"], TESTS[:1]),
        (["lessons/09-optimizers/momentum.audit.json", "README.md"], TESTS[:1]),
        (["solutions/01-linear-regression/least-squares.ipynb"], TESTS[1:]),
        ([TESTS[0]], TESTS[1:]),
        (["coursework/built/descent.py", "lessons/09-optimizers/momentum.md"], []),
        (["tests/lessons/optimizer_steps.py"], []),
        (["pyproject.toml"], []),
    ],
)
def test_unbroken(files: list[str], left_out: list[str]) -> None:
    """A lesson's files break its own test; anything else but text breaks all."""
    assert unbroken(files, [*TESTS, "tests/authoring/test_build.py"]) == set(left_out)


def test_each_lesson_has_its_test_file() -> None:
    """The name of a lesson gives the name of its test file."""
    for path in Course(ROOT).lesson_files():
        tests = {str(file.relative_to(ROOT)) for file in ROOT.glob("tests/lessons/test_*.py")}
        assert tests - unbroken([str(path.relative_to(ROOT))], tests), path
