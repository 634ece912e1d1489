"""The instructor's solutions, as functions that a test can call."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import ModuleType, SimpleNamespace

import matplotlib as mpl
import pytest

from coursework.course.lesson import read_lesson

LESSONS = Path(__file__).parents[2] / "lessons"


@cache
def _solve(assignment: str, name: str) -> SimpleNamespace:
    lesson = read_lesson(LESSONS / assignment / f"{name}.md")
    names: dict[str, object] = {"__name__": name}
    for cell in lesson.of_kind("given", "exercise"):
        code = compile(cell.source, f"{lesson.path}:{cell.line}", "exec")
        exec(code, names)
    return SimpleNamespace(**names)


@pytest.fixture(scope="session")
def solve() -> Callable[[str, str], SimpleNamespace]:
    """Return `solve(assignment, name)`: all that a lesson's given and exercise cells define.

    Cells run once a session, in order, with Matplotlib drawing to memory; cells tagged
    `show` and tests do not run.
    """
    mpl.use("Agg")
    return _solve


@pytest.fixture(scope="session")
def torch() -> ModuleType:
    """PyTorch, where it is installed."""
    return pytest.importorskip("torch")
