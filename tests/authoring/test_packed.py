"""Checks of truth values without names are found, with their lines."""

from pathlib import Path

import pytest

from coursework.authoring.packed import packed_checks
from coursework.course.lesson import read_lesson

LESSON = """# One

```python exercise="order"
def order(x):
    ### BEGIN SOLUTION
    return [x]
    ### END SOLUTION
```

```python test="order" points=1
came = order(1)
CHECK
```
"""
LINE = 12


def lines(tmp_path: Path, check: str) -> list[int]:
    """Return the lines of a lesson with this check that are warned of."""
    path = tmp_path / "00-a" / "one.md"
    path.parent.mkdir()
    path.write_text(LESSON.replace("CHECK", check))
    found = packed_checks(read_lesson(path))
    assert all("check.that(" in one.message for one in found)
    return [one.line for one in found]


@pytest.mark.parametrize(
    "check",
    [
        "check.equal([len(came), came[0] == 1], [1, True])",
        "check.equal((came[0] > 0, came[-1] > 0), (True, True))",
        "check.equal(pair(came), [1] + 2 * [True])",
        "check.close([1 in came, bool(came)], [1, 1])",
        "check.equal(len(came) < 2, True)",
        "check.equal(not came, False)",
        "check.equal(isinstance(came, list), True)",
        "check.equal(np.isfinite(came).all(), True)",
    ],
)
def test_packed_check(tmp_path: Path, check: str) -> None:
    """Lists of comparisons, and one alone, say of a failure only 0, 1, True or False."""
    assert lines(tmp_path, check) == [LINE]


@pytest.mark.parametrize(
    "check",
    [
        "check.that(len(came) < 2, 'it is short')",
        "check.equal({'length': len(came), 'first': came[0] == 1}, {'length': 1, 'first': True})",
        "check.equal(order(1), [True])",
        "check.equal(is_prime([2, 4]), [True, False])",
        "check.equal(is_prime(3), True)",
        "check.equal([len(came), came[0]], [1, 1])",
        "check.equal()",
    ],
)
def test_named_check(tmp_path: Path, check: str) -> None:
    """What has a name, or what a function returns, does not count as a list of truth values."""
    assert lines(tmp_path, check) == []
