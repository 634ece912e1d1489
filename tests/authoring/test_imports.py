"""What a lesson imports of other lessons, read off its cells."""

from pathlib import Path

import pytest

from coursework.authoring.imports import digests, imports_of, lacks
from coursework.course.lesson import read_lesson


def found(tmp_path: Path, code: str, marks: str = "") -> list[tuple[str, str, int]]:
    """Return what a lesson with this cell imports: module, name, line of the cell."""
    path = tmp_path / "one.md"
    path.write_text(f"# One\n\nimport coursework.built.prose\n\n```python{marks}\n{code}\n```\n")
    return [(one.module, one.name, one.line - 5) for one in imports_of(read_lesson(path))]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import coursework.built.x", [("x", "", 1)]),
        ("import math, coursework.built.x as y, coursework.built.z", [("x", "", 1), ("z", "", 1)]),
        ("from coursework.built import x, y as z", [("x", "", 1), ("y", "", 1)]),
        (
            "from coursework.built.x import (\n    f,\n    g as h,\n)",
            [("x", "f", 1), ("x", "g", 1)],
        ),
        ("from coursework.built.x import *", [("x", "*", 1)]),
        ("x = 1\ndef f():\n    if x:\n        import coursework.built.x", [("x", "", 4)]),
        ("%matplotlib inline\nimport coursework.built.x", [("x", "", 2)]),
        ("%%time\nimport coursework.built.x", [("x", "", 2)]),
        ("%%writefile built.txt\nno Python, but built", []),
        ("import coursework.built_by_others\nfrom coursework import check  # built", []),
        ("from .built import x", []),
        ("# from coursework.built import x", []),
    ],
)
def test_imports_in_all_forms(
    tmp_path: Path, code: str, expected: list[tuple[str, str, int]]
) -> None:
    """Every way to write an import counts, anywhere in the cell."""
    assert found(tmp_path, code, ' tags=["show"]') == expected


@pytest.mark.parametrize("marks", ["", ' exercise="f"', ' test="f"', ' tags=["yours"]'])
def test_imports_in_all_kinds_of_cells(tmp_path: Path, marks: str) -> None:
    """Cells of all kinds count, prose does not."""
    assert found(tmp_path, "import coursework.built.x", marks) == [("x", "", 1)]


def test_lacks() -> None:
    """A module has what it defines and what it imports; the module itself is always there."""
    text = "import math\nfrom a import b as c\n\nX = 1\n\n\ndef f():\n    y = 2\n"
    assert [name for name in ("math", "c", "X", "f", "", "*", "b", "y") if lacks(text, name)] == [
        "b",
        "y",
    ]


def test_digests_follow_imports() -> None:
    """A module counts with everything that it imports, recursively, each once, circles included."""
    texts = {
        "a": "from coursework.built.b import f\n",
        "b": "import coursework.built.c\nimport coursework.built.a\n",
        "c": "",
        "d": "",
    }
    before = digests(["a"], texts.__getitem__)
    assert list(before) == ["a", "b", "c"]
    after = digests(["a"], (texts | {"c": "X = 1\n"}).__getitem__)
    assert [name for name in before if before[name] != after[name]] == ["c"]
