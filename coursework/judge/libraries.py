"""What a lesson's own cells import from large libraries, so that it can be imported just once.

Importing scikit-learn takes longer than grading most notebooks.
"""

import ast
import functools
from collections.abc import Iterator

from coursework.course.lesson import Lesson
from coursework.course.names import UNREADABLE, without_magics

__all__ = ["LIBRARIES", "libraries_of"]

# These may be imported before a fork: importing them starts no thread and opens no file.
LIBRARIES = frozenset({"scipy", "sklearn"})


@functools.lru_cache(maxsize=64)
def libraries_of(lesson: Lesson) -> tuple[str, ...]:
    """Return what the given cells import from these libraries, as dotted names.

    Only the lesson's text decides, never a submission. `from a import b` gives `a.b`, which is not
    a module if `b` is a function or a class: importing it still imports `a`.
    """
    cells = lesson.of_kind("given")
    return tuple(sorted({name for cell in cells for name in _imported(cell.source)}))


def _imported(source: str) -> Iterator[str]:
    """Yield what code imports when it runs; its functions import only when they are called."""
    try:
        body = ast.parse(without_magics(source)).body
    except UNREADABLE:
        return
    for node in body:
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        yield from (name for name in names if name.partition(".")[0] in LIBRARIES)
