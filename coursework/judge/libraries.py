"""What of large libraries a lesson's own cells import, so that it can be imported once for all.

To import scikit-learn takes longer than to grade most notebooks.
"""

import ast
import functools
from collections.abc import Iterator

from coursework.course.lesson import Lesson
from coursework.course.names import UNREADABLE, without_magics

__all__ = ["LIBRARIES", "libraries_of"]

# Which may be imported before a fork: they start no thread and open no file as they are imported.
LIBRARIES = frozenset({"scipy", "sklearn"})


@functools.lru_cache(maxsize=64)
def libraries_of(lesson: Lesson) -> tuple[str, ...]:
    """Return what the given cells import from these libraries, as dotted names.

    The lesson's text alone says so, never a submission. Of `from a import b` it is `a.b`, which
    is no module where `b` is a function or a class: to import it imports `a` all the same.
    """
    cells = lesson.of_kind("given")
    return tuple(sorted({name for cell in cells for name in _imported(cell.source)}))


def _imported(source: str) -> Iterator[str]:
    """Yield what code imports as it runs; what its functions do, they do when they are called."""
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
