"""A digest of code changes with what code does, and with nothing that it says about itself."""

import ast
from pathlib import Path

import pytest

import coursework
from coursework.audit.code import bare

CODE = '''
"""A module."""
from dataclasses import dataclass


@dataclass
class Point:
    x: float
    y: float = 0.0


def norm(p, scale=1.0, *rest, **more):
    total = p.x * p.x + p.y * p.y
    return scale * total ** 0.5
'''


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"""A module."""', '"""Another text."""'),
        ('"""A module."""', "# no text"),
        ("class Point:", 'class Point:\n    """A point of the plane."""\n'),
        (
            "def norm(p, scale=1.0, *rest, **more):",
            "def norm(p: Point, scale: float = 1.0, *rest: int, **more: str) -> float:",
        ),
        ("    total =", '    """Return the length."""\n    total ='),
        ("    total =", "    total: float ="),
        ("return scale *", "return cast(float, scale) *"),
        ("from dataclasses", "from typing import Any\nfrom dataclasses"),
        ("from dataclasses", "from collections.abc import Callable\nfrom dataclasses"),
    ],
)
def test_what_code_says_of_itself(old: str, new: str) -> None:
    """A comment, a docstring, a type, and what types need are left out."""
    assert old in CODE
    assert bare(CODE.replace(old, new)) == bare(CODE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("p.y * p.y", "p.x * p.y"),
        ("1.0", "1"),
        ("**more", "**less"),
        ("*rest", "*rest, z=0"),
        ("y: float = 0.0", "y: float"),
        ("    y: float = 0.0", "    y = 0.0"),
        ("x: float", "x: 'ClassVar[float]'"),
        ("@dataclass\n", "@dataclass(frozen=True)\n"),
        ("from dataclasses import dataclass", "from attrs import define as dataclass"),
        ("return scale", 'print("")\n    return scale'),
        ("return scale", '""\n    return scale'),
    ],
)
def test_what_code_does(old: str, new: str) -> None:
    """All else is kept: names, values, defaults, decorators, the fields of a dataclass."""
    assert old in CODE
    assert bare(CODE.replace(old, new)) != bare(CODE)


def test_a_text_is_kept_where_it_is_a_value() -> None:
    """Only a text alone at the head of a body is prose."""
    assert bare('x = "a"') != bare('x = "b"')
    assert bare('def f():\n    return "a"') != bare('def f():\n    return "b"')


def test_all_of_the_package_can_be_read() -> None:
    """Whatever syntax it uses."""
    for path in Path(coursework.__file__).parent.rglob("*.py"):
        assert bare(path.read_text("utf-8"))


def test_not_python() -> None:
    """A file that cannot be read is an error; an empty one is not."""
    with pytest.raises(SyntaxError):
        bare("def")
    assert bare("") == [ast.Module.__name__, {}]
