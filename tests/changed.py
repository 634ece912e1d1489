"""Which tests of lessons a change cannot break: `pytest --changed` leaves them out."""

from collections.abc import Iterable
from pathlib import PurePath

__all__ = ["unbroken"]

_TREES = ("lessons", "source", "release", "solutions")
_TEXTS = ("README.md", "CHANGELOG.md", "docs")


def unbroken(files: Iterable[str], tests: Iterable[str]) -> set[str]:
    """Return the test files of lessons that a change of these files cannot break.

    It can break all of them where it touches more than lessons, their tests and texts:
    modules that are made of a lesson, for example, which others import.

    Parameters
    ----------
    files, tests : iterable of str
        Paths from the repository's root.
    """
    broken = [_test_of(PurePath(file)) for file in files]
    if None in broken:
        return set()
    return {test for test in tests if test.startswith("tests/lessons/") and test not in broken}


def _test_of(file: PurePath) -> str | None:
    """Return the test of a lesson's file; "" where none has to do with it, None where any may."""
    if file.match("tests/lessons/test_*.py"):
        return str(file)
    if file.parts[0] in _TREES and len(file.parts) == 3:
        number, name = file.parts[1].split("-")[0], file.name.split(".")[0]
        return f"tests/lessons/test_{number}_{name.replace('-', '_')}.py"
    return "" if file.parts[0] in _TEXTS else None
