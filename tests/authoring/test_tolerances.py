"""Checks that zero would pass are found, with their lines."""

from pathlib import Path

import pytest

from coursework.authoring.tolerances import empty_checks
from coursework.course.lesson import read_lesson

LESSON = """# One

```python
import numpy as np

from coursework import check


def small(value):
    check.close(value, 2e-12)
```

```python exercise="double"
def double(x):
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION
```

```python test="double" points=1
double(0.0)
CHECK
```
"""
IN_TEST, IN_HELPER = 22, 10


def lines(tmp_path: Path, check: str) -> list[int]:
    """Return the lines of a lesson with this check that are warned of."""
    path = tmp_path / "00-a" / "one.md"
    path.parent.mkdir()
    path.write_text(LESSON.replace("CHECK", check))
    found = empty_checks(read_lesson(path))
    assert all("zero passes too" in one.message for one in found)
    return [one.line for one in found]


@pytest.mark.parametrize(
    "check",
    [
        "check.close(double(1e-12), 2e-12)",
        "check.close(double(np.full(3, -1e-12)), np.full(3, -2e-12))",
        "check.close((double(1.0), [double(1e-12)]), (2.0, [2e-12]))",
        "check.close({'of': double(1e-3)}, {'of': 2e-3}, atol=0.1)",
        "check.gradient(2e-9 + 0 * double(0), lambda x: 2e-9 * x, 1.0)",
    ],
)
def test_empty_check(tmp_path: Path, check: str) -> None:
    """What is expected lies below the tolerance, but is not zero."""
    assert lines(tmp_path, check) == [IN_TEST]


@pytest.mark.parametrize(
    "check",
    [
        "check.close(double(1e-12), 2e-12, atol=0)",
        "check.close(double(0.0), 0.0)",
        "check.close(double(np.zeros(0)), np.zeros(0))",
        "check.close([double(1.0), double(1e-12)], [2.0, 2e-12])",
        "check.close(double(np.nan), np.nan)",
        "check.close('a', 'a')",
        "check.equal(double(1e-12), 2e-12)",
        "check.close(double(1.0), 2.0)",
    ],
)
def test_full_check(tmp_path: Path, check: str) -> None:
    """An expected zero, an entry that counts, and a tolerance of none leave something to check."""
    assert lines(tmp_path, check) == []


def test_empty_check_in_helper(tmp_path: Path) -> None:
    """A check in a function of the lesson is reported once, with its line there."""
    assert lines(tmp_path, "small(double(1e-12))\nsmall(double(1e-12))") == [IN_HELPER]
